import { expect, test } from 'vitest';
import { Announcing } from '../../../../providers/bare-metal/announcing/announcing.ts';
import { defaultSettings } from '../../../../providers/bare-metal/announcing/settings.ts';

const now = (monotonic: number) => ({ monotonic, wall: 1_700_000_000_000 + monotonic });

test('5,000 addresses: no tick has more than a bounded number of frames to send, and all are told of in the end', () => {
  const announcing = new Announcing({
    node: 'a',
    bootId: 'b',
    settings: defaultSettings,
    random: () => 0.5,
    firstCounter: 1,
  });
  announcing.setInterfaces(
    [{ name: 'eth0', index: 2, mac: '02:00:00:00:00:01', mtu: 1_500, subnets: ['10.0.0.1/8'], gateways: [] }],
    now(0),
  );
  const candidates = ['a'];
  const set = Array.from({ length: 5_000 }, (_, index) => ({
    address: `10.0.${index >> 8}.${index & 255}`,
    candidates,
    announcedBefore: true,
    recordedClaims: [],
  }));
  announcing.setView({ set, removed: [], nodes: [] }, now(0));
  const answered = new Set<string>();
  const told = new Set<string>();
  let most = 0;
  for (let at = 0; at < 5_000; at = Math.max(at + 1, Math.ceil(announcing.next))) {
    const actions = announcing.tick(now(at), Number.POSITIVE_INFINITY);
    for (const { kind, interface: name, ...rest } of actions) {
      if (kind === 'heartbeat') announcing.sent(name, at);
      else if (kind === 'answer' && 'address' in rest) answered.add(rest.address);
      else if (kind === 'gratuitous' && 'address' in rest) told.add(rest.address);
    }
    most = Math.max(most, actions.filter(({ kind }) => kind !== 'answer').length);
  }
  expect([answered.size, told.size]).toEqual([5_000, 5_000]);
  expect(most).toBeLessThanOrEqual(150);
});
