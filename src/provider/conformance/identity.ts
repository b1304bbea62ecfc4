import assert from 'node:assert/strict';
import type { Check } from './check.ts';
import { addressesOf, refOf } from './sample.ts';

const longName = 's'.repeat(62);

/** Whose is whose: among Services, clusters and strangers. */
export const identityChecks: readonly Check[] = [
  {
    name: 'twenty balancers made at once get addresses of their own',
    hooks: [],
    traits: [],
    async run(rig) {
      const samples = Array.from({ length: 20 }, (_, n) => rig.sample(n));
      const answers = await Promise.all(samples.map(one => rig.ensure(one)));
      const addresses = answers.flatMap(addressesOf);
      assert.equal(new Set(addresses).size, addresses.length, 'no address is given twice');
      const again = await Promise.all(samples.map(one => rig.ensure(one)));
      assert.deepEqual(again, answers, 'each keeps its own');
    },
  },
  {
    name: 'deleting some balancers at once leaves the others alone',
    hooks: ['inventory'],
    traits: [],
    async run(rig) {
      const staying = [1, 2, 3, 4].map(n => rig.sample(n));
      const going = [11, 12, 13, 14].map(n => rig.sample(n));
      for (const one of staying) await rig.ensure(one);
      const before = await rig.inventory();
      for (const one of going) await rig.ensure(one);
      await Promise.all([...going.map(one => rig.delete(refOf(one))), ...staying.map(one => rig.ensure(one))]);
      assert.deepEqual(await rig.inventory(), before);
    },
  },
  {
    name: 'the longest names Kubernetes allows are no problem',
    hooks: [],
    traits: [],
    async run(rig) {
      const [label = 'example.com/'] = rig.provider.capabilities.labelPrefixes;
      const labels = {
        [label + 'k'.repeat(Math.max(1, 63 - label.length))]: 'v'.repeat(63),
        [`${'d'.repeat(253)}/${'k'.repeat(63)}`]: '',
      };
      const service = { ...rig.sample(1).service, namespace: 'n'.repeat(63), name: 's'.repeat(63), labels };
      const listeners = rig.sample(1).listeners.map(one => ({ ...one, name: 'p'.repeat(63), port: 65_535 }));
      const wanted = rig.sample(1, { service, listeners });
      await rig.ensure(wanted);
      await rig.delete(refOf(wanted));
    },
  },
  {
    name: 'Services that differ in the last character of name and id stay apart',
    hooks: [],
    traits: [],
    async run(rig) {
      const named = (n: number, name: string) => rig.sample(n, { service: { ...rig.sample(n).service, name } });
      const [one, other] = [named(1, `${longName}a`), named(2, `${longName}b`)];
      const first = await rig.ensure(one);
      const second = await rig.ensure(other);
      assert.notDeepEqual(addressesOf(first), addressesOf(second));
      await rig.delete(refOf(one));
      assert.deepEqual(await rig.ensure(other), second, 'the deletion of one leaves the other whole');
    },
  },
  {
    name: 'a Service made again under its name gets a balancer of its own, which the end of the old one leaves alone',
    hooks: ['inventory'],
    traits: [],
    async run(rig) {
      const { namespace, name } = rig.sample(1).service;
      const old = rig.sample(1);
      const young = rig.sample(2, { service: { ...rig.sample(2).service, namespace, name } });
      const before = await rig.inventory();
      const first = await rig.ensure(old);
      const withOld = await rig.inventory();
      const second = await rig.ensure(young);
      assert.notDeepEqual(addressesOf(second), addressesOf(first), 'the old address is not its own');
      const added = (await rig.inventory()).filter(line => !withOld.includes(line));
      await rig.delete(refOf(old));
      const left = await rig.inventory();
      assert.deepEqual(
        added.filter(line => !left.includes(line)),
        [],
        'the end of the old one takes nothing from the young one',
      );
      // What a cluster's balancers share has come with the old one and may stay for the young one.
      assert.equal(left.length, withOld.length, 'as much is left as one balancer is made of');
      await rig.delete(refOf(young));
      assert.deepEqual(await rig.inventory(), before);
    },
  },
  {
    name: 'another cluster on the same cloud is neither seen nor touched',
    hooks: ['inventory'],
    traits: ['keepsOutside'],
    async run(rig) {
      const other = await rig.forCluster('cluster-b');
      const theirs = { ...rig.sample(1), cluster: 'cluster-b' };
      const answer = await rig.ensure(theirs, other);
      const before = await rig.inventory();
      assert.deepEqual(await rig.list(), [], 'the list names no balancer of another cluster');
      await rig.delete({ ...refOf(theirs), cluster: rig.cluster });
      const ours = await rig.ensure(rig.sample(2));
      assert.notDeepEqual(addressesOf(ours), addressesOf(answer));
      await rig.delete(refOf(rig.sample(2)));
      assert.deepEqual(await rig.inventory(), before);
    },
  },
  {
    name: 'objects of others are neither listed nor touched',
    hooks: ['inventory', 'addForeign'],
    traits: [],
    async run(rig) {
      await rig.hooks.addForeign();
      const foreign = await rig.inventory();
      assert.ok(foreign.length > 0, 'the hook `addForeign` adds something');
      await rig.ensure(rig.sample(1));
      await rig.delete(refOf(rig.sample(1)));
      assert.deepEqual(await rig.list(), []);
      for (const ref of await rig.list()) await rig.delete(ref);
      assert.deepEqual(await rig.inventory(), foreign);
    },
  },
];
