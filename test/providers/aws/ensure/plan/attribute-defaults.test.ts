import { expect, test } from 'vitest';
import { planAttributes } from '../../../../../providers/aws/ensure/plan/attribute-defaults.ts';

const defaults = { x: '1', y: 'off' };

test.each([
  { name: 'as it is', desired: { x: '2' }, observed: { x: '2' }, asked: [], plan: undefined },
  { name: 'another value', desired: { x: '2' }, observed: { x: '3' }, asked: [], plan: { x: '2' } },
  { name: 'the default, of what was never set', desired: { x: '1' }, observed: {}, asked: [], plan: undefined },
  { name: 'not the default, of what was never set', desired: { x: '2' }, observed: {}, asked: [], plan: { x: '2' } },
  { name: 'asked for no more', desired: {}, observed: { x: '2' }, asked: ['x'], plan: { x: '1' } },
  {
    name: 'asked for no more, without a known default',
    desired: {},
    observed: { z: '2' },
    asked: ['z'],
    plan: undefined,
  },
  { name: 'never asked for', desired: {}, observed: { x: '2' }, asked: [], plan: undefined },
  { name: 'not read', desired: { x: '2' }, observed: undefined, asked: ['x'], plan: undefined },
])('attributes: $name', ({ desired, observed, asked, plan }) => {
  const keys = new Set<string>(asked);
  expect(planAttributes({ desired, observed, defaults, asked: key => keys.has(key) })).toEqual(plan);
});
