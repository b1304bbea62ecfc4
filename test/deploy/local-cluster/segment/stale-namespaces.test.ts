import { expect, test } from 'vitest';
import { namePrefix, staleNames } from '../../../../deploy/local-cluster/segment/stale-namespaces.mjs';

test('of all namespaces, those of runs that are over are stale', () => {
  const names = [
    'fl-12-0a1b-hub',
    'fl-12-0a1b-node-a',
    'fl-34-ffff-hub',
    'fl-12-hub',
    'fl--0a1b-hub',
    'cni-12',
    'xfl-12-0a1b-hub',
  ];
  expect(staleNames(names, pid => pid === 34)).toEqual(['fl-12-0a1b-hub', 'fl-12-0a1b-node-a']);
});

test('what this run makes is recognised when it is over, and not before', () => {
  const name = `${namePrefix('0a1b')}node-a`;
  expect(staleNames([name], pid => pid === process.pid)).toEqual([]);
  expect(staleNames([name], () => false)).toEqual([name]);
});
