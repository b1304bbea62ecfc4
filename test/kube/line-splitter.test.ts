import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from '../../src/kube/line-splitter.ts';

test('lines are the same wherever the chunks end, in the middle of a character too', () => {
  const lines = fc.array(fc.string({ unit: 'grapheme' }).map(line => line.replaceAll('\n', '')));
  fc.assert(
    fc.property(lines, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (expected, sizes) => {
      const bytes = Buffer.from(expected.map(line => `${line}\n`).join(''));
      const splitter = new LineSplitter();
      const seen: string[] = [];
      for (let from = 0, n = 0; from < bytes.length; n += 1) {
        const size = sizes[n % sizes.length] ?? 1;
        seen.push(...splitter.push(bytes.subarray(from, from + size)));
        from += size;
      }
      expect(seen).toEqual(expected);
    }),
  );
});

test('what has no end yet is held back', () => {
  const splitter = new LineSplitter();
  expect([...splitter.push(Buffer.from('a\nb'))]).toEqual(['a']);
  expect([...splitter.push(Buffer.from('c\n'))]).toEqual(['bc']);
});
