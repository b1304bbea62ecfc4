import { describe, expect, test } from 'vitest';
import { type KubeClient, KubeError } from '../../src/kube/client.ts';
import type { Lease } from '../../src/kube/objects.ts';
import { idOf } from '../../src/plan/load-balancer.ts';
import { type Loop, startLoop } from '../support/loop.ts';
import { LoopClock } from '../support/loop-clock.ts';
import { addressOf, conditionOf, stateOf } from '../support/loop-users.ts';
import { hangUntilAborted } from '../support/loop-world.ts';

/**
 * Rows R of the reference. Elsewhere: R8 in the conformance kit; R10 and R11 with real kills, and R19, in kill.test.ts and
 * loop-process.test.ts; R20 in loop-server.test.ts. R25 has nothing to answer to: the contract knows no "not mine".
 */
const seconds = 1_000;
const hour = 3_600_000;

describe.concurrent('failures and waiting', () => {
  test('R1: a failing ensure is tried again after 5, 10, 20, 40 seconds, with one Warning that counts', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock });
    loop.world.ensureAnswers.set('web', () => Promise.reject(new Error('no answer')));
    await loop.create('web');
    const waits = [5, 10, 20, 40];
    for (const [failures, wait] of waits.entries()) {
      await called(loop, failures + 1);
      await pass(loop, clock, wait * seconds);
    }
    await called(loop, waits.length + 1);
    for (const [index, gap] of gaps(loop).entries())
      expect(gap).toBeGreaterThanOrEqual((waits[index] ?? 0) * seconds - 2);
    const event = await loop.told('web', 'SyncLoadBalancerFailed');
    expect(event).toMatchObject({ type: 'Warning', message: 'Error syncing load balancer: no answer' });
    expect((await loop.events('web')).filter(one => one.startsWith('Warning'))).toHaveLength(1);
    loop.world.ensureAnswers.delete('web');
    clock.jump(80 * seconds);
    expect(stateOf(await loop.served('web'), 'LoadBalancerServing')).toBe('True Serving');
  });

  test('R2: "pending" is asked again at the time it names, counts as no failure, and warns nobody', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock });
    loop.world.ensureAnswers.set('web', () => ({
      state: 'pending',
      reason: 'soon',
      retryAfterMs: 42 * seconds,
      ingress: [],
    }));
    await loop.create('web');
    for (let calls = 1; calls <= 3; calls++) {
      await called(loop, calls);
      await pass(loop, clock, 42 * seconds);
    }
    await called(loop, 4);
    for (const gap of gaps(loop)) expect(gap).toBeGreaterThanOrEqual(42 * seconds - 2);
    expect((await loop.events('web')).filter(event => event.startsWith('Warning'))).toEqual([]);
    loop.world.ensureAnswers.set('web', () => Promise.reject(new Error('now it fails')));
    clock.jump(42 * seconds);
    await called(loop, 5);
    clock.jump(5 * seconds);
    await called(loop, 6);
  });

  test.for([
    { code: 'throttled', retryAfterMs: 30 * seconds, waitMs: 33 * seconds, least: 33 * seconds },
    { code: 'rejected', retryAfterMs: undefined, waitMs: 300 * seconds, least: 300 * seconds },
  ])('$code is asked again after its own time', async ({ code, retryAfterMs, waitMs, least }) => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock });
    loop.world.ensureAnswers.set('web', () => Promise.reject(providerError(code, retryAfterMs)));
    await loop.create('web');
    await called(loop, 1);
    await pass(loop, clock, waitMs);
    await called(loop, 2);
    expect(gaps(loop)[0]).toBeGreaterThanOrEqual(least - 2);
  });

  test('unsupported is not asked again before something changes', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock });
    loop.world.ensureAnswers.set('web', () => Promise.reject(providerError('unsupported')));
    await loop.create('web');
    await called(loop, 1);
    clock.jump(24 * hour);
    await loop.settle();
    expect(loop.world.ensures('web')).toHaveLength(1);
    loop.world.ensureAnswers.delete('web');
    await loop.createNode('n2');
    await loop.until('the node is known', () => loop.built.controller.nodes.get(loop.nodeName('n2')) !== undefined);
    clock.jump(5 * seconds);
    await loop.served('web');
  });

  test('R4: a user who mends the Service waits for no back-off', async () => {
    await using loop = await startLoop({ clock: new LoopClock() });
    loop.world.ensureAnswers.set('web', ({ listeners }, _call, make) => {
      if (listeners[0]?.port !== 443) throw new Error('port 80 is taken');
      return make();
    });
    await loop.create('web');
    await loop.when('web', one => stateOf(one, 'LoadBalancerServing') === 'False Infrastructure');
    await loop.patchSpec('web', { ports: [{ port: 443 }] });
    await loop.served('web');
    expect(loop.world.ensures('web')).toHaveLength(2);
  });

  test('what a provider throws need not be an Error', async () => {
    await using loop = await startLoop();
    loop.world.ensureAnswers.set('web', () => Promise.reject('a bare text'));
    await loop.create('web');
    const service = await loop.when('web', one => stateOf(one, 'LoadBalancerServing') === 'False Infrastructure');
    expect(conditionOf(service, 'LoadBalancerServing')?.message).toBe('a bare text');
  });

  test('R5: a call that hangs ends at its deadline and is counted; nobody waits for it', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock });
    loop.world.ensureAnswers.set('web', (_wanted, call) => hangUntilAborted(call));
    await loop.create('web');
    await loop.until('it is asked', () => loop.world.ensures('web').length === 1);
    await loop.createServed('other');
    clock.jump(60 * seconds);
    const event = await loop.told('web', 'SyncLoadBalancerFailed');
    expect(event.message).toContain('did not answer ensure within 60 s');
    expect(loop.outcomes).toContain('ensure timeout');
    loop.world.ensureAnswers.delete('web');
    await loop.idle();
    clock.jump(5 * seconds);
    await loop.served('web');
  });

  test('R5: a provider that heeds no deadline is not asked for that id again before it has returned', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock });
    const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
    loop.world.ensureAnswers.set('web', async (_wanted, _call, make) => {
      await allowed;
      return make();
    });
    await loop.create('web');
    await loop.until('it is asked', () => loop.world.ensures('web').length === 1);
    clock.jump(60 * seconds);
    await loop.told('web', 'SyncLoadBalancerFailed');
    for (let tries = 0; tries < 3; tries++) {
      await loop.idle();
      clock.jump(10 * seconds);
    }
    await loop.settle();
    expect(loop.world.ensures('web')).toHaveLength(1);
    allow();
    await loop.until('it is served', async () => {
      clock.jump(seconds);
      return addressOf(await loop.get('web')) !== undefined;
    });
    expect(loop.world.overlaps).toEqual([]);
  });

  test('a provider that hangs for everybody holds up no other provider', async () => {
    await using loop = await startLoop({ instances: { a: {}, b: {} }, flags: ['--shutdown-grace=0s'] });
    const names = Array.from({ length: 45 }, (_, index) => `web-${index}`);
    for (const name of names) loop.world.ensureAnswers.set(name, (_wanted, call) => hangUntilAborted(call));
    for (const name of names) await loop.create(name);
    await loop.until('all its workers hang', () => loop.world.mostAtOnce >= 10);
    const other = await loop.createServed('other', { loadBalancerClass: 'loop.test/b' });
    expect(stateOf(other, 'LoadBalancerServing')).toBe('True Serving');
  });

  test('R23: two workers serve four Services, never more than two calls at once, never two for one', async () => {
    await using loop = await startLoop({ flags: ['--concurrent-service-syncs=2'], started: false });
    const names = ['web-1', 'web-2', 'web-3', 'web-4'];
    for (const name of names) {
      loop.world.ensureAnswers.set(name, async (_wanted, _call, make) => {
        await loop.annotate(name, { 'cloud.example/round': String(loop.world.ensures(name).length % 3) });
        return make();
      });
      await loop.create(name);
    }
    await loop.start();
    for (const name of names) await loop.served(name);
    expect(loop.world.mostAtOnce).toBe(2);
    expect(loop.world.overlaps).toEqual([]);
  });
});

