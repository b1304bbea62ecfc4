import type { HeldAddress } from './held-addresses.ts';

/**
 * What to do once the pools are copied, in the order in which no address is without an owner for long, and none has two at once: a
 * speaker of ours that hears MetalLB answer for an address takes it for a foreign host. Pure.
 */
export function nextSteps(namespace: string, held: readonly HeldAddress[]): string {
  const foreign = held.filter(one => one.owner === undefined);
  const namespaces = [...new Set(foreign.map(one => one.namespace))].toSorted();
  const services = [...new Set(foreign.map(one => one.service))];
  const allow = namespaces.map(one => ` --allow-adopt=${one}`).join('');
  return [
    'Next, in this order:',
    `  1. Have fairlead run with the provider bare-metal${allow}, its speakers too. It leaves alone what MetalLB serves.`,
    '  2. Stop MetalLB, and wait until its speakers have ended: two must never answer for one address. For example',
    `       kubectl -n ${namespace} scale deployment --selector=app=metallb,component=controller --replicas=0`,
    `       kubectl -n ${namespace} delete daemonset --selector=app=metallb,component=speaker`,
    ...adoption(services),
    '  4. Now MetalLB’s own objects may go: its L2Advertisements, then its IPAddressPools, then the chart with its kinds.',
    '     fairlead reads its own pools from now on.',
    '',
  ].join('\n');
}

function adoption(services: readonly string[]): readonly string[] {
  if (services.length === 0)
    return ['  3. No Service is to be adopted: none has an address of these pools that fairlead did not give it.'];
  return [
    `  3. At once, let fairlead adopt the Services that MetalLB has served (${services.length}); each keeps its address:`,
    ...services.map(service => {
      const [namespace, name] = service.split('/');
      return `       kubectl -n ${namespace} annotate service ${name} fairlead.dev/adopt=true`;
    }),
  ];
}
