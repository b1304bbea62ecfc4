import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GcpRig, published, warningsOf } from '../../../support/gcp/gcp-rig.ts';
import { nameOf } from '../../../support/gcp/schema/paths.ts';

let rig: GcpRig;
beforeEach(async () => {
  rig = await GcpRig.open();
});
afterEach(() => rig.close());

test('without nodes everything is made, with a Warning, and nodes that come take the traffic', async () => {
  rig.nodes = [];
  const first = await rig.ensure(rig.service(1));
  expect(warningsOf(first)).toEqual(['NoNodes']);
  expect(first.backends).toEqual({ registered: 0 });
  expect(rig.counts()).toEqual({ forwardingRules: 1, backendServices: 1, healthChecks: 1, firewalls: 2 });
  rig.nodes = [rig.node('n1', 0)];
  const after = await rig.ensure(published(rig.service(1), first));
  expect(warningsOf(after)).toEqual([]);
  expect(rig.members()).toEqual({ 'europe-west1-b': ['n1'] });
  expect(rig.only('backendServices')['backends']).toHaveLength(1);
});

test('nodes without a zone, of another project or region, or of another cloud are skipped and named', async () => {
  const odd = (node: string, providerId: string) => ({ node, providerId, zone: '', addresses: [] });
  rig.nodes = [
    rig.node('n1', 0),
    odd('no-zone', 'gce://demo-project//n2'),
    odd('other', 'gce://other-project/europe-west1-b/n3'),
    odd('far', 'gce://demo-project/us-east1-b/n4'),
    odd('bare', ''),
  ];
  const { backends } = await rig.ensure(rig.service(1));
  expect(backends).toMatchObject({ registered: 1 });
  expect(backends?.rejected?.map(({ node }) => node).toSorted()).toEqual(['bare', 'far', 'no-zone', 'other']);
  expect(rig.members()).toEqual({ 'europe-west1-b': ['n1'] });
});

test('an instance that is not there keeps no other out, and is named', async () => {
  rig.nodes = [rig.node('n1', 0), rig.node('ghost', 0), rig.node('n3', 0)];
  const { backends } = await rig.ensure(rig.service(1));
  expect(rig.members()).toEqual({ 'europe-west1-b': ['n1', 'n3'] });
  expect(backends).toMatchObject({ registered: 2, rejected: [{ node: 'ghost' }] });
});

describe('a failed look-up never empties a group', () => {
  test('when no node can be found any more, all stay', async () => {
    await rig.ensure(rig.service(1));
    rig.nodes = rig.nodes.map(node => ({ ...node, providerId: '' }));
    const { backends } = await rig.ensure(rig.service(1));
    expect(backends).toMatchObject({ registered: 0, rejected: [{ node: 'n1' }, { node: 'n2' }] });
    expect(rig.members()).toEqual({ 'europe-west1-b': ['n1'], 'europe-west1-c': ['n2'] });
  });

  test('one whose zone is not known for a while is neither added nor removed', async () => {
    await rig.ensure(rig.service(1));
    const [n1, n2] = rig.nodes;
    if (n1 === undefined || n2 === undefined) throw new Error('two nodes');
    rig.nodes = [{ ...n1, providerId: 'gce://demo-project//n1', zone: '' }, n2];
    await rig.ensure(rig.service(1));
    expect(rig.members()).toEqual({ 'europe-west1-b': ['n1'], 'europe-west1-c': ['n2'] });
  });

  test('when the group cannot be read after a restart, nothing is removed', async () => {
    const held = published(rig.service(1), await rig.ensure(rig.service(1)));
    await rig.restart([held]);
    rig.gce.faults.add({
      kind: 'refuse',
      method: 'instanceGroups.listInstances',
      times: 10,
      refusal: { http: 400, reason: 'invalid', message: 'no' },
    });
    await expect(rig.ensure(held)).rejects.toThrow(/instanceGroups.listInstances/);
    expect(rig.members()).toEqual({ 'europe-west1-b': ['n1'], 'europe-west1-c': ['n2'] });
  });

  test('nodes that other Services have stay, until the last one has let them go', async () => {
    const both = rig.nodes;
    const held = [1, 2].map(n => rig.service(n));
    for (const [n, one] of held.entries()) held[n] = published(one, await rig.ensure(one));
    await rig.restart(held);
    rig.nodes = both.slice(0, 1);
    await rig.ensure(rig.service(1));
    expect(rig.members()).toEqual({ 'europe-west1-b': ['n1'], 'europe-west1-c': ['n2'] });
    await rig.ensure(rig.service(2));
    expect(rig.members()).toEqual({ 'europe-west1-b': ['n1'], 'europe-west1-c': [] });
  });
});

test('an instance that is deleted leaves its group by itself, and is missed by nobody', async () => {
  rig.nodes = [...rig.nodes, rig.node('n3', 0)];
  await rig.ensure(rig.service(1));
  rig.server.fixture.removeInstance('n3', rig.server.fixture.zones[0]);
  rig.nodes = rig.nodes.slice(0, 2);
  await rig.ensure(rig.service(1));
  expect(rig.members()).toEqual({ 'europe-west1-b': ['n1'], 'europe-west1-c': ['n2'] });
});