describe.concurrent('deletion', () => {
  test('R7: a balancer that somebody has removed by hand', async () => {
    await using loop = await startLoop();
    await loop.createServed('web');
    loop.world.balancers.clear();
    await loop.delete('web');
    await loop.gone('web');
    expect(loop.world.deletes('web')).toHaveLength(1);
  });

  test('R17: credentials revoked: the Service waits and says why, and goes when they are back', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock });
    loop.world.deleteAnswers.set('web', () => Promise.reject(new Error('credentials revoked')));
    await loop.createServed('web');
    await loop.delete('web');
    const stuck = await loop.when('web', one => conditionOf(one, 'LoadBalancerDegraded') !== undefined);
    expect(stateOf(stuck, 'LoadBalancerDegraded')).toBe('True DeleteFailed');
    expect(stuck.metadata.finalizers).toEqual(['fairlead.dev/a']);
    expect((await loop.told('web', 'SyncLoadBalancerFailed')).message).toContain('credentials revoked');
    await loop.annotate('web', { 'example.com/beat': '1' });
    await loop.settle();
    expect(loop.world.deletes('web')).toHaveLength(1);
    loop.world.deleteAnswers.delete('web');
    clock.jump(5 * seconds);
    await loop.gone('web');
    expect(loop.world.balancers.size).toBe(0);
  });

  test('R11: finalizer there, balancer not yet made, deleted while the loop was down', async () => {
    await using loop = await startLoop({ started: false });
    await loop.create('web', {}, { finalizers: ['fairlead.dev/a'] });
    await loop.delete('web');
    await loop.start();
    await loop.gone('web');
    expect(loop.world.callsFor('web').map(call => call.verb)).toEqual(['delete']);
  });

  test.for(['report', 'delete'] as const)(
    'R13: a balancer whose Service went while the loop was down, the finalizer taken off by force (--orphans=%s)',
    async mode => {
      const clock = new LoopClock();
      await using loop = await startLoop({ clock, flags: [`--orphans=${mode}`] });
      await loop.createServed('stays');
      await loop.createServed('web');
      await loop.stop();
      await loop.patch('web', { metadata: { finalizers: null } });
      await loop.delete('web');
      addForeign(loop);
      await loop.start();
      await swept(loop, clock);
      expect(loop.world.balancerOf('web')).toBeDefined();
      await swept(loop, clock);
      await loop.settle();
      const left = [...loop.world.balancers.values()].map(balancer => balancer.ref.service.name).toSorted();
      expect(left).toEqual(mode === 'delete' ? ['foreign', 'stays'] : ['foreign', 'stays', 'web']);
      expect(loop.log.filter(line => line.msg.startsWith('orphan')).map(line => line['service'])).toContain(
        `${loop.namespace}/web`,
      );
    },
  );
});

