import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutToBytes, eventName } from '../../src/kube/event-body.ts';

test.each([
  ['web', 'web.ff'],
  ['a'.repeat(253), `${'a'.repeat(220)}.ff`],
  [`${'a'.repeat(218)}.-b`, `${'a'.repeat(218)}.ff`],
])('the name of an Event about %s is a valid one', (name, expected) => {
  expect(eventName(name, 255n)).toBe(expected);
});

test('a text is cut to so many bytes, never within a character, and no shorter than that needs', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.nat({ max: 80 }), (text, most) => {
      const cut = cutToBytes(text, most);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(most);
      expect(text.startsWith(cut)).toBe(true);
      const next = String.fromCodePoint(text.codePointAt(cut.length) ?? 32);
      expect(cut === text || Buffer.byteLength(cut + next) > most).toBe(true);
    }),
  );
});
