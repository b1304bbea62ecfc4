import assert from 'node:assert/strict';
import type { LoadBalancerRef } from '../provider.ts';
import type { Check } from './check.ts';
import { refOf } from './sample.ts';

/** More than one page of most clouds' lists. */
const many = 120;

/** What the orphan sweep and `destroy` rely on. */
export const listingChecks: readonly Check[] = [
  {
    name: 'the list names exactly what exists',
    hooks: [],
    traits: ['lists'],
    async run(rig) {
      assert.deepEqual(await rig.list(), [], 'nothing in an empty world');
      for (let n = 1; n <= 3; n++) await rig.ensure(rig.sample(n));
      await rig.delete(refOf(rig.sample(2)));
      assert.deepEqual(byId(await rig.list()), byId([1, 3].map(n => refOf(rig.sample(n)))));
    },
  },
  {
    name: 'the list is complete when it is long',
    hooks: [],
    traits: ['lists'],
    async run(rig) {
      const samples = Array.from({ length: many }, (_, n) => rig.sample(n));
      for (const one of samples) await rig.ensure(one);
      assert.deepEqual(byId(await rig.list()), byId(samples.map(refOf)));
    },
  },
  {
    name: 'what the list names can be deleted with it, after a restart too',
    hooks: ['inventory'],
    traits: ['lists'],
    async run(rig) {
      const before = await rig.inventory();
      for (let n = 1; n <= 3; n++) await rig.ensure(rig.sample(n));
      await rig.restart([]);
      for (const ref of await rig.list()) await rig.delete(ref);
      assert.deepEqual(await rig.inventory(), before);
    },
  },
];

function byId(refs: readonly LoadBalancerRef[]): readonly LoadBalancerRef[] {
  return refs.toSorted((one, other) => one.id.localeCompare(other.id));
}
