import type { HeldAddress } from './held-addresses.ts';

/** What to do once the pools are copied: in this order nothing is without an owner, and nothing has two. Pure. */
export function nextSteps(namespace: string, held: readonly HeldAddress[]): string {
  const foreign = [...new Set(held.filter(one => one.owner === undefined).map(one => one.service))];
  const namespaces = [...new Set(held.filter(one => one.owner === undefined).map(one => one.namespace))].toSorted();
  const adopt =
    foreign.length === 0
      ? ['  2. Every Service with an address of these pools is fairlead’s already: nothing is to be adopted.']
      : [
          `  2. Let fairlead adopt the ${foreign.length} Services that MetalLB serves. Allow it with ${namespaces.map(one => `--allow-adopt=${one}`).join(' ')}, then`,
          ...foreign.map(service => {
            const [where, name] = service.split('/');
            return `       kubectl -n ${where} annotate service ${name} fairlead.dev/adopt=true`;
          }),
          '     Each keeps its address; kubectl get service shows the condition LoadBalancerServing.',
        ];
  return [
    'Next, in this order:',
    '  1. Stop MetalLB, so that two do not answer for one address:',
    `       kubectl -n ${namespace} scale deployment --selector=app=metallb,component=controller --replicas=0`,
    `       kubectl -n ${namespace} delete daemonset --selector=app=metallb,component=speaker`,
    '     (a chart may label them otherwise), and start fairlead’s speakers at once: until then nobody answers new clients.',
    ...adopt,
    '  3. Now MetalLB’s own objects may go: first its L2Advertisements, then its IPAddressPools, then the chart with its',
    '     kinds. fairlead reads its own pools from now on.',
    '',
  ].join('\n');
}
