import { expect, test } from 'vitest';
import { nearest } from '../../src/config/nearest.ts';

test.each([
  ['a letter missing', '--lisen', '--listen'],
  ['two swapped', '--dyr-run', '--dry-run'],
  ['the same word', '--listen', '--listen'],
  ['nothing like it', '--colour', undefined],
])('%s', (_row, word, expected) => {
  expect(nearest(word, ['--dry-run', '--listen', '--lease-name'])).toBe(expected);
});
