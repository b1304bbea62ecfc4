import assert from 'node:assert/strict';
import type { Check } from './check.ts';
import { addressesOf, published } from './sample.ts';

/** Asking again, before and after a restart. */
export const idempotencyChecks: readonly Check[] = [
  {
    name: 'an equal ensure gives an equal answer',
    hooks: [],
    traits: [],
    async run(rig) {
      const wanted = rig.sample(1);
      const first = await rig.ensure(wanted);
      assert.deepEqual(await rig.ensure(wanted), first, 'asked again before the answer was published');
      assert.deepEqual(await rig.ensure(published(wanted, first)), first, 'asked again after the answer was published');
    },
  },
  {
    name: 'an equal ensure makes and removes nothing',
    hooks: ['inventory'],
    traits: [],
    async run(rig) {
      const wanted = rig.sample(1);
      const first = await rig.ensure(wanted);
      const before = await rig.inventory();
      await rig.ensure(wanted);
      await rig.ensure(published(wanted, first));
      assert.deepEqual(await rig.inventory(), before);
    },
  },
  {
    name: 'an equal ensure sends no request that changes something',
    hooks: ['mutations'],
    traits: [],
    async run(rig) {
      const wanted = rig.sample(1);
      const first = await rig.ensure(wanted);
      assert.equal(await rig.mutationsOf(() => rig.ensure(published(wanted, first))), 0);
    },
  },
  {
    name: 'a published address outlives a restart',
    hooks: [],
    traits: [],
    async run(rig) {
      const held = [1, 2].map(n => rig.sample(n));
      for (const [n, one] of held.entries()) held[n] = published(one, await rig.ensure(one));
      await rig.restart(held);
      // Backwards: who gives addresses in the order of asking is found out.
      for (const one of held.toReversed()) assert.deepEqual(addressesOf(await rig.ensure(one)), addressesOf(one));
    },
  },
  {
    name: 'an address that was never published outlives a crash',
    hooks: [],
    traits: ['keepsOutside'],
    async run(rig) {
      const first = await rig.ensure(rig.sample(1));
      const second = await rig.ensure(rig.sample(2));
      await rig.restart([]);
      assert.deepEqual(addressesOf(await rig.ensure(rig.sample(2))), addressesOf(second));
      assert.deepEqual(addressesOf(await rig.ensure(rig.sample(1))), addressesOf(first));
    },
  },
  {
    name: 'a restart changes nothing outside',
    hooks: ['mutations'],
    traits: ['keepsOutside'],
    async run(rig) {
      const wanted = rig.sample(1);
      const held = published(wanted, await rig.ensure(wanted));
      const made = await rig.mutationsOf(async () => {
        await rig.restart([held]);
        await rig.ensure(held);
      });
      assert.equal(made, 0);
    },
  },
  {
    name: 'after a restart a published address is given to nobody else',
    hooks: [],
    traits: [],
    async run(rig) {
      const wanted = rig.sample(1);
      const held = published(wanted, await rig.ensure(wanted));
      await rig.restart([held]);
      for (let n = 2; n < 12; n++) {
        const others = addressesOf(await rig.ensure(rig.sample(n)));
        assert.ok(
          !others.some(address => addressesOf(held).includes(address)),
          `Service ${n} got the address of Service 1`,
        );
      }
      assert.deepEqual(addressesOf(await rig.ensure(held)), addressesOf(held));
    },
  },
  {
    name: 'restore replaces what was remembered',
    hooks: [],
    traits: ['recordsInStatus'],
    async run(rig) {
      const answer = await rig.ensure(rig.sample(1));
      const heir = published(rig.sample(2), answer);
      await rig.restore([heir]);
      assert.deepEqual(
        addressesOf(await rig.ensure(heir)),
        addressesOf(answer),
        'the address belongs to whom the list says',
      );
    },
  },
];
