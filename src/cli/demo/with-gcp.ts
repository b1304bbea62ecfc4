import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureBinaries } from '../../../deploy/local-cluster/binaries.mjs';
import { startCluster } from '../../../deploy/local-cluster/cluster.mjs';
import { spawnGuarded } from '../../../deploy/local-cluster/guarded-process.mjs';
import { type Kubectl, kubectlFor } from '../kubectl.ts';
import { nodesAtGoogle } from './objects.ts';
import { GceReader, type ReadRule } from './read-gce.ts';
import { keepRunning, type Stage, say, show } from './say.ts';
import { showAddress, showConditions, showDeletion, showEnd, showEvents } from './show-service.ts';
import { startController } from './start-controller.ts';

/** Never published, as the demo is not: it stands in the place of an emulator, which nobody has written. */
const fake = fileURLToPath(new URL('../../../test/support/gcp/gce-server.ts', import.meta.url));
const patienceMs = 30_000;

/** A control plane, and a fake in the place of Google Cloud: what a Service makes there, and that nothing stays. Packets do not flow. */
export async function showWithGcp({ cleanUps, keep, signal }: Stage): Promise<void> {
  say('Starting etcd, kube-apiserver, and a fake of Google Cloud’s Compute Engine');
  const { paths } = await ensureBinaries(['etcd', 'kube-apiserver', 'kubectl']);
  const kubectlPath = paths['kubectl'] ?? 'kubectl';
  const { endpoint, stop } = await startFake();
  cleanUps.push(stop);
  const cluster = await startCluster();
  cleanUps.push(() => cluster.stop());
  signal.throwIfAborted();

  say('A project as clusters have it: a network, three instances in two zones; and a Node for each instance');
  const kubectl = kubectlFor(kubectlPath, cluster.kubeconfig, signal);
  await kubectl.apply(...nodesAtGoogle);
  await kubectl.show('get', 'nodes', '-o=custom-columns=NAME:.metadata.name,PROVIDER ID:.spec.providerID');

  const { hostname: host, port } = new URL(endpoint);
  const config = JSON.stringify({
    project: 'demo-project',
    region: 'europe-west1',
    endpoint: { host, port: Number(port) },
    credentials: 'none',
  });
  say('Starting the controller with the provider gcp');
  show(`config: ${config}`);
  cleanUps.push(await startController(cluster, `gcp=gcp,default,config=${config}`, signal));
  await showLife(kubectl, new GceReader(endpoint), keep);
  if (!keep) return showEnd(kubectl);
  const rules = `curl ${endpoint}/compute/v1/projects/demo-project/regions/europe-west1/forwardingRules`;
  return keepRunning(cluster, kubectlPath, signal, [rules]);
}

async function showLife(kubectl: Kubectl, gce: GceReader, keep: boolean): Promise<void> {
  const address = await showAddress(kubectl);
  await showConditions(kubectl);
  say('What stands at Google Cloud, read over its API, past fairlead');
  await rulesFor(gce, ['80']);
  show(...(await gce.objects()));

  say('A second port: one forwarding rule more, at the same address');
  const ports = JSON.stringify([{ op: 'add', path: '/spec/ports/-', value: { name: 'https', port: 443 } }]);
  await kubectl.show('patch', 'service', 'web', '--type=json', `--patch=${ports}`);
  const rules = await rulesFor(gce, ['80', '443']);
  for (const rule of rules) show(`forwarding rule ${rule.name}: ${rule.protocol} ${rule.ports} at ${rule.address}`);
  if (rules.some(rule => rule.address !== address)) throw new Error(`the address is not ${address} any more`);
  if (keep) return;

  await showDeletion(kubectl, 'web');
  await showEvents(kubectl, 'DeletedLoadBalancer');
  say('What is left at Google Cloud of all that came');
  const left = await gce.objects();
  if (left.length > 0) throw new Error(`left at Google Cloud: ${left.join(', ')}`);
  show(
    'nothing: no forwarding rule, no backend service, no health check, no instance group, no address, no firewall rule',
  );
}

/** The rules once they serve these ports. */
async function rulesFor(gce: GceReader, ports: readonly string[]): Promise<readonly ReadRule[]> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const rules = await gce.rules();
    if (ports.every(port => rules.some(rule => rule.ports === port))) return rules;
    if (performance.now() > deadline) throw new Error(`no forwarding rules for the ports ${ports.join(' and ')}`);
    await pause(100);
  }
}

/** A process of its own, which ends with its standard input, and so with the demo. */
async function startFake(): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const child = spawnGuarded(process.execPath, [fake], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.stdin?.end();
    await ended;
  };
  if (child.stdout === null) throw new Error('the fake of Google Cloud has no output');
  for await (const endpoint of createInterface({ input: child.stdout })) return { endpoint, stop };
  throw new Error('the fake of Google Cloud has ended before it began');
}
