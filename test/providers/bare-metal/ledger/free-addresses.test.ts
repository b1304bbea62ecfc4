import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Address } from '../../../../providers/bare-metal/address/address.ts';
import { parseRange, without } from '../../../../providers/bare-metal/address/address-range.ts';
import { FreeAddresses } from '../../../../providers/bare-metal/ledger/free-addresses.ts';

function ranges(...texts: readonly string[]) {
  const parsed = texts.map(parseRange).map(range => {
    if ('fault' in range) throw new Error(range.fault);
    return range;
  });
  return without(parsed, []);
}

/** Holders as the ledger would have them, and how often they were asked for. */
class Taken {
  readonly held = new Map<string, Address>();
  looks = 0;
  readonly has = (address: Address): boolean => {
    this.looks++;
    return this.held.has(address.text);
  };
}

function give(free: FreeAddresses, taken: Taken): string | undefined {
  const address = free.peek(taken.has);
  if (address === undefined) return undefined;
  taken.held.set(address.text, address);
  free.take(address);
  return address.text;
}

function giveBack(free: FreeAddresses, taken: Taken, text: string | undefined): void {
  const address = taken.held.get(text ?? '');
  if (address === undefined) return;
  taken.held.delete(address.text);
  free.giveBack(address);
}

describe('what is given next', () => {
  test('is what nobody has had, then what has rested longest', () => {
    const free = new FreeAddresses(ranges('10.0.0.0/31', '10.0.0.8/31'), false, 0n);
    const taken = new Taken();
    expect([1, 2].map(() => give(free, taken))).toEqual(['10.0.0.0', '10.0.0.1']);
    giveBack(free, taken, '10.0.0.1');
    giveBack(free, taken, '10.0.0.0');
    expect([1, 2, 3, 4, 5].map(() => give(free, taken))).toEqual([
      '10.0.0.8',
      '10.0.0.9',
      '10.0.0.1',
      '10.0.0.0',
      undefined,
    ]);
  });

  test('begins behind what was held, and comes round to the front', () => {
    const [range] = ranges('10.0.0.0/30');
    const free = new FreeAddresses(range === undefined ? [] : [range], false, (range?.first ?? 0n) + 2n);
    const taken = new Taken();
    expect([1, 2, 3, 4, 5].map(() => give(free, taken))).toEqual([
      '10.0.0.2',
      '10.0.0.3',
      '10.0.0.0',
      '10.0.0.1',
      undefined,
    ]);
  });

  test('is never an address that rests before others, nor one that ends in .0 or .255 where those are avoided', () => {
    const free = new FreeAddresses(ranges('10.0.0.254-10.0.1.1'), true, 0n);
    const taken = new Taken();
    expect([1, 2, 3].map(() => give(free, taken))).toEqual(['10.0.0.254', '10.0.1.1', undefined]);
  });

  test('costs no walk through an IPv6 /64', () => {
    const free = new FreeAddresses(ranges('2001:db8::/64'), false, 0n);
    const taken = new Taken();
    expect([1, 2].map(() => give(free, taken))).toEqual(['2001:db8::', '2001:db8::1']);
    expect(taken.looks).toBeLessThan(6);
  });
});

describe('the cost', () => {
  test('of a full /16 is one or two looks an address, and of changing tenants in it as well', () => {
    const free = new FreeAddresses(ranges('10.0.0.0/16'), false, 0n);
    const taken = new Taken();
    const given = new Set(Array.from({ length: 65_536 }, () => give(free, taken)));
    expect(given.size).toBe(65_536);
    expect(give(free, taken)).toBeUndefined();
    expect(taken.looks).toBeLessThanOrEqual(2 * 65_536 + 2);
    taken.looks = 0;
    for (let n = 0; n < 10_000; n++) {
      giveBack(free, taken, `10.0.${n % 256}.7`);
      expect(give(free, taken)).toBe(`10.0.${n % 256}.7`);
    }
    expect(taken.looks).toBeLessThanOrEqual(10_000);
  });

  test('of any sequence is at most one look for each address and each step', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(31)), { maxLength: 200 }), fc.bigInt(0n, 40n), (steps, offset) => {
        const all = ranges('10.0.0.0/28', '10.0.1.0/28');
        const free = new FreeAddresses(all, false, (all[0]?.first ?? 0n) + offset * 16n);
        const taken = new Taken();
        for (const step of steps) {
          const isFull = taken.held.size === 32;
          const isGiven = step !== null || give(free, taken) !== undefined;
          expect(isGiven).toBe(step !== null || !isFull);
          if (step !== null) giveBack(free, taken, [...taken.held.keys()][step]);
        }
        // One look for each that is found free, and one for each that was passed because it had been taken since.
        expect(taken.looks).toBeLessThanOrEqual(32 + 2 * steps.length);
      }),
    );
  });
});
