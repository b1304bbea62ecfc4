import { afterAll, beforeAll, expect, test } from 'vitest';
import { objectPath } from '../../src/kube/client.ts';
import { sleep, systemClock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import { type Leadership, runElection } from '../../src/kube/election.ts';
import { isNewer, type Lease } from '../../src/kube/objects.ts';
import { kubeRequest, sharedCluster, uniqueNamespace } from '../support/cluster.ts';

let connection: KubeConnection;
let namespace = '';

beforeAll(async () => {
  connection = await connect({ kubeconfig: sharedCluster().kubeconfig, userAgent: 'test', clock: systemClock });
  namespace = await uniqueNamespace('election');
});

afterAll(() => connection.close());

interface Candidate {
  readonly leaderships: Leadership[];
  readonly stop: AbortController;
  readonly ended: Promise<'stopped' | 'replaced'>;
}

function candidate(name: string, identity: string): Candidate {
  const leaderships: Leadership[] = [];
  const stop = new AbortController();
  const lead = (leadership: Leadership, stopping: AbortSignal): Promise<void> => {
    leaderships.push(leadership);
    return new Promise(resolve => {
      for (const signal of [stopping, leadership.signal])
        signal.addEventListener('abort', () => resolve(), { once: true });
    });
  };
  const times = { leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 400 };
  const options = { client: connection, clock: systemClock, random: Math.random, namespace, name, identity, lead };
  return { leaderships, stop, ended: runElection({ ...options, ...times }, stop.signal) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(systemClock, 5);
}

function pathOf(name: string): string {
  return objectPath('/apis/coordination.k8s.io/v1/namespaces', namespace, 'leases', name);
}

test('one of two leads; it hands over when it stops, with an epoch that grows', async () => {
  const a = candidate('handover', 'a');
  await until(() => a.leaderships.length === 1);
  const b = candidate('handover', 'b');
  await sleep(systemClock, 1_000);
  expect(b.leaderships).toHaveLength(0);
  a.leaderships[0]?.assertLeading();
  a.stop.abort();
  expect(await a.ended).toBe('stopped');
  expect(() => a.leaderships[0]?.assertLeading()).toThrow(/no longer holds the Lease/);
  await until(() => b.leaderships.length === 1);
  expect(isNewer(b.leaderships[0]?.epoch ?? '', a.leaderships[0]?.epoch ?? '')).toBe(true);
  const lease = (await kubeRequest('GET', pathOf('handover'))) as Lease;
  expect(lease.spec).toMatchObject({ holderIdentity: 'b', leaseDurationSeconds: 3, leaseTransitions: 1 });
  b.stop.abort();
  expect(await b.ended).toBe('stopped');
});

test('a Lease deleted under its holder is made again, with an epoch that grows', async () => {
  const a = candidate('deleted', 'a');
  await until(() => a.leaderships.length === 1);
  await kubeRequest('DELETE', pathOf('deleted'));
  await until(() => a.leaderships.length === 2);
  expect(isNewer(a.leaderships[1]?.epoch ?? '', a.leaderships[0]?.epoch ?? '')).toBe(true);
  expect(a.leaderships[0]?.signal.aborted).toBe(true);
  a.stop.abort();
  await a.ended;
});

test('a Lease that another has taken ends it', async () => {
  const a = candidate('taken', 'a');
  await until(() => a.leaderships.length === 1);
  const taken = async (): Promise<boolean> => {
    const lease = (await kubeRequest('GET', pathOf('taken'))) as Lease;
    const spec = { ...lease.spec, holderIdentity: 'b' };
    return kubeRequest('PUT', pathOf('taken'), { ...lease, spec }).then(
      () => true,
      () => false,
    );
  };
  // A renewal may come in between.
  while (!(await taken())) await sleep(systemClock, 5);
  expect(await a.ended).toBe('replaced');
  expect(a.leaderships[0]?.signal.aborted).toBe(true);
});
