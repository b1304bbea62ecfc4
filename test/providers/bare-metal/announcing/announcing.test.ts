import { describe, expect, test } from 'vitest';
import type { Action, SegmentInterface } from '../../../../providers/bare-metal/announcing/action.ts';
import { Announcing } from '../../../../providers/bare-metal/announcing/announcing.ts';
import { defaultSettings } from '../../../../providers/bare-metal/announcing/settings.ts';
import type { AnnouncedAddress } from '../../../../src/provider/announcer.ts';

const of = (name: string, index: number, ...subnets: readonly string[]): SegmentInterface => ({
  name,
  index,
  mac: `02:00:00:00:00:0${index}`,
  mtu: 1_500,
  subnets,
  gateways: [],
});
const published = (address: string, more: Partial<AnnouncedAddress> = {}): AnnouncedAddress => ({
  address,
  candidates: ['a'],
  announcedBefore: true,
  recordedClaims: [],
  ...more,
});

/** One node, alone, with virtual time; what its interfaces send to each other is delivered where `cabled`. */
class LonelyNode {
  readonly announcing = new Announcing({
    node: 'a',
    bootId: 'boot',
    settings: defaultSettings,
    random: () => 0.5,
    firstCounter: 1,
  });
  now = 0;
  readonly answering = new Map<string, Set<string>>();
  /** Interfaces on one segment hear each other. */
  cabled: readonly string[] = [];

  get time() {
    return { monotonic: this.now, wall: 1_700_000_000_000 + this.now };
  }

  run(ms: number): readonly Action[] {
    const all: Action[] = [];
    for (const end = this.now + ms; this.now < end; this.now++) {
      const actions = this.announcing.tick(this.time, Number.POSITIVE_INFINITY);
      for (const action of actions) this.#do(action);
      all.push(...actions);
    }
    return all;
  }

  on(name: string): readonly string[] {
    return [...(this.answering.get(name) ?? [])];
  }

  #do(action: Action): void {
    const here = this.answering.get(action.interface) ?? new Set();
    this.answering.set(action.interface, here);
    if (action.kind === 'answer') here.add(action.address);
    if (action.kind === 'silence') here.delete(action.address);
    if (action.kind !== 'heartbeat') return;
    this.announcing.sent(action.interface, this.now);
    if (!this.cabled.includes(action.interface)) return;
    for (const name of this.cabled)
      if (name !== action.interface) this.announcing.hear(name, action.heartbeat, this.time);
  }
}

function node(interfaces: readonly SegmentInterface[], addresses: readonly AnnouncedAddress[]): LonelyNode {
  const lonely = new LonelyNode();
  lonely.announcing.setInterfaces(interfaces, lonely.time);
  lonely.announcing.setView({ set: addresses, removed: [], nodes: [] }, lonely.time);
  return lonely;
}

const eth0 = of('eth0', 2, '192.0.2.1/24');
const eth1 = of('eth1', 3, '198.51.100.1/24');

