import { setTimeout as pause } from 'node:timers/promises';
import { Fairlead } from '../../../deploy/local-cluster/segment/fairlead.mjs';
import { Lab } from '../../../deploy/local-cluster/segment/lab.mjs';
import type { Pod, Segment, SegmentNode } from '../../../deploy/local-cluster/segment/segment.mjs';
import { type Kubectl, kubectlFor } from '../kubectl.ts';
import { showFailover } from './failover.ts';
import { keepRunning, type Stage, say, show } from './say.ts';
import { showAddress, showConditions, showDeletion, showEnd, showLonely } from './show-service.ts';

const pool = '198.18.0.10-198.18.0.250';
const ports = [{ name: 'http', port: 8080 }];

/** Nodes on a segment, whose speakers answer for the addresses: traffic flows, and goes on when the announcing node dies. */
export async function showWithNodes({ cleanUps, keep, signal }: Stage): Promise<void> {
  say(
    'Starting three nodes and a client, network namespaces on one segment; etcd and kube-apiserver; a kube-proxy in every node',
  );
  const lab = await Lab.start();
  cleanUps.push(() => lab.stop());
  signal.throwIfAborted();
  const { segment, cluster } = lab;
  show(...[...segment.nodes, segment.client].map(({ name, v4, mac }) => `${name}  ${v4}  ${mac}`));
  const kubectl = kubectlFor(lab.kubectl, cluster.kubeconfig, signal);

  say(`Starting the controller, with bare metal and the pool ${pool}; a speaker in every node`);
  const fairlead = await Fairlead.start(lab, { config: { pools: [pool] } });
  cleanUps.push(() => fairlead.stop());
  show(`their logs: ${cluster.dir}/fairlead-*.log`);
  signal.throwIfAborted();
  const pods = await Promise.all(segment.nodes.map(node => lab.addEchoPod(node)));
  await lab.setEndpoints({ service: 'web', ports, backends: pods });

  const address = await showAddress(kubectl);
  await showReply(segment, address, signal);
  const owner = await ownerOf(segment, address);
  show(`${owner.mac} is ${owner.name}: its speaker answers for ${address}`);
  await showConditions(kubectl, 'nodeAssigned');
  await leavePod(lab, kubectl, owner, pods);
  const heir = await showFailover(segment, owner, address, signal);
  await showClaim(kubectl, heir);
  await showLonely(kubectl);
  if (keep) {
    const curl = `ip netns exec ${segment.client.namespace.name} curl http://${address}/`;
    return keepRunning(cluster, lab.kubectl, signal, [curl]);
  }
  await showDeletion(kubectl, 'web', 'lonely');
  await showEnd(kubectl);
}

/** kube-proxy may need a moment to see the address. */
async function showReply({ client }: Segment, address: string, signal: AbortSignal): Promise<void> {
  say('The client asks it');
  const curl = ['--silent', '--include', '--max-time', '2', `http://${address}/`];
  process.stdout.write(`$ curl ${curl.slice(1).join(' ')}\n`);
  const deadline = performance.now() + 20_000;
  for (;;) {
    const reply = await client.namespace.run('curl', curl).catch(() => '');
    if (reply !== '') return show(...reply.trim().split(/\r?\n/));
    if (performance.now() > deadline) throw new Error(`${address} does not answer`);
    await pause(100, undefined, { signal });
  }
}

/** Whose hardware address the client has learned. */
async function ownerOf({ client, nodes, interface: device }: Segment, address: string): Promise<SegmentNode> {
  const neighbor = await client.namespace.run('ip', ['neighbor', 'show', address, 'dev', device]);
  const owner = nodes.find(({ mac }) => neighbor.includes(mac));
  if (owner === undefined) throw new Error(`the client knows no node for ${address}: ${neighbor}`);
  return owner;
}

/** A speaker records what it announces within seconds. */
async function showClaim(kubectl: Kubectl, node: string): Promise<void> {
  const claims = '-o=jsonpath={.status.claims[*].address}';
  await kubectl.until(text => text !== '', 'get', 'speakers.fairlead.dev', node, claims);
  await kubectl.show('get', 'speakers.fairlead.dev');
}

/** Kubernetes would notice a dead node's pods after 40 s; what is to be seen here is the address. */
async function leavePod(lab: Lab, kubectl: Kubectl, owner: SegmentNode, pods: readonly Pod[]): Promise<void> {
  say(`Taking the pod of ${owner.name} out of the Service, so that what follows is about the address alone`);
  await lab.setEndpoints({ service: 'web', ports, backends: pods.filter(({ node }) => node !== owner) });
  await kubectl.show('get', 'endpointslices', '--selector=kubernetes.io/service-name=web');
}
