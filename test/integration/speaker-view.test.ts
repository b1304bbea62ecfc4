import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patchType } from '../../src/kube/client.ts';
import type { FakeAnnouncer } from '../support/fake-announcer.ts';
import { advertise } from '../support/speaker-provider.ts';
import { hoursAgo, type Speakers, startSpeakers } from '../support/speakers.ts';

/** Speakers belong to the cluster, which other tests share: none of them claims an address that begins so. */
const unclaimed = '198.18.210';

/** Two speakers in a cluster of three nodes, and what the first of them is told. */
async function twoSpeakers() {
  const speakers = await startSpeakers();
  await Promise.all(['n1', 'n2', 'n3'].map(name => speakers.createNode(name, { rack: name === 'n1' ? 'a' : 'b' })));
  const [told, other] = [await speakers.start('n1'), await speakers.start('n2')];
  return { speakers, told, other, [Symbol.asyncDispose]: () => speakers[Symbol.asyncDispose]() };
}

describe.concurrent('what an announcer is told', () => {
  let speakers: Speakers;
  let told: FakeAnnouncer;
  let address = 0;
  const nextAddress = (): string => `${unclaimed}.${++address}`;
  const becomes = (ip: string, expected: string): Promise<void> =>
    speakers.until(
      `the candidates of ${ip} are ${expected}`,
      () => speakers.candidates(told.view, ip)?.join() === expected,
    );

  beforeAll(async () => {
    ({ speakers, told } = await twoSpeakers());
  });
  afterAll(() => speakers[Symbol.asyncDispose]());

  test('every address of ours, with the nodes that have a speaker, as one frozen array for all', async () => {
    await speakers.publish('dual', ['198.18.0.2', '2001:DB8::53']);
    await becomes('198.18.0.2', 'n1,n2');
    await becomes('2001:db8::53', 'n1,n2');
    const [one, other] = ['198.18.0.2', '2001:db8::53'].map(ip => speakers.entry(told.view, ip));
    expect(one?.candidates).toBe(other?.candidates);
    expect([told.view, told.view?.addresses, one, one?.candidates].every(Object.isFrozen)).toBe(true);
  });

  test('all speakers with the state of their Leases', async () => {
    await speakers.until('both are fresh', () =>
      ['n1', 'n2'].every(name => speakers.node(told.view, name)?.lease === 'fresh'),
    );
    expect(speakers.node(told.view, 'n2')?.bootId).toBe((await speakers.lease('n2'))?.spec.holderIdentity);
    expect(speakers.node(told.view, 'n3')).toBeUndefined();
  });

  test('nobody where no endpoint takes traffic, and again all where one does', async () => {
    const ip = nextAddress();
    await speakers.publish('empty', [ip], { endpoints: [] });
    await becomes(ip, '');
    await speakers.setEndpoints('empty', [
      { node: 'n3', conditions: { ready: false, serving: true, terminating: true } },
    ]);
    await becomes(ip, 'n1,n2');
    await speakers.setEndpoints('empty', [{ node: 'n3', conditions: { ready: false } }]);
    await becomes(ip, '');
    expect(speakers.entry(told.view, ip)).toMatchObject({ candidates: [] });
  });

  test('under policy Local the nodes with an endpoint', async () => {
    const ip = nextAddress();
    await speakers.publish('local', [ip], { spec: { externalTrafficPolicy: 'Local' }, endpoints: ['n2', 'n3'] });
    await becomes(ip, 'n2');
    await speakers.setEndpoints('local', [{ node: 'n1' }, { node: 'n2' }]);
    await becomes(ip, 'n1,n2');
    expect(speakers.candidates(told.view, ip)).toEqual(['n1', 'n2']);
  });

  test('the nodes that the Service itself selects', async () => {
    const ip = nextAddress();
    await speakers.publish('narrow', [ip], { metadata: { annotations: { 'fairlead.dev/node-selector': 'rack=b' } } });
    await becomes(ip, 'n2');
    expect(speakers.candidates(told.view, ip)).toEqual(['n2']);
  });

  test('an address of two Services until the last has left it', async () => {
    const ip = nextAddress();
    const path = `/api/v1/namespaces/${speakers.namespace}/services`;
    await speakers.publish('tcp', [ip]);
    await speakers.publish('udp', [ip], { metadata: { annotations: { 'fairlead.dev/node-selector': 'rack=a' } } });
    await becomes(ip, 'n1');
    await speakers.admin.request({ method: 'DELETE', path: `${path}/udp` });
    await becomes(ip, 'n1,n2');
    await speakers.admin.request({ method: 'DELETE', path: `${path}/tcp` });
    await speakers.until('it is gone', () => speakers.entry(told.view, ip) === undefined);
    expect(speakers.entry(told.view, ip)).toBeUndefined();
  });

  test('nothing of an address without our mark', async () => {
    const [foreign, ours] = [nextAddress(), nextAddress()];
    const { metadata } = await speakers.publish('foreign', [foreign]);
    const path = `/api/v1/namespaces/${speakers.namespace}/services/${metadata.name}/status`;
    const body = { status: { conditions: [] } };
    await speakers.admin.request({ method: 'PATCH', path, contentType: patchType.merge, body });
    await speakers.publish('marker', [ours]);
    await becomes(ours, 'n1,n2');
    await speakers.until('it is gone', () => speakers.entry(told.view, foreign) === undefined);
    expect(speakers.entry(told.view, foreign)).toBeUndefined();
  });

  test('that it may be new only where records older than its publication do not have it', async () => {
    const [newer, older] = [nextAddress(), nextAddress()];
    await speakers.recording('n1', 'n2');
    await speakers.publish('new', [newer], { servedSince: hoursAgo(-1) });
    await speakers.publish('old', [older], { servedSince: hoursAgo(1) });
    await becomes(newer, 'n1,n2');
    await becomes(older, 'n1,n2');
    expect(speakers.entry(told.view, newer)?.announcedBefore).toBe(false);
    expect(speakers.entry(told.view, older)?.announcedBefore).toBe(true);
  });
});

