import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddressPool, parseRange } from '../../../providers/in-memory/address-pool.ts';

const ref = (id: string, cluster = 'c1') => ({ id, cluster, service: { namespace: 'default', name: id, uid: id } });

describe('parseRange', () => {
  test.each([
    ['192.0.2.0/24', 254],
    ['10.0.0.0/8', 2 ** 24 - 2],
    ['192.0.2.8/30', 2],
    ['192.0.2.8/31', 2],
    ['192.0.2.7/32', 1],
    ['255.255.255.255/32', 1],
    ['0.0.0.0/8', 2 ** 24 - 2],
  ])('%s has %i addresses to give', (text, size) => {
    expect(parseRange(text)?.size).toBe(size);
  });
  test.each([
    '192.0.2.1/24',
    '10.0.0.0/7',
    '192.0.2.0/33',
    '192.0.2.0',
    '192.0.2.0/24/1',
    '192.0.2.0/',
    '2001:db8::/64',
    '010.0.0.0/8',
    '',
  ])('%j is none', text => {
    expect(parseRange(text)).toBeUndefined();
  });
});

describe('a pool', () => {
  test('gives its addresses from the lowest on, each once, and then no more', () => {
    const pool = new AddressPool('192.0.2.0/29');
    const given = ['a', 'b', 'c', 'd', 'e', 'f'].map(id => pool.holdNext(ref(id)));
    expect(given).toEqual([1, 2, 3, 4, 5, 6].map(last => `192.0.2.${last}`));
    expect(pool.holdNext(ref('g'))).toBeUndefined();
    expect(pool.holdNext(ref('a'))).toBe('192.0.2.1');
  });

  test('gives a released address only after all the others', () => {
    const pool = new AddressPool('192.0.2.0/30');
    pool.holdNext(ref('a'));
    pool.release(ref('a'));
    expect(pool.holdNext(ref('b'))).toBe('192.0.2.2');
    expect(pool.holdNext(ref('c'))).toBe('192.0.2.1');
  });

  test('holds addresses outside its range without counting them', () => {
    const pool = new AddressPool('192.0.2.7/32');
    expect(pool.hold(ref('a'), '198.51.100.1')).toBe(true);
    expect(pool.holdNext(ref('b'))).toBe('192.0.2.7');
    pool.release(ref('a'));
    expect(pool.holdNext(ref('c'))).toBeUndefined();
  });

  test('tells equal ids of two clusters apart', () => {
    const pool = new AddressPool('192.0.2.0/30');
    expect(pool.holdNext(ref('a', 'c1'))).not.toBe(pool.holdNext(ref('a', 'c2')));
    pool.release(ref('a', 'c1'));
    expect(pool.holders()).toEqual([ref('a', 'c2')]);
  });

  test('whatever happens: one address a balancer, one balancer an address, and full only when it is', () => {
    const step: fc.Arbitrary<Step> = fc.record({
      act: fc.constantFrom('next', 'hold', 'release'),
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      address: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3', '203.0.113.1'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        // Six addresses are enough for five balancers.
        const pool = new AddressPool('192.0.2.0/29');
        const model = new Map<string, string>();
        for (const one of steps) {
          expect(isRight(pool, model, one)).toBe(true);
          expect(new Map([...model.keys()].map(id => [id, pool.addressOf(ref(id))]))).toEqual(model);
          expect(pool.holders()).toHaveLength(model.size);
        }
      }),
    );
  });
});

interface Step {
  readonly act: 'next' | 'hold' | 'release';
  readonly id: string;
  readonly address: string;
}

/** Does the step to both, and tells whether the pool answered as it must. */
function isRight(pool: AddressPool, model: Map<string, string>, { act, id, address }: Step): boolean {
  const own = model.get(id);
  const taken = [...model.values()];
  if (act === 'release') {
    pool.release(ref(id));
    model.delete(id);
    return true;
  }
  if (act === 'hold') {
    const isFree = own === address || (own === undefined && !taken.includes(address));
    if (isFree) model.set(id, address);
    return pool.hold(ref(id), address) === isFree;
  }
  const given = pool.holdNext(ref(id));
  if (given === undefined) return false;
  model.set(id, given);
  return own === undefined ? !taken.includes(given) : given === own;
}
