import { describe, expect, test } from 'vitest';
import { type KubeClient, KubeError, type KubeRequest } from '../../src/kube/client.ts';
import { type LoopOptions, startLoop } from '../support/loop.ts';
import { LoopClock } from '../support/loop-clock.ts';
import { addressOf, conditionOf, stateOf } from '../support/loop-users.ts';
import { hangUntilAborted } from '../support/loop-world.ts';

/** Rows S of the reference, and the conditions of KEP-4631. S12 is in role.test.ts, S14 in loop-changes.test.ts. */
const verifyMs = 600_000;

describe.concurrent('what is written', () => {
  test('S2, S3: the same answer again, without ipMode, is written once', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock });
    const before = await loop.createServed('web');
    await loop.settle();
    clock.jump(verifyMs);
    await loop.until('it was verified', () => loop.world.ensures('web').length === 2);
    await loop.settle();
    expect(before.status?.loadBalancer?.ingress?.[0]?.ipMode).toBe('VIP');
    expect(await loop.get('web')).toEqual(before);
  });

  test('S5: a status write that meets a conflict is made anew from what is there now', async () => {
    let conflicts = 0;
    await using loop = await startLoop({
      between: failing(({ path }) => path.endsWith('/web/status') && conflicts++ < 3, conflict),
    });
    const service = await loop.createServed('web');
    expect(stateOf(service, 'LoadBalancerServing')).toBe('True Serving');
    expect(loop.world.ensures('web')).toHaveLength(1);
  });

  test('S5: conflicts without end are told, and it is tried again later', async () => {
    const clock = new LoopClock();
    let refusing = true;
    const between = failing(({ path }) => path.endsWith('/web/status') && refusing, conflict);
    await using loop = await startLoop({ clock, between });
    await loop.create('web');
    await loop.told('web', 'SyncLoadBalancerFailed');
    expect(addressOf(await loop.get('web'))).toBeUndefined();
    refusing = false;
    clock.jump(10_000);
    await loop.served('web');
  });

  test('S5: somebody who writes to the Service all the time does not keep the address from it', async () => {
    await using loop = await startLoop();
    await loop.create('web');
    for (let write = 0; write < 60; write++) await loop.annotate('web', { 'example.com/beat': String(write) });
    const service = await loop.served('web');
    expect(service.metadata.annotations).toMatchObject({ 'example.com/beat': '59' });
  });

  test('S6: a Service that goes while its balancer is made is not written to, and the balancer goes too', async () => {
    await using loop = await startLoop({ instances: { a: { capabilities: { keepsOutside: false } } } });
    loop.world.ensureAnswers.set('web', async (_wanted, _call, make) => {
      const made = make();
      await loop.delete('web');
      return made;
    });
    await loop.create('web');
    await loop.until('it was made and removed', () => loop.world.deletes('web').length === 1);
    await loop.settle();
    expect(loop.world.balancers.size).toBe(0);
    expect(loop.log.filter(line => line.level === 'warn')).toEqual([]);
  });

  test('S8: a finalizer that somebody adds while ours is on its way stays beside it', async () => {
    const hooks: { before?: () => Promise<unknown> } = {};
    const between = (client: KubeClient): KubeClient => ({
      async request(request) {
        if (request.path.endsWith('/web/status')) {
          const { before } = hooks;
          delete hooks.before;
          await before?.();
        }
        return client.request(request);
      },
      watch: request => client.watch(request),
    });
    await using loop = await startLoop({ between });
    hooks.before = () => loop.patch('web', { metadata: { finalizers: ['example.com/audit'] } });
    const service = await loop.createServed('web');
    expect(hooks.before).toBeUndefined();
    expect(service.metadata.finalizers?.toSorted()).toEqual(['example.com/audit', 'fairlead.dev/a']);
  });

  test('S9: a host name is published as such, without ipMode', async () => {
    await using loop = await startLoop();
    const ingress = [{ hostname: 'lb.example.com' }];
    loop.world.ensureAnswers.set('web', () => ({ state: 'ready', ingress }));
    const { status } = await loop.createServed('web');
    expect(status?.loadBalancer?.ingress).toEqual(ingress);
  });

  test('ipMode Proxy and the ports of an entry are published as the provider says', async () => {
    await using loop = await startLoop();
    const ports = [{ port: 80, protocol: 'TCP' as const, error: 'cloud.example/NoCertificate' }];
    const ingress = [{ ip: '203.0.113.80', ipMode: 'Proxy' as const, ports }];
    loop.world.ensureAnswers.set('web', () => ({ state: 'ready', ingress }));
    const service = await loop.createServed('web');
    expect(service.status?.loadBalancer?.ingress).toEqual(ingress);
    expect(stateOf(service, 'LoadBalancerPortsError')).toMatch(/^True /);
  });

  test.for([
    { name: 'an ip that is none', ingress: [{ ip: 'not-an-ip' }] },
    { name: 'no address at all', ingress: [] },
    { name: 'ip and hostname in one', ingress: [{ ip: '203.0.113.81', hostname: 'lb.example.com' }] },
    { name: 'a hostname that the API server refuses', ingress: [{ hostname: 'not a host name' }] },
  ])('S11: $name is a Warning and a back-off, and harms nobody else', async ({ ingress }) => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock });
    loop.world.ensureAnswers.set('web', () => ({ state: 'ready', ingress }));
    await loop.create('web');
    const event = await loop.told('web', 'SyncLoadBalancerFailed');
    expect(event.type).toBe('Warning');
    const unserved = await loop.when('web', one => stateOf(one, 'LoadBalancerServing') === 'False Infrastructure');
    expect(addressOf(unserved)).toBeUndefined();
    await loop.settle();
    expect(loop.world.ensures('web')).toHaveLength(1);
    loop.world.ensureAnswers.delete('web');
    clock.jump(10_000);
    await loop.served('web');
  });

  test('what a tenant or a cloud says is cut to what the API server takes', async () => {
    await using loop = await startLoop();
    loop.world.ensureAnswers.set('web', () => Promise.reject(new Error(`${'long '.repeat(20_000)}\uD800`)));
    await loop.create('web');
    const service = await loop.when('web', one => stateOf(one, 'LoadBalancerServing') === 'False Infrastructure');
    expect(conditionOf(service, 'LoadBalancerServing')?.message.length).toBeLessThanOrEqual(1_000);
    await loop.told('web', 'SyncLoadBalancerFailed');
  });
});

