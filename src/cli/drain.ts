import type { Config } from '../config/options.ts';
import type { KindObject } from '../controller/kinds/kind-object.ts';
import { kindPath } from '../controller/kinds/kind-object.ts';
import { leaseLabels, leasePrefix } from '../controller/speaker/node-lease.ts';
import { speakersKind } from '../controller/speaker-view/speaker-record.ts';
import { type KubeClient, objectPath, patchType, statusOf } from '../kube/client.ts';
import { systemClock as clock, sleep } from '../kube/clock.ts';
import type { KubeList, Lease } from '../kube/objects.ts';
import { nearest } from '../provider/adapter/nearest.ts';
import { connectAs } from './connect-as.ts';
import { orUserError, UserError } from './user-error.ts';

const pollMs = 500;
const shown = 10;

/**
 * `fairlead drain <node>`: with the credentials of the person who runs it, marks the node's Speaker object, and waits until its speaker
 * announces nothing any more. 0: it does not; 1: it still did at the end of the time.
 */
export async function drain(config: Config): Promise<0 | 1> {
  const { drainedNode: node, undo, wait } = config;
  if (node === undefined) throw new UserError('no node is named: write fairlead drain <node>');
  const connection = await connectAs(config);
  try {
    await orUserError(() => checkNode(connection, node));
    await orUserError(() => mark(connection, node, !undo));
    if (undo) {
      say(`node ${node} may announce again: what has moved away stays where it is until its node goes`);
      return 0;
    }
    say(`node ${node} is marked: other nodes take its addresses over`);
    return wait ? await waitUntilQuiet(connection, node, config.waitTimeout) : 0;
  } finally {
    await connection.close();
  }
}

/** A typing error would wait for a node that is none. Who may not read Nodes goes on. */
async function checkNode(client: KubeClient, node: string): Promise<void> {
  try {
    await client.request({ method: 'GET', path: objectPath('/api/v1/nodes', node) });
  } catch (error) {
    if (statusOf(error) === 403) return;
    if (statusOf(error) !== 404) throw error;
    const nodes = await client.request<KubeList<KindObject>>({ method: 'GET', path: '/api/v1/nodes' });
    const suggestion = nearest(
      node,
      nodes.items.map(one => one.metadata.name),
    );
    const remedy = suggestion === undefined ? 'see kubectl get nodes' : `did you mean ${suggestion}?`;
    throw new UserError(`there is no node named ${node}: ${remedy}`);
  }
}

async function mark(client: KubeClient, node: string, isDrained: boolean): Promise<void> {
  const path = kindPath(speakersKind);
  const spec = { drain: isDrained };
  const patch = {
    method: 'PATCH',
    path: objectPath(path, node),
    contentType: patchType.merge,
    body: { spec },
  } as const;
  try {
    await client.request(patch);
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    const { group, version } = speakersKind;
    const body = { apiVersion: `${group}/${version}`, kind: 'Speaker', metadata: { name: node }, spec };
    await client.request({ method: 'POST', path, body }).catch((refusal: unknown) => {
      if (statusOf(refusal) !== 404) throw refusal;
      throw new UserError('the cluster has no kind Speaker: kubectl apply -k deploy/crds first');
    });
  }
}

async function waitUntilQuiet(client: KubeClient, node: string, timeoutMs: number): Promise<0 | 1> {
  const until = clock.monotonic() + timeoutMs;
  let told: string | undefined;
  for (;;) {
    const claims = await claimsOf(client, node);
    if (claims.length === 0) {
      say(`node ${node} announces nothing`);
      return 0;
    }
    if (!(await hasLiveSpeaker(client, node))) {
      say(`node ${node} has no living speaker: what is on its record (${claims.length}) is not announced there`);
      return 0;
    }
    const progress = `still announced there: ${claims.length}`;
    if (progress !== told) say(progress);
    told = progress;
    if (clock.monotonic() >= until) break;
    await sleep(clock, pollMs);
  }
  const left = await claimsOf(client, node);
  const more = left.length > shown ? ` and ${left.length - shown} more` : '';
  process.stderr.write(
    `fairlead: no other node has taken over ${left.slice(0, shown).join(', ')}${more}: see why in kubectl get speakers -o yaml. The node stays marked; fairlead drain ${node} --undo takes that back\n`,
  );
  return 1;
}

async function claimsOf(client: KubeClient, node: string): Promise<readonly string[]> {
  const path = objectPath(kindPath(speakersKind), node);
  const { status } = await client.request<KindObject>({ method: 'GET', path });
  const { claims } = (status ?? {}) as { readonly claims?: readonly { readonly address: string }[] };
  return (claims ?? []).map(one => one.address);
}

/** Where it cannot be known, it counts as alive. Its Lease may be in any namespace. */
async function hasLiveSpeaker(client: KubeClient, node: string): Promise<boolean> {
  const labelSelector = Object.entries(leaseLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join();
  const path = '/apis/coordination.k8s.io/v1/leases';
  try {
    const { items } = await client.request<KubeList<Lease>>({ method: 'GET', path, query: { labelSelector } });
    const spec = items.find(one => one.metadata.name === `${leasePrefix}${node}`)?.spec;
    if (spec === undefined || !spec.holderIdentity) return false;
    // A minute more than the Lease lasts: the clocks of two machines are compared here.
    return Date.parse(spec.renewTime ?? '') + (spec.leaseDurationSeconds ?? 0) * 1_000 + 60_000 > clock.now();
  } catch (error) {
    if (statusOf(error) === 403) return true;
    throw error;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