describe('a node with two interfaces', () => {
  test('answers on the one whose subnet has the address', () => {
    const lonely = node([eth0, eth1], [published('192.0.2.9'), published('198.51.100.9')]);
    lonely.run(1_000);
    expect([lonely.on('eth0'), lonely.on('eth1')]).toEqual([['192.0.2.9'], ['198.51.100.9']]);
  });

  test('on one segment answers on the first only, and says so', () => {
    const lonely = node([eth0, of('eth1', 3, '192.0.2.2/24')], [published('192.0.2.9')]);
    lonely.cabled = ['eth0', 'eth1'];
    lonely.run(2_000);
    expect([lonely.on('eth0'), lonely.on('eth1')]).toEqual([['192.0.2.9'], []]);
    expect(lonely.announcing.report().warnings.map(({ reason }) => reason)).toEqual(['SameSegment']);
  });

  test('says nothing on one that comes later and turns out to be on the same segment', () => {
    const lonely = node([eth0], [published('192.0.2.9')]);
    lonely.run(1_000);
    lonely.cabled = ['eth0', 'eth1'];
    lonely.announcing.setInterfaces([eth0, of('eth1', 3, '192.0.2.2/24')], lonely.time);
    const actions = lonely.run(2_000);
    expect(new Set(actions.map(action => action.interface))).toEqual(new Set(['eth0']));
    expect(lonely.on('eth0')).toEqual(['192.0.2.9']);
  });

  test('moves an address to the other where its subnet moves', () => {
    const lonely = node([eth0, of('eth1', 3)], [published('192.0.2.9')]);
    lonely.run(1_000);
    lonely.announcing.setInterfaces([of('eth1', 3, '192.0.2.1/24')], lonely.time);
    lonely.run(1_000);
    expect([lonely.on('eth0'), lonely.on('eth1')]).toEqual([[], ['192.0.2.9']]);
  });
});

describe('an interface', () => {
  test('that goes and comes back is listened to before anything is answered', () => {
    const lonely = node([eth0], [published('192.0.2.9')]);
    lonely.run(1_000);
    lonely.announcing.setInterfaces([], lonely.time);
    lonely.run(10);
    expect(lonely.on('eth0')).toEqual([]);
    lonely.announcing.setInterfaces([eth0], lonely.time);
    lonely.run(defaultSettings.timeoutMs);
    expect(lonely.on('eth0')).toEqual([]);
    lonely.run(100);
    expect(lonely.on('eth0')).toEqual(['192.0.2.9']);
  });

  test('with another MAC tells of its addresses at once', () => {
    const lonely = node([eth0], [published('192.0.2.9')]);
    lonely.run(10_000);
    lonely.announcing.setInterfaces([{ ...eth0, mac: '02:00:00:00:00:ee' }], lonely.time);
    expect(lonely.run(5).filter(({ kind }) => kind === 'gratuitous')).toHaveLength(1);
  });
});

test.each<[string, AnnouncedAddress, string | undefined]>([
  ['no subnet has it', published('203.0.113.9'), 'NoInterface'],
  ['none of its interfaces is there', published('192.0.2.9', { interfaces: ['eth7'] }), 'NoInterface'],
  ['it is announced', published('192.0.2.9'), undefined],
  ['another node is to announce it', published('203.0.113.9', { candidates: ['b'] }), undefined],
])('why an address is not announced: %s', (_row, address, reason) => {
  const lonely = node([eth0], [address]);
  lonely.run(1_000);
  expect(lonely.announcing.report().refusals.map(refusal => refusal.reason)).toEqual(
    reason === undefined ? [] : [reason],
  );
});

test('gratuitous forms go out at the claim, 1.1 s and 2.2 s later, and once a minute from then on', () => {
  const lonely = node([eth0], [published('192.0.2.9')]);
  const times: number[] = [];
  for (; lonely.now < 130_000; ) {
    const at = lonely.now;
    if (lonely.run(1).some(({ kind }) => kind === 'gratuitous')) times.push(at);
  }
  const [first = 0] = times;
  expect(times.slice(0, 3).map(at => at - first)).toEqual([0, 1_100, 2_200]);
  expect(times.slice(3).map(at => Math.round((at - first) / 1_000))).toEqual([62, 122]);
});

test('a clock that jumps ahead closes the fence before anything is sent', () => {
  const lonely = node([eth0], [published('192.0.2.9')]);
  lonely.run(1_000);
  expect(lonely.announcing.answersUntil('eth0')).toBeGreaterThan(lonely.now);
  lonely.now += 60_000;
  expect(lonely.announcing.answersUntil('eth0')).toBeLessThan(lonely.now);
  const [first] = lonely.run(1);
  expect(first).toEqual({ kind: 'silence', interface: 'eth0', address: '192.0.2.9' });
});
