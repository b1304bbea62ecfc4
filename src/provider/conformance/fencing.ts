import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Call, LoadBalancer, Provider } from '../provider.ts';
import type { Check } from './check.ts';
import type { Rig } from './rig.ts';
import { refOf } from './sample.ts';

/** More questions than any balancer of a sample takes. */
const mostQuestions = 60;

/** Long enough for a request to be on its way; a provider that has not sent one by then is judged all the same. */
const underWayMs = 50;

/** Stopping when told to. */
export const fencingChecks: readonly Check[] = [
  {
    name: 'a call that is aborted before it begins fails and makes nothing',
    hooks: [],
    traits: [],
    async run(rig) {
      const before = await rig.inventory();
      const signal = AbortSignal.abort(new Error('leadership was lost'));
      const answer = await rig.try(provider => provider.ensureLoadBalancer(rig.sample(1), rig.call({ signal })));
      assert.ok(answer instanceof Error, 'an aborted ensure rejects');
      assert.deepEqual(await rig.inventory(), before);
    },
  },
  {
    name: 'a call that is aborted while it waits for the cloud ends',
    hooks: ['hang'],
    traits: [],
    async run(rig) {
      await endsWhenAborted(rig, (provider, call) => provider.ensureLoadBalancer(rig.sample(1), call));
      await rig.ensure(rig.sample(1));
      await endsWhenAborted(rig, (provider, call) => provider.ensureLoadBalancerDeleted(refOf(rig.sample(1)), call));
    },
  },
  {
    name: 'without leadership nothing is made',
    hooks: [],
    traits: [],
    async run(rig) {
      const before = await rig.inventory();
      const answer = await rig.try(provider =>
        provider.ensureLoadBalancer(rig.sample(1), rig.call({ assertLeading: notLeading })),
      );
      assert.ok(answer instanceof Error, 'ensure rejects');
      assert.deepEqual(await rig.inventory(), before);
    },
  },
  {
    name: 'without leadership nothing is deleted',
    hooks: [],
    traits: [],
    async run(rig) {
      await rig.ensure(rig.sample(1));
      const before = await rig.inventory();
      const ref = refOf(rig.sample(1));
      const answer = await rig.try(provider =>
        provider.ensureLoadBalancerDeleted(ref, rig.call({ assertLeading: notLeading })),
      );
      assert.ok(answer instanceof Error, 'delete rejects');
      assert.deepEqual(await rig.inventory(), before);
    },
  },
  {
    name: 'leadership is asked for before every single request that makes something',
    hooks: ['mutations'],
    traits: [],
    run: rig => asksBeforeEach(rig, (one, provider, call) => provider.ensureLoadBalancer(one, call)),
  },
  {
    name: 'leadership is asked for before every single request that deletes something',
    hooks: ['mutations'],
    traits: [],
    run: rig =>
      asksBeforeEach(
        rig,
        (one, provider, call) => provider.ensureLoadBalancerDeleted(refOf(one), call),
        one => rig.ensure(one),
      ),
  },
];

function notLeading(): never {
  throw new Error('this process may no longer act as leader');
}

/** Loses leadership at the first question, then at the second, and so on until no question is left. */
async function asksBeforeEach(
  rig: Rig,
  act: (one: LoadBalancer, provider: Provider, call: Call) => Promise<unknown>,
  prepare: (one: LoadBalancer) => Promise<unknown> = async () => undefined,
): Promise<void> {
  for (let n = 1; n <= mostQuestions; n++) {
    const one = rig.sample(n);
    await prepare(one);
    let asked = 0;
    const assertLeading = (): void => {
      if (++asked >= n) notLeading();
    };
    const made = await rig.mutationsOf(() =>
      act(one, rig.provider, rig.call({ assertLeading })).catch(() => undefined),
    );
    const allowed = Math.min(asked, n - 1);
    assert.ok(made <= allowed, `${made} requests were sent after ${allowed} successful calls of assertLeading`);
    await rig.delete(refOf(one));
    if (asked < n) return;
  }
}

async function endsWhenAborted(rig: Rig, act: (provider: Provider, call: Call) => Promise<unknown>): Promise<void> {
  const release = await rig.hooks.hang();
  const abort = new AbortController();
  const ended = act(rig.provider, rig.call({ signal: abort.signal })).then(
    () => 'answered',
    () => 'rejected',
  );
  await wait(underWayMs);
  abort.abort(new Error('leadership was lost'));
  const enough = new AbortController();
  const outcome = await Promise.race([ended, wait(rig.patienceMs, 'still waiting', { signal: enough.signal })]);
  enough.abort();
  await release();
  await ended;
  assert.equal(outcome, 'rejected', 'it gives up when its signal aborts');
}