describe.concurrent('conditions', () => {
  test('while the first answer is out: provisioning, from the finalizer’s own write on', async () => {
    await using loop = await startLoop({ flags: ['--shutdown-grace=0s'] });
    loop.world.ensureAnswers.set('web', (_wanted, call) => hangUntilAborted(call));
    await loop.create('web');
    const service = await loop.when('web', one => one.metadata.finalizers !== undefined);
    expect(stateOf(service, 'LoadBalancerProvisioning')).toBe('True Provisioning');
    expect(stateOf(service, 'LoadBalancerServing')).toBe('False Provisioning');
    expect(loop.writesTo('web')).toHaveLength(1);
  });

  test('where there is no finalizer: nothing before the second is over, provisioning after it', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock, instances: { a: { capabilities: { keepsOutside: false } } } });
    const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
    loop.world.ensureAnswers.set('web', async (_wanted, _call, make) => {
      await allowed;
      return make();
    });
    await loop.create('web');
    await loop.until('it is asked', () => loop.world.ensures('web').length === 1);
    clock.jump(1_000);
    const waiting = await loop.when('web', one => conditionOf(one, 'LoadBalancerProvisioning') !== undefined);
    expect(stateOf(waiting, 'LoadBalancerProvisioning')).toBe('True Provisioning');
    allow();
    const served = await loop.served('web');
    expect(stateOf(served, 'LoadBalancerProvisioning')).toBe('False Complete');
    expect(stateOf(served, 'LoadBalancerServing')).toBe('True Serving');
  });

  test('pending: the reason is the provider’s, an address that is known is shown, and two Events are told', async () => {
    await using loop = await startLoop();
    let ready = false;
    loop.world.ensureAnswers.set('web', (_wanted, _call, make) =>
      ready ? make() : { ...make(), state: 'pending', reason: 'three nodes are to come', retryAfterMs: 100 },
    );
    await loop.create('web');
    const waiting = await loop.when('web', one => addressOf(one) !== undefined);
    expect(stateOf(waiting, 'LoadBalancerProvisioning')).toBe('True Provisioning');
    expect(conditionOf(waiting, 'LoadBalancerProvisioning')?.message).toBe('three nodes are to come');
    ready = true;
    await loop.when('web', one => stateOf(one, 'LoadBalancerServing') === 'True Serving');
    await loop.stop();
    expect(await loop.events('web')).toEqual(['Normal EnsuredLoadBalancer', 'Normal EnsuringLoadBalancer']);
  });

  test.for([
    {
      code: 'rejected',
      serving: 'False ProviderRejected',
      provisioning: 'True ProviderRejected',
      event: 'SyncLoadBalancerFailed',
    },
    {
      code: 'unsupported',
      serving: 'False Unsupported',
      provisioning: 'False Unsupported',
      event: 'LoadBalancerRejected',
    },
    {
      code: 'no code of ours',
      serving: 'False Infrastructure',
      provisioning: 'True Infrastructure',
      event: 'SyncLoadBalancerFailed',
    },
  ])('a first ensure that fails with $code', async ({ code, serving, provisioning, event }) => {
    await using loop = await startLoop();
    loop.world.ensureAnswers.set('web', () => Promise.reject(failure(code, 'the quota is used up')));
    await loop.create('web');
    const service = await loop.when('web', one => stateOf(one, 'LoadBalancerServing') === serving);
    expect(stateOf(service, 'LoadBalancerProvisioning')).toBe(provisioning);
    expect(conditionOf(service, 'LoadBalancerServing')?.message).toContain('the quota is used up');
    expect((await loop.told('web', event)).message).toContain('the quota is used up');
  });

  test.for(['rejected', 'unsupported', 'no code of ours'])(
    'a change that fails with %s: degraded, and the address stays',
    async code => {
      await using loop = await startLoop();
      const before = await loop.createServed('web');
      loop.world.ensureAnswers.set('web', () => Promise.reject(failure(code, 'no such flavour')));
      await loop.annotate('web', { 'cloud.example/flavour': 'odd' });
      const after = await loop.when('web', one => stateOf(one, 'LoadBalancerDegraded') !== undefined);
      expect(conditionOf(after, 'LoadBalancerDegraded')?.message).toContain('no such flavour');
      expect(stateOf(after, 'LoadBalancerServing')).toBe('True Serving');
      expect(addressOf(after)).toBe(addressOf(before));
      loop.world.ensureAnswers.delete('web');
      await loop.annotate('web', { 'cloud.example/flavour': null });
      const mended = await loop.when('web', one => stateOf(one, 'LoadBalancerDegraded') === undefined);
      expect(stateOf(mended, 'LoadBalancerServing')).toBe('True Serving');
    },
  );

  test('N20: a node that cannot be used leaves the others in service, and its name stands in the condition', async () => {
    await using loop = await startLoop({ nodes: ['n1', 'n2'] });
    const node = loop.nodeName('n2');
    loop.world.ensureAnswers.set('web', (_wanted, _call, make) => ({
      ...make(),
      backends: { registered: 1, rejected: [{ node, reason: 'its providerID is of another cloud' }] },
    }));
    const service = await loop.createServed('web');
    expect(stateOf(service, 'LoadBalancerServing')).toBe('True Serving');
    expect(stateOf(service, 'LoadBalancerDegraded')).toBe('True BackendsRejected');
    expect(conditionOf(service, 'LoadBalancerDegraded')?.message).toContain(
      `${node}: its providerID is of another cloud`,
    );
  });

  test('lastTransitionTime moves with the status of a condition, and with nothing else', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ clock });
    const before = await loop.createServed('web');
    clock.jump(3_600_000);
    loop.world.ensureAnswers.set('web', () => Promise.reject(new Error('down')));
    await loop.annotate('web', { 'cloud.example/flavour': 'odd' });
    const after = await loop.when('web', one => stateOf(one, 'LoadBalancerDegraded') !== undefined);
    const moved = (type: string): boolean =>
      conditionOf(before, type)?.lastTransitionTime !== conditionOf(after, type)?.lastTransitionTime;
    expect(moved('LoadBalancerServing')).toBe(false);
    expect(moved('LoadBalancerProvisioning')).toBe(true);
  });

  test('a condition of another controller stays', async () => {
    await using loop = await startLoop();
    await loop.create('web');
    const theirs = {
      type: 'example.com/Audited',
      status: 'True',
      reason: 'Yes',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const { status } = await loop.served('web');
    await loop.patchStatus('web', { status: { conditions: [...(status?.conditions ?? []), theirs] } });
    await loop.patchSpec('web', { type: 'ClusterIP', loadBalancerClass: null });
    const after = await loop.when('web', one => one.metadata.finalizers === undefined);
    expect(after.status?.conditions).toEqual([theirs]);
  });
});

function failing(
  isMeant: (request: KubeRequest) => boolean,
  error: () => KubeError,
): NonNullable<LoopOptions['between']> {
  return (client: KubeClient) => ({
    request: request => (isMeant(request) ? Promise.reject(error()) : client.request(request)),
    watch: request => client.watch(request),
  });
}

function conflict(): KubeError {
  return new KubeError(409, 'Conflict', 'the object has been modified');
}

/** An error as a provider with its own copy of our package would throw it. */
function failure(code: string, message: string): Error {
  const error = Object.assign(new Error(message), { code });
  error.name = 'ProviderError';
  return error;
}