describe.concurrent('restarts and repair', () => {
  test('R10: a balancer made just before the end, its address unwritten: the next run publishes that one', async () => {
    let broken = true;
    const between = (client: KubeClient): KubeClient => ({
      request: request =>
        broken && JSON.stringify(request.body ?? {}).includes('"ingress"')
          ? Promise.reject(new KubeError(0, 'Unreachable', 'the process has ended'))
          : client.request(request),
      watch: request => client.watch(request),
    });
    await using loop = await startLoop({ between });
    await loop.create('web');
    await loop.until('it is made', () => loop.world.balancerOf('web') !== undefined);
    await loop.stop();
    const made = loop.world.balancerOf('web');
    expect(addressOf(await loop.get('web'))).toBeUndefined();
    broken = false;
    await loop.start();
    expect(addressOf(await loop.served('web'))).toBe(made?.ip);
    expect(loop.world.balancers.size).toBe(1);
  });

  test.for([true, false])(
    'R14: a restart with 200 healthy Services writes and changes nothing (finalizer: %s)',
    async keepsOutside => {
      await using loop = await startLoop({ instances: { a: { capabilities: { keepsOutside } } } });
      const names = await loop.createMany(200);
      await loop.stop();
      const [services, events] = [await loop.services(), (await loop.allEvents()).length];
      const { mutations } = loop.world;
      loop.requests.length = 0;
      await loop.start();
      await loop.until('all are verified', () => names.every(name => loop.world.ensures(name).length === 2));
      await loop.idle();
      await loop.stop();
      expect(await loop.services()).toEqual(services);
      expect(await loop.allEvents()).toHaveLength(events);
      expect(loop.world.mutations).toBe(mutations);
      expect(loop.requests.filter(request => request.method !== 'GET')).toEqual([]);
      expect(loop.requests.length).toBeLessThan(20);
      const restored = loop.world.calls.filter(call => call.verb === 'restore').at(-1);
      expect(restored?.held).toHaveLength(200);
    },
  );

  test('a provider that does not know yet which addresses are taken is asked for nothing; the others are', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock, instances: { a: {}, b: {} }, started: false });
    const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
    let restores = 0;
    loop.world.restoreAnswers.set('a', async () => {
      if (++restores === 1) throw new Error('the cloud is down');
      await allowed;
    });
    await loop.create('web');
    await loop.start();
    await loop.createServed('other', { loadBalancerClass: 'loop.test/b' });
    await loop.until('it failed once and is tried again', () => {
      clock.jump(seconds);
      return restores === 2;
    });
    await loop.createServed('another', { loadBalancerClass: 'loop.test/b' });
    expect(loop.world.ensures('web')).toEqual([]);
    allow();
    await loop.served('web');
  });

  test('a new Service goes before the verification of the others', async () => {
    const flags = ['--concurrent-service-syncs=2'];
    await using loop = await startLoop({ flags, instances: { a: { capabilities: { keepsOutside: false } } } });
    const names = Array.from({ length: 12 }, (_, index) => `web-${index}`);
    await Promise.all(names.map(name => loop.createServed(name)));
    await loop.stop();
    const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
    for (const name of names)
      loop.world.ensureAnswers.set(name, async (_wanted, _call, make) => {
        await allowed;
        return make();
      });
    const before = loop.world.calls.length;
    await loop.start();
    const verified = () => loop.world.calls.slice(before).filter(call => call.verb === 'ensure');
    await loop.until('verification has begun', () => verified().length === 2);
    await loop.create('new');
    await loop.until(
      'the loop knows of it',
      () => loop.built.controller.services.get(`${loop.namespace}/new`) !== undefined,
    );
    allow();
    await loop.until('all are asked', () => verified().length === names.length + 1);
    expect(verified().findIndex(call => call.service === 'new')).toBeLessThan(5);
  });

  test('R16: what was altered outside is as asked again after the verify interval', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock, flags: ['--verify-interval=60s'] });
    const before = await loop.createServed('web');
    await loop.createServed('gone');
    await loop.settle();
    const altered = loop.world.balancerOf('web');
    if (altered === undefined) throw new Error('there is no balancer');
    altered.loadBalancer = { ...altered.loadBalancer, listeners: [] };
    loop.world.balancers.delete(loop.world.balancerOf('gone')?.ref.id ?? '');
    clock.jump(60 * seconds);
    await loop.until('both are repaired', () =>
      ['web', 'gone'].every(name => loop.world.balancerOf(name)?.loadBalancer.listeners.length === 1),
    );
    await loop.settle();
    expect(await loop.get('web')).toEqual(before);
    expect(addressOf(await loop.get('gone'))).toBe(loop.world.balancerOf('gone')?.ip);
  });

  test('a provider that asks for another look gets it at once', async () => {
    await using loop = await startLoop();
    const { metadata } = await loop.createServed('web');
    await loop.settle();
    loop.built.controller.requeue([idOf(metadata.uid)], 'its address was taken away');
    await loop.until('it was asked again', () => loop.world.ensures('web').length > 1);
    await loop.settle();
    expect(loop.world.ensures('web')).toHaveLength(2);
  });

  test('R22: told to stop, a call that is out ends in good order, and then the Lease is given up', async () => {
    await using loop = await startLoop();
    const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
    loop.world.ensureAnswers.set('web', async (_wanted, _call, make) => {
      await allowed;
      return make();
    });
    await loop.create('web');
    await loop.until('it is asked', () => loop.world.ensures('web').length === 1);
    const stopped = loop.stop();
    await loop.create('late');
    expect(await holder(loop)).toBe(loop.namespace);
    allow();
    await stopped;
    expect(addressOf(await loop.get('web'))).toBe(loop.world.balancerOf('web')?.ip);
    expect(await holder(loop)).toBe('');
    expect(loop.world.callsFor('late')).toEqual([]);
  });

  test('R22: what has not ended within the grace is aborted', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock });
    loop.world.ensureAnswers.set('web', (_wanted, call) => hangUntilAborted(call));
    await loop.create('web');
    await loop.until('it is asked', () => loop.world.ensures('web').length === 1);
    const stopped = loop.stop();
    await loop.until('it drains', async () => (await loop.mayLead()) && (await holder(loop)) !== undefined);
    clock.jump(10 * seconds);
    await stopped;
    expect(await holder(loop)).toBe('');
    expect(addressOf(await loop.get('web'))).toBeUndefined();
  });
});

