import { describe, expect, test } from 'vitest';
import { Peer } from '../../../../../providers/bare-metal/announcing/claims/peer.ts';
import type { Heartbeat, HeartbeatClaim } from '../../../../../providers/bare-metal/wire/heartbeat.ts';

const beat = (counter: number, more: Partial<Heartbeat> = {}): Heartbeat => ({
  node: 'a',
  bootId: 'first',
  counter,
  isLeaving: false,
  isListening: false,
  mac: '02:00:00:00:00:01',
  total: 0,
  claims: [],
  ...more,
});
const held = (address: string): HeartbeatClaim => ({ address, since: 1, state: 'held' });

function heard(...heartbeats: readonly Heartbeat[]): Peer {
  const [first = beat(1)] = heartbeats;
  const peer = new Peer(first, 0);
  for (const [at, heartbeat] of heartbeats.entries()) peer.hear(heartbeat, at);
  return peer;
}

describe('what was recorded is not believed again', () => {
  const restarted = heard(beat(5), beat(9, { bootId: 'second' }));
  test.each<[string, Heartbeat, string | undefined, boolean]>([
    ['the next', beat(10, { bootId: 'second' }), undefined, true],
    ['the last once more', beat(9, { bootId: 'second' }), undefined, false],
    ['an earlier one', beat(8, { bootId: 'second' }), undefined, false],
    ['of the boot before', beat(6), undefined, false],
    ['of the boot before, with a counter of its own', beat(99), undefined, false],
    ['of the boot before, although a stale Lease names it', beat(99), 'first', false],
    ['of another boot, later', beat(10, { bootId: 'third' }), undefined, true],
    ['of another boot, not later', beat(3, { bootId: 'third' }), undefined, false],
    [
      'of another boot, not later, but the Lease names it: its clock was set back',
      beat(3, { bootId: 'third' }),
      'third',
      true,
    ],
  ])('%s', (_row, heartbeat, leaseBootId, isBelieved) => {
    expect(restarted.believes(heartbeat, leaseBootId)).toBe(isBelieved);
  });
});

describe('what a peer claims', () => {
  test('is what it has told, less what it has released', () => {
    const peer = heard(
      beat(1, { total: 2, claims: [held('x'), held('y')] }),
      beat(2, { total: 1, claims: [{ address: 'x', since: 0, state: 'released' }] }),
    );
    expect([...peer.claims.keys()]).toEqual(['y']);
    expect(peer.incompleteSince).toBeUndefined();
  });

  test('is known in part only, while it claims more than it has told', () => {
    const first = beat(1, { total: 2, claims: [held('x')] });
    expect(heard(first).incompleteSince).toBe(0);
    expect(heard(first, beat(2, { total: 2, claims: [held('y')] })).incompleteSince).toBeUndefined();
  });

  test('is nothing after a restart', () => {
    const peer = heard(beat(1, { total: 1, claims: [held('x')] }));
    expect(peer.hear(beat(2, { bootId: 'second', total: 1 }), 1)).toEqual(['x']);
  });

  test('is nothing where it says that it claims nothing, whatever was missed', () => {
    const peer = heard(beat(1, { total: 2, claims: [held('x'), held('y')] }));
    expect(peer.hear(beat(7), 1)).toEqual(['x', 'y']);
  });

  test('whose release was lost, is known after whole rotations that say nothing of it', () => {
    const peer = heard(beat(1, { total: 2, claims: [held('x'), held('y')] }));
    for (let counter = 3; counter < 12; counter++) peer.hear(beat(counter, { total: 1, claims: [held('y')] }), counter);
    expect([...peer.claims.keys()]).toEqual(['y']);
  });

  test('where some of the rotation was missed, only after many more', () => {
    const peer = heard(beat(1, { total: 2, claims: [held('x'), held('y')] }));
    for (let counter = 3; counter < 30; counter += 2)
      peer.hear(beat(counter, { total: 1, claims: [held('y')] }), counter);
    expect([...peer.claims.keys()]).toEqual(['x', 'y']);
    for (let counter = 31; counter < 61; counter += 2)
      peer.hear(beat(counter, { total: 1, claims: [held('y')] }), counter);
    expect([...peer.claims.keys()]).toEqual(['y']);
  });
});
