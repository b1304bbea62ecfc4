import { expect, test } from 'vitest';
import { longestSilence } from '../../../../deploy/local-cluster/segment/sampled-client.mjs';

test('the longest silence lies between two answers, in whatever order they came', () => {
  expect(longestSilence([1, 3, 20, 4, 22])).toEqual({ from: 4, to: 20, ms: 16 });
});

test('without two answers there is none', () => {
  expect(longestSilence([])).toMatchObject({ ms: 0 });
  expect(longestSilence([7])).toEqual({ from: 7, to: 7, ms: 0 });
});