/** Waits for that many calls for `web`, and until what follows from the last one has its timer. */
async function called(loop: Loop, times: number): Promise<void> {
  await loop.until(`web was asked for ${times} times`, () => loop.world.ensures('web').length === times);
  await loop.idle();
}

/** Lets so much time pass, in two steps, so that what comes a second too early shows in the gaps. */
async function pass(loop: Loop, clock: LoopClock, ms: number): Promise<void> {
  clock.jump(ms - seconds);
  await loop.idle();
  clock.jump(seconds);
}

/** Milliseconds on the loop's clock between the calls for `web`. */
function gaps(loop: Loop): readonly number[] {
  const times = loop.world.callsFor('web', 'ensure').map(call => call.at);
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

function providerError(code: string, retryAfterMs?: number): Error {
  const error = Object.assign(new Error(`the cloud says ${code}`), { code, retryAfterMs });
  error.name = 'ProviderError';
  return error;
}

/** A balancer that carries another cluster's mark. */
function addForeign(loop: Loop): void {
  const [one] = loop.world.balancers.values();
  if (one === undefined) throw new Error('there is no balancer');
  const service = { namespace: loop.namespace, name: 'foreign', uid: crypto.randomUUID() };
  const ref = { id: idOf(service.uid), cluster: crypto.randomUUID(), service };
  loop.world.balancers.set(ref.id, { ...one, ref });
}

/** Puts the clock forward by an interval, and waits for its sweep. */
async function swept(loop: Loop, clock: LoopClock): Promise<void> {
  const lists = (): number => loop.world.calls.filter(call => call.verb === 'list').length;
  const before = lists();
  const orphans = loop.orphans.length;
  clock.jump(hour + seconds);
  await loop.until('it was swept', () => lists() > before && loop.orphans.length > orphans);
}

async function holder(loop: Loop): Promise<string | null | undefined> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${loop.namespace}/leases/fairlead`;
  return (await loop.admin.request<Lease>({ method: 'GET', path })).spec.holderIdentity;
}
