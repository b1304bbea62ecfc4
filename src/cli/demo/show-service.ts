import type { Kubectl } from '../kubectl.ts';
import { lonely, web } from './objects.ts';
import { say } from './say.ts';

const conditionsTemplate =
  '{range .status.conditions[*]}{.type}={.status}  {.reason}  {.message}{"\\n"}{end}finalizers: {.metadata.finalizers}{"\\n"}';

/** Creates a Service and shows how its address comes. Returns the address. */
export async function showAddress(kubectl: Kubectl, by: 'ip' | 'hostname' = 'ip'): Promise<string> {
  say('A Service of type LoadBalancer');
  const watch = kubectl.watch('get', 'services', '--field-selector=metadata.name=web');
  await kubectl.apply(web);
  const path = `jsonpath={.status.loadBalancer.ingress[0].${by}}`;
  await kubectl.run('wait', 'service/web', `--for=${path}`, '--timeout=30s');
  await watch.stop();
  return kubectl.run('get', 'service', 'web', `-o=${path}`);
}

export async function showConditions(kubectl: Kubectl, lastEvent = 'EnsuredLoadBalancer'): Promise<void> {
  say('What the object says of itself: its conditions, its finalizers, its Events');
  await kubectl.show('get', 'service', 'web', `-o=jsonpath=${conditionsTemplate}`);
  await showEvents(kubectl, lastEvent);
}

export async function showLonely(kubectl: Kubectl): Promise<void> {
  say('A second Service, of a class that no provider serves: it works as a NodePort, and says so');
  await kubectl.apply(lonely);
  await kubectl.run('wait', 'service/lonely', '--for=condition=LoadBalancerServing=false', '--timeout=30s');
  await kubectl.show('get', 'service', 'lonely');
  await kubectl.show('get', 'service', 'lonely', `-o=jsonpath=${conditionsTemplate}`);
}

export async function showDeletion(kubectl: Kubectl, ...names: readonly string[]): Promise<void> {
  say(`Deleting ${names.join(' and ')}`);
  await kubectl.show('delete', 'service', ...names, '--timeout=30s');
}

export async function showEnd(kubectl: Kubectl): Promise<void> {
  await kubectl.show('get', 'services', '--all-namespaces');
  say('Nothing is left. Next: README.md, and providers/README.md for a provider of your own');
}

/** The Events of the Service, once one with this reason is among them. */
export async function showEvents(kubectl: Kubectl, reason: string): Promise<void> {
  const ofWeb = '--field-selector=involvedObject.name=web';
  await kubectl.until(text => text.includes(reason), 'get', 'events', ofWeb, '-o=jsonpath={.items[*].reason}');
  await kubectl.show('get', 'events', ofWeb, '-o=custom-columns=TYPE:.type,REASON:.reason,MESSAGE:.message');
}