test('a zone more is added to every Service’s backend service, a zone less stays there, empty', async () => {
  const [n1, n2] = rig.nodes;
  if (n1 === undefined || n2 === undefined) throw new Error('two nodes');
  rig.nodes = [n1];
  await rig.ensure(rig.service(1));
  rig.nodes = [n1, n2];
  expect(await rig.mutationsOf(() => rig.ensure(rig.service(1)))).toEqual([
    'instanceGroups.insert',
    'instanceGroups.addInstances',
    'backendServices.patch',
  ]);
  rig.nodes = [n1];
  expect(await rig.mutationsOf(() => rig.ensure(rig.service(1)))).toEqual(['instanceGroups.removeInstances']);
});

describe('an instance is in one load-balanced group only', () => {
  /** As another controller has it: a group with the node, behind a backend service. */
  function balance(name: string): string {
    const { project, region, zones } = rig.server.fixture;
    const { store } = rig.gce.world;
    const group = `projects/${project}/zones/${zones[0]}/instanceGroups/${name}`;
    const selfLink = `https://www.googleapis.com/compute/v1/${group}`;
    store.add(group, { name, selfLink }, 'ready').members.add(`projects/${project}/zones/${zones[0]}/instances/n1`);
    const service = `projects/${project}/regions/${region}/backendServices/other`;
    store.add(service, { name: 'other', backends: [{ group: selfLink }] }, 'ready');
    return group;
  }
  function groupsOf(): readonly string[] {
    const own = rig.all('backendServices').find(({ name }) => name !== 'other');
    return ((own?.['backends'] ?? []) as readonly { group: string }[]).map(({ group }) => nameOf(group));
  }

  test('the group of another controller that holds it is used, and not touched', async () => {
    const group = balance('k8s-ig--1');
    await rig.ensure(rig.service(1));
    expect(groupsOf()).toEqual(expect.arrayContaining(['k8s-ig--1']));
    const other = rig.gce.world.store.find(group);
    expect([...(other?.members ?? [])].map(nameOf)).toEqual(['n1']);
    await rig.delete(rig.service(1));
    expect(rig.counts()).toEqual({ instanceGroups: 1, backendServices: 1 });
  });

  test('by the operator’s prefix it is used from the beginning', async () => {
    balance('k8s-ig--1');
    await rig.restart([], { instanceGroupPrefix: 'k8s-ig' });
    const requests = await rig.mutationsOf(() => rig.ensure(rig.service(1)));
    expect(requests.filter(method => method === 'backendServices.insert')).toHaveLength(1);
    expect(groupsOf().toSorted()).toEqual(['fl-1g8d2pxb-nodes', 'k8s-ig--1']);
    expect(rig.members()).toMatchObject({ 'europe-west1-c': ['n2'] });
  });

  test('while another controller uses our group, the last deletion leaves it there and succeeds', async () => {
    await rig.ensure(rig.service(1));
    const { project, region } = rig.server.fixture;
    const [group] = rig.all('instanceGroups');
    const service = `projects/${project}/regions/${region}/backendServices/other`;
    rig.gce.world.store.add(service, { name: 'other', backends: [{ group: group?.['selfLink'] }] }, 'ready');
    expect(await rig.delete(rig.service(1))).toEqual({ state: 'deleted' });
    expect(rig.counts()).toEqual({ instanceGroups: 1, backendServices: 1 });
  });
});

test('a node that somebody has taken out of its group comes back at the next verification', async () => {
  await rig.restart([], { verifySeconds: 0 });
  const first = await rig.ensure(rig.service(1));
  for (const { members } of rig.gce.world.store.all('instanceGroups')) members.clear();
  await rig.ensure(published(rig.service(1), first));
  expect(rig.members()).toEqual({ 'europe-west1-b': ['n1'], 'europe-west1-c': ['n2'] });
});

test('a zone in trouble stops no balancer: it is made over the other zones, published, and that one tried again', async () => {
  const both = rig.nodes;
  rig.nodes = both.slice(0, 1);
  await rig.ensure(rig.service(1));
  rig.nodes = both;
  const refusal = { http: 503, reason: 'backendError', message: 'the zone is in trouble' };
  rig.gce.faults.add({ kind: 'refuse', method: 'instanceGroups.insert', times: Number.POSITIVE_INFINITY, refusal });
  const first = await rig.ensure(rig.service(2));
  expect(first).toMatchObject({
    state: 'pending',
    reason: expect.stringMatching(/not up to date in europe-west1-c .*the zone is in trouble/) as string,
    ingress: [{ ip: expect.any(String) as string }],
  });
  rig.gce.faults.clear();
  expect(await rig.ensure(published(rig.service(2), first))).toMatchObject({ state: 'ready', ingress: first.ingress });
  expect(rig.members()).toEqual({ 'europe-west1-b': ['n1'], 'europe-west1-c': ['n2'] });
  expect(rig.all('backendServices').map(({ backends }) => (backends as readonly unknown[]).length)).toContain(2);
});
