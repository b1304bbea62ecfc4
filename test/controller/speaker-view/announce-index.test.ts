import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnnounceIndex, type AnnounceIndexOptions } from '../../../src/controller/speaker-view/announce-index.ts';
import type { SpeakerRecord } from '../../../src/controller/speaker-view/speaker-record.ts';
import type { AnnouncedService } from '../../../src/plan/announce/announced-service.ts';
import { everything, parseLabelSelector } from '../../../src/plan/label-selector.ts';
import { node } from '../../support/objects.ts';

function service(name: string, addresses: readonly string[], more: Partial<AnnouncedService> = {}): AnnouncedService {
  const servingSince = '2026-01-01T01:00:00Z';
  const identity = { namespace: 'default', name, uid: `uid-${name}` };
  return {
    ...identity,
    labels: {},
    annotations: {},
    addresses,
    policy: 'Cluster',
    selector: everything,
    servingSince,
    ...more,
  };
}

const hourBefore = Date.parse('2026-01-01T00:00:00Z');

function record(name: string, more: Partial<SpeakerRecord> = {}): SpeakerRecord {
  return { node: name, isDrained: false, since: hourBefore, claims: new Map(), isComplete: true, ...more };
}

function indexOf(nodes: readonly string[], more: Partial<AnnounceIndexOptions> = {}): AnnounceIndex {
  const index = new AnnounceIndex({ node: 'n1', nodeSelector: everything, advertisementOf: () => undefined, ...more });
  for (const name of nodes) index.nodeChanged(name, node(name));
  index.recordsChanged(nodes.map(name => record(name)));
  return index;
}

function publish(index: AnnounceIndex, given: AnnouncedService, endpoints: readonly string[] = ['n9']): void {
  index.serviceChanged(`default/${given.name}`, given);
  index.sliceChanged(`default/${given.name}`, `default/${given.name}-1`, endpoints);
}

const addressAt = (n: number): string => `198.18.${n >> 8}.${n & 255}`;

describe('with 5,000 Services', () => {
  function many(asked: string[] = []): AnnounceIndex {
    const advertisementOf = (address: string) => {
      asked.push(address);
      return { id: 'pool', interfacesOn: () => [] };
    };
    const index = indexOf(
      Array.from({ length: 100 }, (_, n) => `n${n}`),
      { advertisementOf },
    );
    for (let n = 0; n < 5_000; n++) publish(index, service(`web-${n}`, [addressAt(n)]));
    return index;
  }

  test('all share one list of candidates', () => {
    const { addresses } = many().view();
    expect(addresses).toHaveLength(5_000);
    expect(new Set(addresses.map(one => one.candidates)).size).toBe(1);
    expect(addresses[0]?.candidates).toHaveLength(100);
  });

  test('a change of the endpoints of one recomputes that one', () => {
    const asked: string[] = [];
    const index = many(asked);
    const before = index.view();
    asked.length = 0;
    index.sliceChanged('default/web-7', 'default/web-7-1', []);
    const after = index.view();
    expect(asked).toEqual([addressAt(7)]);
    expect(after.addresses.filter((one, at) => one !== before.addresses[at]).map(one => one.address)).toEqual([
      addressAt(7),
    ]);
  });

  test('what changes nothing leaves the view the very same', () => {
    const index = many();
    const before = index.view();
    index.sliceChanged('default/web-7', 'default/web-7-1', ['n9']);
    index.nodeChanged('n3', node('n3', { metadata: { resourceVersion: '99', annotations: { seen: 'now' } } }));
    index.recordsChanged(Array.from({ length: 100 }, (_, n) => record(`n${n}`)));
    expect(index.view()).toBe(before);
  });
});

test('an address knows which of its candidates are preferred, and that is news when a label changes', () => {
  const advertisement = {
    id: 'racks',
    interfacesOn: () => [],
    preferenceOf: (labels: Readonly<Record<string, string>>) => (labels['rack'] === 'a' ? 60 : 0),
  };
  const index = indexOf(['n1', 'n2'], { advertisementOf: () => advertisement });
  publish(index, service('web', ['198.18.0.1']));
  expect(index.view().addresses[0]?.preferences).toBeUndefined();
  index.nodeChanged('n2', node('n2', { metadata: { labels: { rack: 'a' } } }));
  expect(index.view().addresses[0]).toMatchObject({ candidates: ['n1', 'n2'], preferences: [0, 60] });
  const before = index.view();
  index.advertisementsChanged();
  expect(index.view()).toBe(before);
});

