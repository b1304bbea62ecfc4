import { describe, expect, test } from 'vitest';
import { type Loop, startLoop } from '../support/loop.ts';
import { LoopClock } from '../support/loop-clock.ts';
import { stateOf } from '../support/loop-users.ts';

/**
 * Rows N of the reference. Where it differs (DESIGN §9): readiness never counts, also with the other two marks of the matrix N13; the
 * autoscaler's taint (N5) and an address (N14) act at once. N20 is in loop-status.test.ts.
 */
const excludeLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';
const taint = (key: string) => ({ key, effect: 'NoSchedule' });
const leaving = taint('ToBeDeletedByClusterAutoscaler');
const ready = (status: string) => ({ type: 'Ready', status });
const patchOf = (name: string, body: object, subresource?: string) => (loop: Loop) =>
  loop.patchNode(name, body, subresource);
const both = ['n1', 'n2'];

interface Row {
  readonly name: string;
  readonly change: (loop: Loop) => Promise<unknown>;
  readonly node: string;
  /** The nodes behind every Service afterwards; undefined: nobody is asked. */
  readonly nodes?: readonly string[];
}

const rows: readonly Row[] = [
  { name: 'N1: an annotation', node: 'n2', change: patchOf('n2', { metadata: { annotations: { a: 'b' } } }) },
  { name: 'N1: a label of nobody’s', node: 'n2', change: patchOf('n2', { metadata: { labels: { a: 'b' } } }) },
  { name: 'N4: not ready', node: 'n2', change: patchOf('n2', { status: { conditions: [ready('False')] } }, '/status') },
  { name: 'N4: ready', node: 'n2', change: patchOf('n2', { status: { conditions: [ready('True')] } }, '/status') },
  { name: 'N4: unschedulable', node: 'n2', change: patchOf('n2', { spec: { unschedulable: true } }) },
  { name: 'a taint of dedicated nodes', node: 'n2', change: patchOf('n2', { spec: { taints: [taint('ingress')] } }) },
  { name: 'N2: another node', node: 'n3', change: loop => loop.createNode('n3'), nodes: [...both, 'n3'] },
  {
    name: 'N5: the autoscaler’s taint',
    node: 'n2',
    change: patchOf('n2', { spec: { taints: [leaving] } }),
    nodes: ['n1'],
  },
  ...['', 'true', 'foo'].map(value => ({
    name: `N7: the exclude label, "${value}"`,
    node: 'n2',
    change: patchOf('n2', { metadata: { labels: { [excludeLabel]: value } } }),
    nodes: ['n1'],
  })),
  {
    name: 'N8: the exclude label, "false"',
    node: 'n2',
    change: patchOf('n2', { metadata: { labels: { [excludeLabel]: 'false' } } }),
  },
  { name: 'N10: a node is deleted', node: 'n2', change: loop => loop.deleteNode('n2'), nodes: ['n1'] },
  {
    name: 'N11: a node is being deleted',
    node: 'n2',
    async change(loop) {
      await loop.patchNode('n2', { metadata: { finalizers: ['example.com/drain'] } });
      await loop.deleteNode('n2');
    },
    nodes: ['n1'],
  },
  {
    name: 'a providerID appears',
    node: 'n2',
    change: patchOf('n2', { spec: { providerID: 'x:///z/i-2' } }),
    nodes: both,
  },
  {
    name: 'N14: another address',
    node: 'n2',
    change: patchOf('n2', { status: { addresses: [{ type: 'InternalIP', address: '10.9.9.9' }] } }, '/status'),
    nodes: both,
  },
  {
    name: 'a node leaves the operator’s selector',
    node: 'n2',
    change: patchOf('n2', { metadata: { labels: { 'loop.test/of': 'elsewhere' } } }),
    nodes: ['n1'],
  },
];

