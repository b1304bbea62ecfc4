import assert from 'node:assert/strict';
import type { Check } from './check.ts';
import { deepFreeze, published, refOf } from './sample.ts';

/** Removing, from any state, with nothing but a ref. */
export const deletionChecks: readonly Check[] = [
  {
    name: 'deleting what was never made succeeds',
    hooks: [],
    traits: [],
    run: rig => rig.delete(refOf(rig.sample(1))),
  },
  {
    name: 'deleting twice succeeds',
    hooks: [],
    traits: [],
    async run(rig) {
      await rig.ensure(rig.sample(1));
      await rig.delete(refOf(rig.sample(1)));
      await rig.delete(refOf(rig.sample(1)));
    },
  },
  {
    name: 'deleting removes every part',
    hooks: ['inventory'],
    traits: [],
    async run(rig) {
      const before = await rig.inventory();
      await rig.ensure(rig.sample(1));
      assert.notDeepEqual(await rig.inventory(), before, 'ensure makes something that the inventory shows');
      await rig.delete(refOf(rig.sample(1)));
      assert.deepEqual(await rig.inventory(), before);
    },
  },
  {
    name: 'a ref without annotations is enough to delete with, after a restart too',
    hooks: ['inventory'],
    traits: ['keepsOutside'],
    async run(rig) {
      const before = await rig.inventory();
      await rig.ensure(rig.sample(1));
      await rig.restart([]);
      await rig.delete(refOf(rig.sample(1)));
      assert.deepEqual(await rig.inventory(), before);
    },
  },
  {
    name: 'annotations that make no sense do not stop a deletion',
    hooks: [],
    traits: [],
    async run(rig) {
      const { annotationPrefixes, restrictedAnnotations = [] } = rig.provider.capabilities;
      const keys = [...annotationPrefixes.map(prefix => `${prefix}x`), ...annotationPrefixes, ...restrictedAnnotations];
      const before = await rig.inventory();
      await rig.ensure(rig.sample(1));
      for (const value of ['', '{', 'maybe', '-1', '\u0000', 'x'.repeat(10_000)]) {
        await rig.delete(
          deepFreeze({ ...refOf(rig.sample(1)), annotations: Object.fromEntries(keys.map(key => [key, value])) }),
        );
      }
      assert.deepEqual(await rig.inventory(), before);
    },
  },
  {
    name: 'after a deletion the same balancer can be made again',
    hooks: [],
    traits: [],
    async run(rig) {
      await rig.ensure(rig.sample(1));
      await rig.delete(refOf(rig.sample(1)));
      const again = await rig.ensure(rig.sample(1));
      await rig.ensure(published(rig.sample(1), again));
    },
  },
  {
    name: 'once all balancers are deleted nothing is left over',
    hooks: ['inventory'],
    traits: [],
    async run(rig) {
      const before = await rig.inventory();
      for (let n = 1; n <= 5; n++) {
        const first = await rig.ensure(rig.sample(n));
        await rig.ensure(
          published(rig.sample(n, { listeners: rig.sample(n).listeners.map(one => ({ ...one, port: 443 })) }), first),
        );
      }
      for (let n = 1; n <= 5; n++) await rig.delete(refOf(rig.sample(n)));
      assert.deepEqual(await rig.inventory(), before);
    },
  },
];
