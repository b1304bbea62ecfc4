import { expect, test } from 'vitest';
import { isNewEnough } from '../../../deploy/local-cluster/node-version.mjs';

test.each([
  ['20.20.2', false],
  ['22.18.0', false],
  ['22.19.0', true],
  ['23.0.0', true],
  ['24.21.0', true],
])('Node %s runs fairlead: %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});
