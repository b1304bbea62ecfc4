import assert from 'node:assert/strict';
import type { Deleted, Ensured, LoadBalancer, Provider } from '../provider.ts';
import type { Check } from './check.ts';
import { assertServed } from './convergence.ts';
import type { Rig } from './rig.ts';
import { addressesOf, published, refOf } from './sample.ts';
import type { Hook } from './test-world.ts';

const hooks: readonly Hook[] = ['failMutation', 'mutations', 'inventory'];

/** More requests than any balancer of a sample takes: a provider that never stops must not stop the kit from ending. */
const mostRequests = 60;

/** What a crash or a failing request leaves behind, at every request. */
export const halfMadeChecks: readonly Check[] = [
  {
    name: 'a request that failed is never reported as done',
    hooks,
    traits: [],
    async run(rig) {
      const parts = await partsOfOne(rig);
      await atEveryRequest(
        rig,
        (one, provider) => provider.ensureLoadBalancer(one, rig.call()),
        async (one, answer, before) => {
          if (!(answer instanceof Error) && answer.state === 'ready') {
            assert.equal((await rig.inventory()).length - before.length, parts, 'ready means that every part is there');
          }
          await rig.delete(refOf(one));
        },
      );
    },
  },
  {
    name: 'the next ensure repairs a half-made balancer',
    hooks,
    traits: [],
    async run(rig) {
      const parts = await partsOfOne(rig);
      await atEveryRequest(
        rig,
        (one, provider) => provider.ensureLoadBalancer(one, rig.call()),
        async (one, _answer, before) => {
          await rig.ensure(one);
          assert.equal((await rig.inventory()).length - before.length, parts, 'every part is there once');
          if (rig.has('served')) await assertServed(rig, one);
          await rig.delete(refOf(one));
        },
      );
    },
  },
  {
    name: 'deleting a half-made balancer leaves nothing',
    hooks,
    traits: [],
    run: rig =>
      atEveryRequest(
        rig,
        (one, provider) => provider.ensureLoadBalancer(one, rig.call()),
        async (one, _answer, before) => {
          await rig.delete(refOf(one));
          assert.deepEqual(await rig.inventory(), before);
        },
      ),
  },
  {
    name: 'the next ensure finishes a half-made change, at the same address',
    hooks,
    traits: [],
    async run(rig) {
      const parts = await partsOfOne(rig);
      const prepare = async (one: LoadBalancer): Promise<LoadBalancer> => {
        const listeners = one.listeners.map(listener => ({ ...listener, port: 443 }));
        return published({ ...one, listeners }, await rig.ensure(one));
      };
      const change = (one: LoadBalancer, provider: Provider): Promise<Ensured> =>
        provider.ensureLoadBalancer(one, rig.call());
      await atEveryRequest(
        rig,
        change,
        async (one, _answer, before) => {
          assert.deepEqual(addressesOf(await rig.ensure(one)), addressesOf(one));
          assert.equal((await rig.inventory()).length - before.length, parts, 'every part is there once');
          await rig.delete(refOf(one));
        },
        prepare,
      );
    },
  },
  {
    name: 'the next deletion finishes a half-made one',
    hooks,
    traits: [],
    async run(rig) {
      const prepare = async (one: LoadBalancer): Promise<LoadBalancer> => published(one, await rig.ensure(one));
      const remove = (one: LoadBalancer, provider: Provider): Promise<Deleted> =>
        provider.ensureLoadBalancerDeleted(refOf(one), rig.call());
      await atEveryRequest(
        rig,
        remove,
        async (one, answer, before) => {
          const isDone = !(answer instanceof Error) && answer.state === 'deleted';
          if (isDone) assert.deepEqual(await rig.inventory(), before, 'deleted means that nothing is left');
          await rig.delete(refOf(one));
          assert.deepEqual(await rig.inventory(), before);
        },
        prepare,
      );
    },
  },
  {
    name: 'the list names half-made balancers',
    hooks,
    traits: ['lists'],
    run: rig =>
      atEveryRequest(
        rig,
        (one, provider) => provider.ensureLoadBalancer(one, rig.call()),
        async (one, _answer, before) => {
          const isThere = (await rig.inventory()).length > before.length;
          assert.deepEqual(await rig.list(), isThere ? [refOf(one)] : []);
          await rig.delete(refOf(one));
        },
      ),
  },
];

/**
 * Runs `act` on a new balancer with its first request failing, on another with its second, and so on until none fails any more; each
 * time once with the request refused and once with its answer lost. `judge` sees what came of it, and what existed before.
 */
async function atEveryRequest<Answer extends Ensured | Deleted>(
  rig: Rig,
  act: (one: LoadBalancer, provider: Provider) => Promise<Answer>,
  judge: (one: LoadBalancer, answer: Answer | Error, before: readonly string[]) => Promise<void>,
  prepare: (one: LoadBalancer) => Promise<LoadBalancer> = async one => one,
): Promise<void> {
  for (const [round, when] of (['before', 'after'] as const).entries()) {
    for (let n = 1; n <= mostRequests; n++) {
      const before = await rig.inventory();
      const one = await prepare(rig.sample(round * mostRequests + n));
      let answer: Answer | Error | undefined;
      await rig.hooks.failMutation(n, when);
      const made = await rig.mutationsOf(async () => {
        answer = await rig.try(provider => act(one, provider));
      });
      await rig.hooks.failMutation(0, when);
      assert.ok(answer !== undefined);
      assert.ok(made > 0 || n > 1, 'the hook `mutations` sees requests');
      await judge(one, answer, before);
      if (made < n) break;
    }
  }
}

/** How many objects one whole balancer is made of. */
async function partsOfOne(rig: Rig): Promise<number> {
  const before = await rig.inventory();
  await rig.ensure(rig.sample(0));
  const parts = (await rig.inventory()).length - before.length;
  await rig.delete(refOf(rig.sample(0)));
  return parts;
}
