import { describe, expect, test } from 'vitest';
import { SliceIndex } from '../../../src/controller/endpoints/slice-index.ts';

function counted() {
  const asked = { times: 0 };
  const index = new SliceIndex<string, readonly string[]>({
    same: (a, b) => a === b,
    gather(parts) {
      asked.times++;
      return [...parts];
    },
  });
  return { index, asked };
}

describe('what the slices of a Service say together', () => {
  test('is gathered once, and again after a change of its own slices only', () => {
    const { index, asked } = counted();
    index.set('a/web', 'a/web-1', 'one');
    index.set('a/web', 'a/web-2', 'two');
    expect(index.of('a/web')).toBe(index.of('a/web'));
    index.set('a/db', 'a/db-1', 'three');
    expect(index.of('a/web')).toEqual(['one', 'two']);
    expect(asked.times).toBe(1);
    index.set('a/web', 'a/web-1', undefined);
    expect(index.of('a/web')).toEqual(['two']);
  });

  test('is nothing for a Service without slices, as at the beginning', () => {
    const { index } = counted();
    expect(index.of('a/web')).toEqual([]);
    index.set('a/web', 'a/web-1', 'one');
    index.of('a/web');
    index.set('a/web', 'a/web-1', undefined);
    expect(index.of('a/web')).toEqual([]);
  });

  test('is no news where a slice says the same again, or goes twice', () => {
    const { index } = counted();
    const news = ['one', 'one', 'two', undefined, undefined].map(part => index.set('a/web', 'a/web-1', part));
    expect(news).toEqual([true, false, true, true, false]);
  });
});
