import { describe, expect, test } from 'vitest';
import { OwnClaims } from '../../../../../providers/bare-metal/announcing/claims/own-claims.ts';
import { Peer } from '../../../../../providers/bare-metal/announcing/claims/peer.ts';
import { seededRandom } from '../../../../support/sim/random.ts';

const addressOf = (index: number) => `192.0.${index >> 8}.${index & 255}`;

function claimsOf(count: number): { readonly own: OwnClaims; readonly answering: Set<string> } {
  const answering = new Set<string>();
  const own = new OwnClaims((address, is) => (is ? answering.add(address) : answering.delete(address)));
  for (let index = 0; index < count; index++) own.add(addressOf(index), index + 1, 'held');
  return { own, answering };
}

describe('what is claimed', () => {
  test('is answered for once it is held, and until it is released', () => {
    const { own, answering } = claimsOf(0);
    own.add('x', 1, 'intended');
    expect([...answering]).toEqual([]);
    own.setState('x', 'held');
    own.setState('x', 'yielding');
    expect([...answering]).toEqual(['x']);
    own.release('x');
    expect([...answering]).toEqual([]);
  });

  test('is told at once, in as many heartbeats as it takes, once more, and then in turn', () => {
    const { own } = claimsOf(100);
    const [first = [], ...others] = own.pages(20, 48);
    expect(first).toHaveLength(20);
    expect(others).toHaveLength(6);
    expect(own.hasUntold).toBe(false);
    expect(new Set([first, ...others].flat().map(({ address }) => address)).size).toBe(100);
    expect(own.pages(20, 48)).toHaveLength(7);
    expect(own.pages(20, 48)).toHaveLength(1);
  });

  test('is told in parts where there is more than fits at once', () => {
    const { own } = claimsOf(1_000);
    expect(own.pages(20, 10)).toHaveLength(10);
    expect(own.hasUntold).toBe(true);
  });
});

test.each([0.05, 0.3])('who hears some of it, comes to know all of it (%d lost)', loss => {
  const random = seededRandom(7);
  const { own, answering } = claimsOf(200);
  let counter = 1;
  let peer: Peer | undefined;
  const say = (): void => {
    for (const claims of own.pages(20, 48)) {
      const heartbeat = {
        node: 'a',
        bootId: 'b',
        counter: counter++,
        isLeaving: false,
        isListening: false,
        mac: 'm',
        total: own.size,
        claims,
      };
      if (random() < loss) continue;
      peer ??= new Peer(heartbeat, 0);
      peer.hear(heartbeat, 0);
    }
  };
  for (let round = 0; round < 300; round++) {
    const address = addressOf(Math.floor(random() * 200));
    if (own.get(address) === undefined) own.add(address, round, 'held');
    else own.release(address);
    say();
  }
  for (let round = 0; round < 1_000; round++) say();
  const known = [...(peer?.claims.keys() ?? [])];
  expect(known.filter(address => !answering.has(address)).length).toBe(0);
  expect([...answering].filter(address => !known.includes(address))).toEqual([]);
});