describe('where an address comes from several Services', () => {
  test('it goes with the last of them', () => {
    const index = indexOf(['n1', 'n2']);
    publish(index, service('tcp', ['198.18.0.1']));
    publish(index, service('udp', ['198.18.0.1']));
    index.serviceChanged('default/tcp', undefined);
    expect(index.view().addresses).toHaveLength(1);
    index.serviceChanged('default/udp', undefined);
    expect(index.view().addresses).toEqual([]);
  });

  test('its candidates suit all of them', () => {
    const index = indexOf(['n1', 'n2', 'n3']);
    publish(index, service('tcp', ['198.18.0.1'], { policy: 'Local' }), ['n1', 'n2']);
    publish(index, service('udp', ['198.18.0.1'], { policy: 'Local' }), ['n2', 'n3']);
    expect(index.view().addresses[0]?.candidates).toEqual(['n2']);
    expect(index.whyNot('198.18.0.1', 'n1')).toBe('NoLocalEndpoint');
  });
});

describe('a node', () => {
  test('is no candidate after it was drained, and is again when that is undone', () => {
    const index = indexOf(['n1', 'n2']);
    publish(index, service('web', ['198.18.0.1']));
    index.recordsChanged([record('n1'), record('n2', { isDrained: true })]);
    expect(index.view().addresses[0]?.candidates).toEqual(['n1']);
    expect(index.whyNot('198.18.0.1', 'n2')).toBe('Drained');
    index.recordsChanged([record('n1'), record('n2')]);
    expect(index.view().addresses[0]?.candidates).toEqual(['n1', 'n2']);
  });

  test('without a Lease and without a record is no candidate, not even this one', () => {
    const index = indexOf([]);
    for (const name of ['n1', 'n2', 'n3']) index.nodeChanged(name, node(name));
    index.leasesChanged([{ node: 'n2', lease: 'expired', bootId: 'b' }]);
    publish(index, service('web', ['198.18.0.1']));
    expect(index.view().addresses[0]?.candidates).toEqual(['n2']);
    expect(['n1', 'n3'].map(name => index.whyNot('198.18.0.1', name))).toEqual(['NoSpeaker', 'NoSpeaker']);
    expect(index.view().nodes.map(one => one.node)).toEqual(['n1', 'n2']);
  });

  test('is told of with its Lease, in the order of names', () => {
    const index = indexOf(['n2', 'n1']);
    index.leasesChanged([{ node: 'n3', lease: 'fresh', bootId: 'c' }]);
    expect(index.view().nodes).toEqual([
      { node: 'n1', lease: 'none', bootId: '' },
      { node: 'n2', lease: 'none', bootId: '' },
      { node: 'n3', lease: 'fresh', bootId: 'c' },
    ]);
  });
});

test('interfaces are those of this very node', () => {
  const interfacesOn = (labels: Readonly<Record<string, string>>) => [labels['rack'] === 'a' ? 'eth1' : 'eth2'];
  const index = indexOf([], { advertisementOf: () => ({ id: 'x', interfacesOn }) });
  index.nodeChanged('n1', node('n1', { metadata: { labels: { rack: 'a' } } }));
  publish(index, service('web', ['198.18.0.1']));
  expect(index.view().addresses[0]?.interfaces).toEqual(['eth1']);
});

