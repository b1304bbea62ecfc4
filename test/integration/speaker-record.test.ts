import { describe, expect, test } from 'vitest';
import { patchType } from '../../src/kube/client.ts';
import type { Node } from '../../src/kube/objects.ts';
import { type Speakers, startSpeakers } from '../support/speakers.ts';

async function oneSpeaker(options: Parameters<typeof startSpeakers>[0] = {}) {
  const speakers = await startSpeakers(options);
  await speakers.createNode('n1');
  const announcer = await speakers.start('n1');
  return { speakers, announcer, [Symbol.asyncDispose]: () => speakers[Symbol.asyncDispose]() };
}

const claimsOf = async (speakers: Speakers): Promise<string | undefined> => (await speakers.recorded('n1'))?.join();

describe.concurrent('the Speaker object of a node', () => {
  test('is made where it is absent, goes with its Node, and tells of this process', async () => {
    await using stage = await oneSpeaker();
    const { speakers, announcer } = stage;
    await speakers.until('there is a status', async () => (await speakers.speakerObject('n1'))?.status !== undefined);
    const object = await speakers.speakerObject('n1');
    const node = await speakers.admin.request<Node>({
      method: 'GET',
      path: `/api/v1/nodes/${speakers.nodeName('n1')}`,
    });
    expect(object).toMatchObject({
      metadata: { ownerReferences: [{ kind: 'Node', name: speakers.nodeName('n1'), uid: node.metadata.uid }] },
      status: { bootId: announcer.context.bootId, claimCount: 0, claims: [], refusals: [] },
    });
    expect(Math.abs(Date.parse(object?.status?.since ?? '') - Date.now())).toBeLessThan(60_000);
  });

  test('lists what is announced, conflicts, refusals, occupied addresses and warnings', async () => {
    await using stage = await oneSpeaker();
    const { speakers, announcer } = stage;
    const mac = '02:00:00:00:00:09';
    const told = {
      claims: [{ address: '198.18.0.1', interface: 'eth0', since: 1_767_225_600_123 }],
      conflicts: [{ address: '198.18.0.2', mac, isFirst: true }],
      refusals: [{ address: '198.18.0.3', reason: 'NoSubnet', message: 'no interface has its subnet' }],
      occupied: [{ address: '198.18.0.4', mac }],
      warnings: [{ reason: 'Unheard', message: 'nobody hears this node' }],
    };
    announcer.say(told);
    await speakers.until('it is on record', async () => (await claimsOf(speakers)) === '198.18.0.1');
    expect((await speakers.speakerObject('n1'))?.status).toMatchObject({ ...told, claimCount: 1 });
  });

  test('holds 5,000 claims in one write, and is read by others', async () => {
    await using stage = await oneSpeaker();
    const { speakers, announcer } = stage;
    const addresses = Array.from({ length: 5_000 }, (_, n) => `198.18.${n >> 8}.${n & 255}`);
    announcer.claim(...addresses);
    await speakers.until('all are on record', async () => (await speakers.recorded('n1'))?.length === 5_000);
    const writes = speakers.writes.filter(one => one.path.endsWith('/status'));
    expect(writes.length).toBeLessThanOrEqual(2);
  });

  test('is made right again when somebody has changed or deleted it, and drained stays drained', async () => {
    await using stage = await oneSpeaker();
    const { speakers, announcer } = stage;
    announcer.claim('198.18.0.1');
    await speakers.until('it is on record', async () => (await claimsOf(speakers)) === '198.18.0.1');
    const path = `/apis/fairlead.dev/v1beta1/speakers/${speakers.nodeName('n1')}`;
    const change = (body: object, of = path) =>
      speakers.admin.request({ method: 'PATCH', path: of, contentType: patchType.merge, body });
    await change({ spec: { drain: true } });
    await change({ status: { claims: [] } }, `${path}/status`);
    await speakers.until('it is right', async () => (await claimsOf(speakers)) === '198.18.0.1');
    expect((await speakers.speakerObject('n1'))?.spec?.drain).toBe(true);
    await speakers.admin.request({ method: 'DELETE', path });
    await speakers.until('it is made again', async () => (await claimsOf(speakers)) === '198.18.0.1');
  });
});