describe.concurrent('what a change of a node asks for', () => {
  test.for(rows)('$name', async ({ change, node, nodes }) => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock, nodes: both });
    await Promise.all([
      loop.createServed('local-1', { externalTrafficPolicy: 'Local' }),
      loop.createServed('local-2', { externalTrafficPolicy: 'Local' }),
      loop.createServed('cluster'),
    ]);
    await loop.settle();
    const before = loop.world.calls.length;
    await change(loop);
    await known(loop, node);
    clock.jump(5_000);
    await loop.settle();
    const calls = loop.world.calls.slice(before).filter(call => !call.service.startsWith('marker'));
    expect(calls.map(call => call.service).sort()).toEqual(
      nodes === undefined ? [] : ['cluster', 'local-1', 'local-2'],
    );
    for (const service of ['cluster', 'local-1', 'local-2']) expect(nodesOf(loop, service)).toEqual(nodes ?? both);
  });

  test('N13: readiness, taints and the exclude label in all 27 combinations', async () => {
    await using loop = await startLoop({ nodes: [], started: false });
    const expected: string[] = [];
    for (const status of ['True', 'False', 'Unknown'])
      for (const taints of [[], [leaving], [taint('ingress')]])
        for (const label of [undefined, 'true', 'false']) {
          const name = `${status.toLowerCase()}-${taints[0]?.key.slice(0, 3).toLowerCase() ?? 'none'}-${label ?? 'none'}`;
          const labels = label === undefined ? {} : { [excludeLabel]: label };
          await loop.createNode(name, { labels, spec: { taints } });
          await loop.patchNode(name, { status: { conditions: [ready(status)] } }, '/status');
          if (taints[0] !== leaving && label !== 'true') expected.push(name);
        }
    await loop.start();
    await loop.createServed('web');
    expect(nodesOf(loop, 'web')).toEqual(expected.toSorted());
  });

  test('a Service’s own selector narrows the operator’s and never widens it', async () => {
    await using loop = await startLoop({ nodes: both, started: false });
    await loop.createNode('n3', { labels: { role: 'ingress' } });
    await loop.createNode('n4', { labels: { role: 'ingress', 'loop.test/of': 'elsewhere' } });
    await loop.start();
    await loop.createServed('wide');
    await loop.createServed('narrow', {}, { annotations: { 'fairlead.dev/node-selector': 'role=ingress' } });
    await loop.createServed('greedy', {}, { annotations: { 'fairlead.dev/node-selector': 'loop.test/of=elsewhere' } });
    expect(['wide', 'narrow', 'greedy'].map(service => nodesOf(loop, service))).toEqual([
      ['n1', 'n2', 'n3'],
      ['n3'],
      [],
    ]);
  });

  test('a change of a node concerns only the Services whose selector finds it', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock, nodes: both });
    await loop.createServed('wide');
    await loop.createServed('narrow', {}, { annotations: { 'fairlead.dev/node-selector': 'role=ingress' } });
    await loop.settle();
    await loop.createNode('n3');
    await known(loop, 'n3');
    clock.jump(5_000);
    await loop.settle();
    expect(loop.world.ensures('wide')).toHaveLength(2);
    expect(loop.world.ensures('narrow')).toHaveLength(1);
  });

  test('with no node the balancer is made all the same, with a Warning; the first node is told of', async () => {
    await using loop = await startLoop({ nodes: [] });
    const service = await loop.createServed('web');
    expect(stateOf(service, 'LoadBalancerServing')).toBe('True Serving');
    expect((await loop.told('web', 'UnAvailableLoadBalancer')).type).toBe('Warning');
    await loop.createNode('n1');
    await loop.until('the node is behind it', () => nodesOf(loop, 'web').length === 1);
    await loop.told('web', 'UpdatedLoadBalancer');
  });

  test('a change of nodes writes nothing to a Service', async () => {
    await using loop = await startLoop();
    await loop.createServed('web');
    await loop.settle();
    const before = await loop.get('web');
    await loop.createNode('n2');
    await loop.until('both nodes are behind it', () => nodesOf(loop, 'web').length === 2);
    await loop.told('web', 'UpdatedLoadBalancer');
    expect(await loop.get('web')).toEqual(before);
  });

  test('N16: a slow pass, a node and an edit in its middle: in the end all have everything, and no id was asked twice at once', async () => {
    await using loop = await startLoop();
    const names = ['web-1', 'web-2', 'web-3'];
    await Promise.all(names.map(name => loop.createServed(name)));
    const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
    for (const name of names)
      loop.world.ensureAnswers.set(name, async (_wanted, _call, make) => {
        await allowed;
        return make();
      });
    await loop.createNode('n2');
    await loop.until('the pass has begun', () => names.every(name => loop.world.ensures(name).length === 2));
    await loop.createNode('n3');
    await loop.patchSpec('web-1', { ports: [{ port: 81 }] });
    await known(loop, 'n3');
    allow();
    await loop.until('all have all', () => names.every(name => nodesOf(loop, name).length === 3));
    await loop.settle();
    for (const name of names) expect(nodesOf(loop, name)).toEqual(['n1', 'n2', 'n3']);
    expect(loop.world.balancerOf('web-1')?.loadBalancer.listeners).toMatchObject([{ port: 81 }]);
    expect(loop.world.overlaps).toEqual([]);
  });

  test('N17: a hundred nodes that come together are told together', async () => {
    await using loop = await startLoop();
    const names = await loop.createMany(50);
    await loop.settle();
    const before = loop.world.calls.length;
    await Promise.all(Array.from({ length: 100 }, (_, index) => loop.createNode(`more-${index}`)));
    await loop.until('all have all', () => names.every(name => nodesOf(loop, name).length === 101));
    await loop.settle();
    expect(loop.world.calls.length - before).toBeLessThan(names.length * 10);
  });

  test('N19: without Services of ours a change of nodes costs nothing', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock });
    await loop.create('plain', { type: 'ClusterIP', loadBalancerClass: undefined });
    await loop.createNode('n2');
    await known(loop, 'n2');
    clock.jump(5_000);
    await loop.settle();
    expect(loop.world.calls.filter(call => !call.service.startsWith('marker') && call.verb !== 'restore')).toEqual([]);
  });
});

/** Waits until the loop has the node as the API server has it. */
async function known(loop: Loop, node: string): Promise<void> {
  const name = loop.nodeName(node);
  await loop.until(`${node} is known as it is`, async () => {
    const found = await loop.findNode(node);
    return loop.built.controller.nodes.get(name)?.metadata.resourceVersion === found?.metadata.resourceVersion;
  });
}

/** Behind the balancer, as last asked for. */
function nodesOf(loop: Loop, service: string): readonly string[] {
  const backends = loop.world.balancerOf(service)?.loadBalancer.backends ?? [];
  return backends.map(backend => backend.node.slice(loop.namespace.length + 1));
}