describe('the record', () => {
  const claiming = (name: string, since = 5) => record(name, { claims: new Map([['198.18.0.1', since]]) });

  test('of others is told of, and that of this node is not', () => {
    const index = indexOf(['n1', 'n2']);
    publish(index, service('web', ['198.18.0.1']));
    index.recordsChanged([claiming('n1'), claiming('n2', 7)]);
    expect(index.view().addresses[0]?.recordedClaims).toEqual([{ node: 'n2', since: 7 }]);
  });

  test('says never while it is complete and older, and once it has listed the address never again so', () => {
    const index = indexOf(['n1', 'n2']);
    publish(index, service('web', ['198.18.0.1']));
    const isBefore = () => index.view().addresses[0]?.announcedBefore;
    expect(isBefore()).toBe(false);
    index.recordsChanged([record('n1'), claiming('n2')]);
    expect(isBefore()).toBe(true);
    index.recordsChanged([record('n1'), record('n2')]);
    expect(isBefore()).toBe(true);
  });

  test.each<readonly [string, readonly SpeakerRecord[]]>([
    ['a candidate has none', [record('n1')]],
    ['a speaker has begun anew', [record('n1'), record('n2', { since: hourBefore + 7_200_000 })]],
    ['more is claimed than is listed', [record('n1'), record('n2', { isComplete: false })]],
    ['the kind is not known', []],
  ])('says nothing where %s: the address counts as announced', (_, records) => {
    const index = indexOf([]);
    for (const name of ['n1', 'n2']) index.nodeChanged(name, node(name));
    index.leasesChanged(['n1', 'n2'].map(name => ({ node: name, lease: 'fresh', bootId: name })));
    index.recordsChanged(records);
    publish(index, service('web', ['198.18.0.1']));
    expect(index.view().addresses[0]?.announcedBefore).toBe(true);
  });
});

test('however changes come, the view is the one of an index that has seen only the end', () => {
  const names = ['n1', 'n2', 'n3'];
  const change = fc.oneof(
    fc.record({
      kind: fc.constant('service'),
      name: fc.constantFrom('a', 'b', 'c'),
      at: fc.integer({ min: 0, max: 2 }),
      local: fc.boolean(),
      rack: fc.constantFrom('', 'r1'),
    }),
    fc.record({ kind: fc.constant('no service'), name: fc.constantFrom('a', 'b', 'c') }),
    fc.record({
      kind: fc.constant('slice'),
      name: fc.constantFrom('a', 'b', 'c'),
      slice: fc.constantFrom('1', '2'),
      nodes: fc.subarray(names),
    }),
    fc.record({
      kind: fc.constant('no slice'),
      name: fc.constantFrom('a', 'b', 'c'),
      slice: fc.constantFrom('1', '2'),
    }),
    fc.record({ kind: fc.constant('node'), name: fc.constantFrom(...names), rack: fc.constantFrom('r1', 'r2') }),
    fc.record({ kind: fc.constant('no node'), name: fc.constantFrom(...names) }),
    fc.record({ kind: fc.constant('drains'), nodes: fc.subarray(names) }),
    fc.record({ kind: fc.constant('look') }),
  );
  type Given = {
    kind: string;
    name?: string;
    at?: number;
    local?: boolean;
    rack?: string;
    slice?: string;
    nodes?: readonly string[];
  };
  const apply = (index: AnnounceIndex, given: Given): void => {
    const { kind, name = '', at = 0, local = false, rack = '', slice = '', nodes = [] } = given;
    const selector = parseLabelSelector(rack === '' ? '' : `rack=${rack}`) ?? everything;
    if (kind === 'service')
      index.serviceChanged(name, service(name, [addressAt(at)], { policy: local ? 'Local' : 'Cluster', selector }));
    if (kind === 'no service') index.serviceChanged(name, undefined);
    if (kind === 'slice') index.sliceChanged(name, slice, nodes.toSorted());
    if (kind === 'no slice') index.sliceChanged(name, slice, undefined);
    if (kind === 'node') index.nodeChanged(name, node(name, { metadata: { labels: { rack } } }));
    if (kind === 'no node') index.nodeChanged(name, undefined);
    if (kind === 'drains') index.recordsChanged(names.map(one => record(one, { isDrained: nodes.includes(one) })));
    if (kind === 'look') index.view();
  };
  const shown = (index: AnnounceIndex): unknown =>
    index
      .view()
      .addresses.map(({ address, candidates }) => [address, candidates])
      .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), changes => {
      const [step, end] = [indexOf(names), indexOf(names)];
      for (const one of changes) apply(step, one);
      for (const one of changes) if (one.kind !== 'look') apply(end, one);
      expect(shown(step)).toEqual(shown(end));
    }),
  );
});
