import { expect, test } from 'vitest';
import { planMembers } from '../../../../providers/gcp/shared/plan-members.ts';

const stays = { insert: false, add: [], remove: [] };
const mayLeave = (): boolean => true;

test.each([
  ['a new node, and no group', undefined, {}, ['a'], { insert: true, add: ['a'] }],
  ['no node, and no group', undefined, {}, [], {}],
  ['a node more', ['a'], {}, ['a', 'b'], { add: ['b'] }],
  ['a node less', ['a', 'b'], {}, ['a'], { remove: ['b'] }],
  ['as it should be', ['a'], {}, ['a'], {}],
  ['another group has it', [], { elsewhere: ['a'] }, ['a'], {}],
  ['another group has it too', ['a'], { elsewhere: ['a'] }, ['a'], { remove: ['a'] }],
  ['all are in others, and no group', undefined, { elsewhere: ['a'] }, ['a'], {}],
  ['it was not taken', [], { refused: ['a'] }, ['a'], {}],
] as const)('%s', (_name, members, others, wanted, expected) => {
  const { elsewhere, refused } = { elsewhere: [], refused: [], ...others };
  const known = {
    members: members && new Set<string>(members),
    elsewhere: new Map(elsewhere.map(one => [one, 'other'])),
    refused: new Set<string>(refused),
  };
  expect(planMembers(known, { instances: new Set<string>(wanted), mayLeave })).toEqual({ ...stays, ...expected });
});

test('one that may not leave stays', () => {
  const known = { members: new Set(['a']), elsewhere: new Map<string, string>(), refused: new Set<string>() };
  expect(planMembers(known, { instances: new Set(), mayLeave: () => false })).toEqual(stays);
});
