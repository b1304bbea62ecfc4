import { setTimeout as pause } from 'node:timers/promises';
import { type AwsClients, awsClients, emulatorEnv } from '../../../deploy/local-cluster/aws/clients.mjs';
import {
  type ReadBalancer,
  type ReadGroup,
  readBalancer,
  readGroups,
  readInventory,
} from '../../../deploy/local-cluster/aws/read-balancer.mjs';
import { type SeededNetwork, seedNetwork } from '../../../deploy/local-cluster/aws/seed-network.mjs';
import { ensureBinaries } from '../../../deploy/local-cluster/binaries.mjs';
import { startCluster } from '../../../deploy/local-cluster/cluster.mjs';
import { startMoto } from '../../../deploy/local-cluster/moto/moto.mjs';
import { type Kubectl, kubectlFor } from '../kubectl.ts';
import { nodesAtAws } from './objects.ts';
import { keepRunning, type Stage, say, show } from './say.ts';
import { showAddress, showConditions, showDeletion, showEnd, showEvents } from './show-service.ts';
import { startController } from './start-controller.ts';

const clusterName = 'demo';
const patienceMs = 30_000;

/** A control plane, and moto in the place of AWS: what a Service makes there, and that nothing stays. Packets do not flow: moto has no data plane. */
export async function showWithAws({ cleanUps, keep, signal }: Stage): Promise<void> {
  say('Starting etcd, kube-apiserver, and moto, an emulator of AWS');
  const { paths } = await ensureBinaries(['etcd', 'kube-apiserver', 'kubectl']);
  const kubectlPath = paths['kubectl'] ?? 'kubectl';
  const moto = await startMoto();
  cleanUps.push(() => moto.stop());
  const cluster = await startCluster();
  cleanUps.push(() => cluster.stop());
  signal.throwIfAborted();
  const clients = awsClients(moto.url);
  cleanUps.push(async () => clients.close());

  say('A network at AWS as clusters have it: a VPC, two public subnets, three instances; and a Node for each instance');
  const network = await seedNetwork(clients.ec2, { clusterName, instances: 3 });
  const kubectl = kubectlFor(kubectlPath, cluster.kubeconfig, signal);
  await kubectl.apply(...nodesAtAws(network.instances));
  show(
    `${network.vpcId}  subnets ${network.subnetIds.join(', ')}  security group of the nodes ${network.nodeSecurityGroup}`,
  );
  await kubectl.show('get', 'nodes', '-o=custom-columns=NAME:.metadata.name,PROVIDER ID:.spec.providerID');

  say('Starting the controller with the provider aws. Its only credentials are the variables of the SDK');
  show(...Object.entries(emulatorEnv(moto.url)).map(([name, value]) => `${name}=${value}`));
  const config = JSON.stringify({ vpcId: network.vpcId, clusterName });
  cleanUps.push(await startController(cluster, `aws=aws,default,config=${config}`, signal, emulatorEnv(moto.url)));
  await showLife(kubectl, clients, network, keep);
  if (!keep) return showEnd(kubectl);
  const script = `node deploy/aws/end-to-end.mjs --endpoint ${moto.url} --kubeconfig ${cluster.kubeconfig}`;
  return keepRunning(cluster, kubectlPath, signal, [`${script} --kubectl ${kubectlPath}`]);
}

async function showLife(kubectl: Kubectl, clients: AwsClients, network: SeededNetwork, keep: boolean): Promise<void> {
  const before = await readInventory(clients);
  const hostname = await showAddress(kubectl, 'hostname');
  await showConditions(kubectl);
  say('What stands at AWS, read through the SDK, past fairlead');
  showBalancer(await balancerWith(clients, hostname, 1));
  showGroups('of the nodes', await readGroups(clients, [network.nodeSecurityGroup]));

  say('A second port');
  const ports = JSON.stringify([{ op: 'add', path: '/spec/ports/-', value: { name: 'https', port: 443 } }]);
  await kubectl.show('patch', 'service', 'web', '--type=json', `--patch=${ports}`);
  showBalancer(await balancerWith(clients, hostname, 2));
  if (keep) return;

  await showDeletion(kubectl, 'web');
  await showEvents(kubectl, 'DeletedLoadBalancer');
  say('What is left at AWS of all that came');
  const left = (await readInventory(clients)).filter(line => !before.includes(line));
  if (left.length > 0) throw new Error(`left at AWS: ${left.join(', ')}`);
  show('nothing: no load balancer, no target group, no security group, no rule on the group of the nodes');
}

/** The balancer once it has so many listeners. */
async function balancerWith(clients: AwsClients, hostname: string, listeners: number): Promise<ReadBalancer> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = await readBalancer(clients, hostname);
    if (found?.listeners.length === listeners) return found;
    if (performance.now() > deadline) throw new Error(`no load balancer ${hostname} with ${listeners} listeners`);
    await pause(100);
  }
}

function showBalancer({ name, type, scheme, state, zones, listeners, securityGroups }: ReadBalancer): void {
  show(`load balancer ${name}: ${type}, ${scheme}, ${state}, in ${zones.join(' and ')}`);
  for (const { protocol, port, targets } of listeners)
    show(`  listener ${protocol} ${port} → targets ${targets.join(', ')}`);
  showGroups('of the balancer', securityGroups);
}

function showGroups(whose: string, groups: readonly ReadGroup[]): void {
  for (const { name, id, inbound } of groups)
    show(
      `  security group ${whose}, ${id} ${name}: ${inbound.length === 0 ? 'lets nothing in' : `lets in ${inbound.join(', ')}`}`,
    );
}
