import { expect, test } from 'vitest';
import { nearest } from '../../../src/provider/adapter/nearest.ts';

test.each([
  ['a letter missing', '--lisen', '--listen'],
  ['two swapped', '--dyr-run', '--dry-run'],
  ['the same word', '--listen', '--listen'],
  ['capitals', '--LISTEN', '--listen'],
  ['nothing like it', '--colour', undefined],
])('%s', (_row, word, expected) => {
  expect(nearest(word, ['--dry-run', '--listen', '--lease-name'])).toBe(expected);
});