describe.concurrent('a node', () => {
  const exclude = 'node.kubernetes.io/exclude-from-external-load-balancers';
  const rows: readonly {
    name: string;
    out: (speakers: Speakers) => Promise<unknown>;
    back?: (speakers: Speakers) => Promise<unknown>;
  }[] = [
    {
      name: 'with the exclude label',
      out: speakers => speakers.patchNode('n2', { metadata: { labels: { [exclude]: '' } } }),
      back: speakers => speakers.patchNode('n2', { metadata: { labels: { [exclude]: null } } }),
    },
    {
      name: 'that the operator’s selector leaves out',
      out: speakers => speakers.patchNode('n2', { metadata: { labels: { 'speaker.test/of': 'others' } } }),
    },
    {
      name: 'without a network',
      out: speakers =>
        speakers.patchNode(
          'n2',
          { status: { conditions: [{ type: 'NetworkUnavailable', status: 'True' }] } },
          '/status',
        ),
      back: speakers =>
        speakers.patchNode(
          'n2',
          { status: { conditions: [{ type: 'NetworkUnavailable', status: 'False' }] } },
          '/status',
        ),
    },
    {
      name: 'that the autoscaler will remove',
      out: speakers =>
        speakers.patchNode('n2', {
          spec: { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] },
        }),
    },
    {
      name: 'that was drained',
      out: speakers => speakers.drain('n2', true),
      back: speakers => speakers.drain('n2', false),
    },
    {
      name: 'that was deleted',
      out: speakers => speakers.admin.request({ method: 'DELETE', path: `/api/v1/nodes/${speakers.nodeName('n2')}` }),
    },
  ];

  test.for(rows)('$name is no candidate, and its own status says so', async ({ name, out, back }) => {
    await using stage = await twoSpeakers();
    const { speakers, told, other } = stage;
    await speakers.publish('web', ['198.18.0.1']);
    const becomes = (expected: string): Promise<void> =>
      speakers.until(`the candidates are ${expected} (${name})`, () =>
        [told, other].every(one => speakers.candidates(one.view, '198.18.0.1')?.join() === expected),
      );
    await becomes('n1,n2');
    await speakers.until('there is a record', async () => (await speakers.speakerObject('n2'))?.status !== undefined);
    await out(speakers);
    await becomes('n1');
    await speakers.until('the refusal is on record', async () => {
      const refusals = (await speakers.speakerObject('n2'))?.status?.refusals;
      return refusals?.length === 1 && refusals[0]?.address === '198.18.0.1';
    });
    await back?.(speakers);
    if (back !== undefined) await becomes('n1,n2');
    expect(speakers.candidates(told.view, '198.18.0.1')).toEqual(back === undefined ? ['n1'] : ['n1', 'n2']);
  });
});

test('the operator’s configuration says who announces an address, and where', async () => {
  await using stage = await twoSpeakers();
  const { speakers, told, other } = stage;
  advertise(speakers.namespace, (address, service) => ({
    id: `${address} ${service.annotations['speaker.test/rack']}`,
    interfacesOn: ({ rack }) =>
      rack === service.annotations['speaker.test/rack'] && service.annotations['other.test/x'] === undefined
        ? [`eth-${rack}`]
        : undefined,
  }));
  const annotations = { 'speaker.test/rack': 'a', 'other.test/x': 'not the provider’s' };
  await speakers.publish('web', ['198.18.0.1'], { metadata: { annotations } });
  await speakers.until('it is told', () => speakers.candidates(told.view, '198.18.0.1')?.join() === 'n1');
  await speakers.until('the other too', () => speakers.candidates(other.view, '198.18.0.1')?.join() === 'n1');
  expect(speakers.entry(told.view, '198.18.0.1')?.interfaces).toEqual(['eth-a']);
  expect(speakers.entry(other.view, '198.18.0.1')?.interfaces).toBeUndefined();
});

test('claims on record are told to the others, and an address once on record is never new again', async () => {
  await using stage = await twoSpeakers();
  const { speakers, told, other } = stage;
  const recorded = `${unclaimed}.250`;
  await speakers.recording('n1', 'n2');
  await speakers.publish('web', [recorded], { servedSince: hoursAgo(-1) });
  await speakers.until('it is new', () => speakers.entry(told.view, recorded)?.announcedBefore === false);
  other.claim(recorded);
  await speakers.until('it is on record', () => speakers.entry(told.view, recorded)?.recordedClaims.length === 1);
  expect(speakers.entry(told.view, recorded)).toMatchObject({
    announcedBefore: true,
    recordedClaims: [{ node: speakers.nodeName('n2'), since: 1_767_225_600_123 }],
  });
  other.claim();
  await speakers.until('the record is empty', () => speakers.entry(told.view, recorded)?.recordedClaims.length === 0);
  expect(speakers.entry(told.view, recorded)?.announcedBefore).toBe(true);
});
