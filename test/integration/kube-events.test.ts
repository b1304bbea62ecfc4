import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import { EventRecorder } from '../../src/kube/events.ts';
import type { KubeList, Service } from '../../src/kube/objects.ts';
import { kubeRequest, sharedCluster, uniqueNamespace } from '../support/cluster.ts';
import { isOfRepair } from '../support/repair-events.ts';

let connection: KubeConnection;

beforeAll(async () => {
  connection = await connect({ kubeconfig: sharedCluster().kubeconfig, userAgent: 'test', clock: systemClock });
});

afterAll(() => connection.close());

interface Stored {
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly involvedObject: { readonly uid: string };
  readonly source: { readonly component: string };
}

async function eventsIn(namespace: string): Promise<readonly Stored[]> {
  const list = await kubeRequest('GET', `/api/v1/namespaces/${namespace}/events`);
  return (list as KubeList<Stored>).items.filter(event => !isOfRepair(event));
}

function recorder(dropped: string[] = []): EventRecorder {
  return new EventRecorder({
    client: connection,
    clock: systemClock,
    random: Math.random,
    component: 'service-controller',
    identity: 'test',
    onDropped: reason => dropped.push(reason),
  });
}

async function service(namespace: string): Promise<Service> {
  const body = { metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } };
  return (await kubeRequest('POST', `/api/v1/namespaces/${namespace}/services`, body)) as Service;
}

test('Events of a Service, a repeat as a count, and Events of a Node', async () => {
  const namespace = await uniqueNamespace('events');
  const { metadata } = await service(namespace);
  const about = { kind: 'Service', apiVersion: 'v1', metadata };
  const node = {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: { name: 'n'.repeat(253), uid: namespace, resourceVersion: '1' },
  };
  const dropped: string[] = [];
  const events = recorder(dropped);
  const failed = { type: 'Warning', reason: 'SyncLoadBalancerFailed', message: 'ä'.repeat(2_000) } as const;
  events.record(about, failed);
  events.record(about, { type: 'Normal', reason: 'EnsuredLoadBalancer', message: 'Ensured load balancer' });
  events.record(node, { type: 'Normal', reason: 'Noted', message: namespace });
  await events.flush(5_000);
  events.record(about, failed);
  await events.flush(5_000);
  expect(dropped).toEqual([]);
  expect(await eventsIn(namespace)).toMatchObject([
    {
      reason: 'SyncLoadBalancerFailed',
      count: 2,
      involvedObject: { uid: metadata.uid },
      source: { component: 'service-controller' },
    },
    { reason: 'EnsuredLoadBalancer', count: 1 },
  ]);
  expect((await eventsIn('default')).filter(({ message }) => message === namespace)).toHaveLength(1);
});

test('a namespace that is going, or has gone, takes no Events, and nobody minds', async () => {
  const namespace = await uniqueNamespace('events');
  const { metadata } = await service(namespace);
  await kubeRequest('DELETE', `/api/v1/namespaces/${namespace}`);
  const dropped: string[] = [];
  const events = recorder(dropped);
  const normal = { type: 'Normal', reason: 'Noted', message: 'm' } as const;
  events.record({ kind: 'Service', apiVersion: 'v1', metadata }, normal);
  const gone = { ...metadata, namespace: `${namespace}-none`, uid: 'other' };
  events.record({ kind: 'Service', apiVersion: 'v1', metadata: gone }, normal);
  await events.flush(5_000);
  expect(dropped).toEqual([]);
});