describe.concurrent('Events', () => {
  test('nodeAssigned is in MetalLB’s words, once for each Service', async () => {
    await using stage = await oneSpeaker();
    const { speakers, announcer } = stage;
    await speakers.publish('dual', ['198.18.0.1', '2001:db8::1']);
    await speakers.until('it is known', () => announcer.view?.addresses.length === 2);
    announcer.claim('198.18.0.1', '2001:db8::1');
    await speakers.until('it is told', async () => (await speakers.events('nodeAssigned')).length === 1);
    await speakers.publish('sharer', ['198.18.0.1']);
    await speakers.until('both are told', async () => (await speakers.events('nodeAssigned')).length === 2);
    const events = await speakers.events('nodeAssigned');
    const message = `announcing from node "${speakers.nodeName('n1')}" with protocol "layer2"`;
    for (const name of ['dual', 'sharer'])
      expect(events.find(one => one.involvedObject.name === name)).toMatchObject({ type: 'Normal', message });
  });

  test('a conflict is a Warning with the MAC, and what cannot be announced one with the reason', async () => {
    await using stage = await oneSpeaker();
    const { speakers, announcer } = stage;
    await speakers.publish('web', ['198.18.0.1']);
    await speakers.publish('far', ['198.18.0.2']);
    await speakers.until('both are known', () => announcer.view?.addresses.length === 2);
    announcer.say({
      conflicts: [{ address: '198.18.0.1', mac: '02:00:00:00:00:09', isFirst: true }],
      refusals: [{ address: '198.18.0.2', reason: 'NoSubnet', message: 'no interface has its subnet' }],
    });
    await speakers.until('both are told', async () => (await speakers.events('announceFailed')).length === 1);
    await speakers.until('both are told', async () => (await speakers.events('AddressConflict')).length === 1);
    const [conflict] = await speakers.events('AddressConflict');
    expect(conflict).toMatchObject({ type: 'Warning', involvedObject: { name: 'web' } });
    expect(conflict?.message).toMatch(
      /^198\.18\.0\.1 is answered for by another host, 02:00:00:00:00:09, and had it first/,
    );
    expect((await speakers.events('announceFailed'))[0]).toMatchObject({
      type: 'Warning',
      involvedObject: { name: 'far' },
      message: expect.stringContaining('NoSubnet: no interface has its subnet') as string,
    });
  });

  test('an address that no node may announce is told of by one speaker, with the reasons of all nodes', async () => {
    await using speakers = await startSpeakers();
    await Promise.all(['n1', 'n2', 'n3'].map(name => speakers.createNode(name)));
    const announcer = await speakers.start('n1');
    await speakers.start('n2');
    await speakers.publish('web', ['198.18.0.1'], {
      metadata: { annotations: { 'fairlead.dev/node-selector': 'no=body' } },
    });
    await speakers.until('it is known', () => speakers.candidates(announcer.view, '198.18.0.1')?.length === 0);
    await speakers.until('it is told', async () => (await speakers.events('NobodyAnnounces')).length > 0);
    const events = await speakers.events('NobodyAnnounces');
    expect(events).toHaveLength(1);
    expect(events[0]?.message).toMatch(/^no node may announce 198\.18\.0\.1: \d+ × /);
    expect(events[0]?.message).toContain('2 × ServiceSelector');
  });

  test('a speaker without a key says so on its Node', async () => {
    await using stage = await oneSpeaker({ key: 'none' });
    const { speakers } = stage;
    await speakers.until('it is told', async () => (await speakers.events('HeartbeatsUnauthenticated')).length === 1);
    const [event] = await speakers.events('HeartbeatsUnauthenticated');
    expect(event).toMatchObject({ type: 'Warning', involvedObject: { kind: 'Node', name: speakers.nodeName('n1') } });
  });
});

describe.concurrent('writes', () => {
  /** Most in any ten seconds. */
  function busiest(at: readonly number[]): number {
    return Math.max(...at.map(start => at.filter(one => one >= start && one < start + 10_000).length));
  }

  test('stay under one a second while 5,000 addresses come and go, the Lease’s among them', async () => {
    await using stage = await oneSpeaker();
    const { speakers, announcer } = stage;
    const names = Array.from({ length: 60 }, (_, n) => `web-${n}`);
    await Promise.all(names.map((name, n) => speakers.publish(name, [`198.18.0.${n}`])));
    await speakers.until('all are known', () => announcer.view?.addresses.length === names.length);
    const many = Array.from({ length: 5_000 }, (_, n) => `198.18.${n >> 8}.${n & 255}`);
    const begun = performance.now();
    // One turn after another, each in answer to what was written: some seconds of a failover that does not end.
    for (let turn = 0; performance.now() - begun < 12_000; turn++) {
      announcer.claim(...(turn % 2 === 0 ? many : many.slice(2_000)));
      const before = speakers.writes.length;
      await speakers.until('something was written', () => speakers.writes.length > before);
    }
    expect(busiest(speakers.writes.map(one => one.at))).toBeLessThan(10);
    await speakers.until('most are told of at once', async () =>
      (await speakers.events('nodeAssigned')).some(one => one.involvedObject.name === speakers.nodeName('n1')),
    );
    const summaries = (await speakers.events('nodeAssigned')).filter(
      one => one.involvedObject.name === speakers.nodeName('n1'),
    );
    expect(summaries[0]?.message).toMatch(/^nodeAssigned for \d+ more at once/);
  });

  test('are the Lease’s alone in peace, whatever else happens in the cluster', async () => {
    await using stage = await oneSpeaker();
    const { speakers, announcer } = stage;
    await speakers.publish('web', ['198.18.0.1']);
    announcer.claim('198.18.0.1');
    await speakers.until('it is on record', async () => (await claimsOf(speakers)) === '198.18.0.1');
    await speakers.until('it is told', async () => (await speakers.events('nodeAssigned')).length === 1);
    const isLease = (path: string): boolean => path.includes('/leases');
    const leases = (): number => speakers.writes.filter(one => isLease(one.path)).length;
    const [before, beforeLeases] = [speakers.writes.length, leases()];
    await speakers.patchNode('n1', { metadata: { annotations: { seen: 'now' } } });
    await speakers.setEndpoints('web', [{ node: 'n8' }, { node: 'n9' }]);
    announcer.context.changed();
    await speakers.until('three renewals have passed', () => leases() >= beforeLeases + 3);
    expect(speakers.writes.slice(before).filter(one => !isLease(one.path))).toEqual([]);
  });
});
