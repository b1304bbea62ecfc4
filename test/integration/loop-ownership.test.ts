import { describe, expect, test } from 'vitest';
import { statusOf } from '../../src/kube/client.ts';
import { type Loop, startLoop } from '../support/loop.ts';
import { addressOf, classOf, conditionOf, stateOf } from '../support/loop-users.ts';

/** Rows C of the reference, and DESIGN §3 on ownership: classes, the default, foreign marks, move, adopt, abandon. */
const classLess = { loadBalancerClass: undefined };
const foreignStatus = { status: { loadBalancer: { ingress: [{ ip: '198.51.100.44' }] } } };
const standardFinalizer = 'service.kubernetes.io/load-balancer-cleanup';

describe.concurrent('classes', () => {
  test.for([
    { isDefault: false, served: ['ours'] },
    { isDefault: true, served: ['ours', 'class-less'] },
  ])('C1, C4: of ours, of another and of no class, $served are served', async ({ isDefault, served }) => {
    await using loop = await startLoop({ instances: { a: { default: isDefault } } });
    const classes = { ours: classOf('a'), theirs: 'test.com/test', 'class-less': undefined };
    for (const [name, loadBalancerClass] of Object.entries(classes)) await loop.create(name, { loadBalancerClass });
    for (const name of served) await loop.served(name);
    await loop.settle();
    await loop.stop();
    for (const name of Object.keys(classes).filter(one => !served.includes(one))) {
      const { metadata, status } = await loop.get(name);
      expect(metadata.finalizers).toBeUndefined();
      expect(status).toEqual({ loadBalancer: {} });
      expect(await loop.events(name)).toEqual([]);
      expect(loop.world.callsFor(name)).toEqual([]);
    }
  });

  test('C3: a class set later is refused by the API server, and the Service stays served', async () => {
    await using loop = await startLoop({ instances: { a: { default: true } } });
    await loop.createServed('web', classLess);
    const answer = await loop.patchSpec('web', { loadBalancerClass: classOf('a') }).catch(statusOf);
    expect(answer).toBe(422);
    await loop.settle();
    expect(stateOf(await loop.get('web'), 'LoadBalancerServing')).toBe('True Serving');
  });

  test('C6: over ClusterIP to another’s class: ours goes at the first step, the second is none of our business', async () => {
    await using loop = await startLoop({ instances: { a: { default: true } } });
    await loop.createServed('web', classLess);
    await loop.patchSpec('web', { type: 'ClusterIP' });
    await loop.when('web', one => one.metadata.finalizers === undefined);
    await loop.patchSpec('web', { type: 'LoadBalancer', loadBalancerClass: 'test.com/test' });
    await loop.settle();
    expect((await loop.get('web')).status).toEqual({ loadBalancer: {} });
    expect(loop.world.callsFor('web').map(call => call.verb)).toEqual(['ensure', 'delete']);
  });

  test('C7: what another controller publishes on a Service of its class stays', async () => {
    await using loop = await startLoop();
    await loop.create('web', { loadBalancerClass: 'test.com/test' });
    const { status } = await loop.patchStatus('web', foreignStatus);
    await loop.settle();
    expect((await loop.get('web')).status).toEqual(status);
  });

  test('a class under fairlead.dev/ that nobody serves: the Service says so, and which node port to use', async () => {
    await using loop = await startLoop();
    const { spec } = await loop.create('web', { loadBalancerClass: 'fairlead.dev/typo' });
    const after = await loop.when('web', one => conditionOf(one, 'LoadBalancerServing') !== undefined);
    expect(stateOf(after, 'LoadBalancerServing')).toBe('False ClassNotMapped');
    const nodePort = `:${spec.ports?.[0]?.nodePort} for port 80/TCP`;
    expect(conditionOf(after, 'LoadBalancerServing')?.message).toContain(nodePort);
    expect((await loop.told('web', 'NodePortOnly')).message).toContain(nodePort);
    expect(after.metadata.finalizers).toBeUndefined();
  });

  test('with no provider at all a class-less Service says so, within one write and without a finalizer', async () => {
    await using loop = await startLoop({ instances: {} });
    await loop.create('web', classLess);
    const after = await loop.when('web', one => conditionOf(one, 'LoadBalancerServing') !== undefined);
    expect(stateOf(after, 'LoadBalancerServing')).toBe('False NoProvider');
    expect(after.metadata.finalizers).toBeUndefined();
    expect(addressOf(after)).toBeUndefined();
    await loop.told('web', 'NodePortOnly');
    expect(loop.writesTo('web')).toHaveLength(1);
  });

  test('a provider that is configured later takes it up', async () => {
    await using loop = await startLoop({ instances: {} });
    await loop.create('web', classLess);
    await loop.when('web', one => conditionOf(one, 'LoadBalancerServing') !== undefined);
    await loop.stop();
    await loop.start({ instances: { a: { default: true } } });
    const after = await loop.served('web');
    expect(stateOf(after, 'LoadBalancerServing')).toBe('True Serving');
  });
});

describe.concurrent('foreign marks', () => {
  test.for([
    { mark: 'a published address', class: undefined, finalizers: [] },
    { mark: 'a published address', class: classOf('a'), finalizers: [] },
    { mark: 'the finalizer of the stock controller', class: undefined, finalizers: [standardFinalizer] },
  ])('$mark (class $class): left alone, with an Event that names mark and remedy', async row => {
    await using loop = await startLoop({ instances: { a: { default: true } }, started: false });
    await loop.create('web', { loadBalancerClass: row.class }, { finalizers: row.finalizers });
    if (row.finalizers.length === 0) await loop.patchStatus('web', foreignStatus);
    const before = await loop.get('web');
    await loop.start();
    const event = await loop.told('web', 'ForeignLoadBalancer');
    expect(event.message).toContain(row.finalizers[0] ?? '198.51.100.44');
    expect(event.message).toContain('remove the mark');
    await loop.settle();
    expect(await loop.get('web')).toEqual(before);
    expect(loop.world.callsFor('web')).toEqual([]);
  });

  test('a foreign finalizer on a Service of our class says nothing about whose it is', async () => {
    await using loop = await startLoop();
    const service = await loop.createServed('web', {}, { finalizers: ['example.com/audit'] });
    expect(service.metadata.finalizers?.toSorted()).toEqual(['example.com/audit', 'fairlead.dev/a']);
  });

  test('a foreign address that goes away frees the Service for us', async () => {
    await using loop = await startLoop({ started: false });
    await loop.create('web');
    await loop.patchStatus('web', foreignStatus);
    await loop.start();
    await loop.told('web', 'ForeignLoadBalancer');
    await loop.patchStatus('web', { status: { loadBalancer: { ingress: null } } });
    const after = await loop.served('web');
    expect(addressOf(after)).toBe(loop.world.balancerOf('web')?.ip);
  });
});

describe.concurrent('adopt', () => {
  test('where the operator lists the namespace, address and Service are taken over and the old finalizer goes', async () => {
    await using loop = await startLoop({ instances: { a: { default: true } }, started: false });
    await loop.create('web', classLess, { finalizers: [standardFinalizer] });
    await loop.patchStatus('web', foreignStatus);
    await loop.annotate('web', { 'fairlead.dev/adopt': 'true' });
    await loop.start({ flags: [`--allow-adopt=${loop.namespace}`] });
    const after = await loop.when('web', one => stateOf(one, 'LoadBalancerServing') === 'True Serving');
    expect(after.metadata.finalizers).toEqual(['fairlead.dev/a']);
    expect(addressOf(after)).toBe('198.51.100.44');
    const [ensured] = loop.world.ensures('web');
    expect(ensured).toMatchObject({ adopt: true, ingress: [{ ip: '198.51.100.44' }] });
  });

  test('where the operator does not, the annotation changes nothing', async () => {
    await using loop = await startLoop({ instances: { a: { default: true } }, started: false });
    await loop.create('web', classLess, { annotations: { 'fairlead.dev/adopt': 'true' } });
    await loop.patchStatus('web', foreignStatus);
    await loop.start({ flags: ['--allow-adopt=elsewhere'] });
    await loop.told('web', 'ForeignLoadBalancer');
    await loop.settle();
    expect(loop.world.callsFor('web')).toEqual([]);
    expect((await loop.get('web')).metadata.finalizers).toBeUndefined();
  });
});

describe.concurrent('abandon', () => {
  test('where the operator lists the namespace: no call, no finalizer, and a record of what is left', async () => {
    await using loop = await startLoop({ started: false });
    await loop.start({ flags: [`--allow-abandon=${loop.namespace}`] });
    const before = await loop.createServed('web');
    await loop.annotate('web', { 'fairlead.dev/abandon': 'true' });
    const after = await loop.when('web', one => one.metadata.finalizers === undefined);
    const id = loop.world.balancerOf('web')?.ref.id;
    expect(id).toBeDefined();
    expect(stateOf(after, 'LoadBalancerServing')).toBe('False Abandoned');
    expect(conditionOf(after, 'LoadBalancerServing')?.message).toContain(id);
    expect((await loop.told('web', 'LoadBalancerAbandoned')).message).toContain(id);
    await loop.settle();
    expect(addressOf(await loop.get('web'))).toBe(addressOf(before));
    await loop.delete('web');
    await loop.gone('web');
    await loop.settle();
    expect(loop.world.deletes('web')).toEqual([]);
    expect(loop.world.ensures('web')).toHaveLength(1);
  });

  test('R17: it lets a Service go whose balancer cannot be deleted', async () => {
    await using loop = await startLoop({ started: false });
    await loop.start({ flags: [`--allow-abandon=${loop.namespace}`] });
    loop.world.deleteAnswers.set('web', () => Promise.reject(new Error('credentials revoked')));
    await loop.createServed('web');
    await loop.delete('web');
    const stuck = await loop.when('web', one => conditionOf(one, 'LoadBalancerDegraded') !== undefined);
    expect(stateOf(stuck, 'LoadBalancerDegraded')).toBe('True DeleteFailed');
    expect(conditionOf(stuck, 'LoadBalancerDegraded')?.message).toContain('credentials revoked');
    await loop.annotate('web', { 'fairlead.dev/abandon': 'true' });
    await loop.gone('web');
    expect(loop.world.balancers.size).toBe(1);
  });

  test('where the operator does not list it, the annotation changes nothing', async () => {
    await using loop = await startLoop({ flags: ['--allow-abandon=elsewhere'] });
    await loop.createServed('web');
    await loop.annotate('web', { 'fairlead.dev/abandon': 'true' });
    await loop.settle();
    expect(stateOf(await loop.get('web'), 'LoadBalancerServing')).toBe('True Serving');
    await loop.delete('web');
    await loop.gone('web');
    expect(loop.world.balancers.size).toBe(0);
  });
});

describe.concurrent('from one provider to another', () => {
  const both = { a: {}, b: {} };

  test('a class that changes with the type: the first provider deletes, then the second begins', async () => {
    await using loop = await startLoop({ instances: both });
    await loop.createServed('web');
    await loop.stop();
    await loop.patchSpec('web', { type: 'ClusterIP', loadBalancerClass: null });
    await loop.patchSpec('web', { type: 'LoadBalancer', loadBalancerClass: classOf('b') });
    await loop.start();
    const after = await loop.served('web');
    expect(after.metadata.finalizers).toEqual(['fairlead.dev/b']);
    expect(calls(loop)).toEqual(['ensure a', 'delete a', 'ensure b']);
    expect(loop.world.balancers.size).toBe(1);
  });

  test('a published address stays with its owner when the default changes, until the user asks for the move', async () => {
    await using loop = await startLoop({ instances: { a: { default: true }, b: {} } });
    const before = await loop.createServed('web', classLess);
    await loop.stop();
    await loop.start({ instances: { a: {}, b: { default: true } } });
    const kept = await loop.when('web', one => conditionOf(one, 'LoadBalancerDegraded') !== undefined);
    expect(stateOf(kept, 'LoadBalancerDegraded')).toBe('True ProviderChanged');
    expect(addressOf(kept)).toBe(addressOf(before));
    expect(kept.metadata.finalizers).toEqual(['fairlead.dev/a']);
    await loop.annotate('web', { 'fairlead.dev/move': 'true' });
    const moved = await loop.when('web', one => one.metadata.finalizers?.includes('fairlead.dev/b') === true);
    await loop.served('web');
    expect(moved.metadata.finalizers).toEqual(['fairlead.dev/b']);
    await loop.settle('b');
    expect(calls(loop)).toEqual(['ensure a', 'ensure a', 'delete a', 'ensure b']);
    expect(conditionOf(await loop.get('web'), 'LoadBalancerDegraded')).toBeUndefined();
  });

  test('without a published address the other one begins at once, after the first has deleted', async () => {
    await using loop = await startLoop({ instances: { a: { default: true }, b: {} } });
    loop.world.ensureAnswers.set('web', ({ ingress }, _call, make) => {
      const made = make();
      return loop.world.calls.at(-1)?.instance === 'b' || ingress.length > 0
        ? made
        : { state: 'pending', reason: 'no address yet', retryAfterMs: 60_000, ingress: [] };
    });
    await loop.create('web', classLess);
    await loop.until('the first was asked', () => loop.world.ensures('web').length === 1);
    await loop.stop();
    await loop.start({ instances: { a: {}, b: { default: true } } });
    const after = await loop.served('web');
    expect(after.metadata.finalizers).toEqual(['fairlead.dev/b']);
    expect(calls(loop)).toEqual(['ensure a', 'delete a', 'ensure b']);
  });

  test('a default that is taken back deletes nothing', async () => {
    await using loop = await startLoop({ instances: { a: { default: true } } });
    const before = await loop.createServed('web', classLess);
    await loop.stop();
    await loop.start({ instances: { a: {} } });
    await loop.settle();
    const after = await loop.get('web');
    expect(after.status).toEqual(before.status);
    expect(loop.world.deletes('web')).toEqual([]);
  });

  test('a provider that is not configured any more: what exists stays, the Service says so, and its return completes it', async () => {
    await using loop = await startLoop({ instances: both });
    const before = await loop.createServed('web');
    await loop.stop();
    await loop.start({ instances: { b: {} } });
    const orphaned = await loop.when('web', one => conditionOf(one, 'LoadBalancerDegraded') !== undefined);
    expect(stateOf(orphaned, 'LoadBalancerDegraded')).toBe('True ProviderNotConfigured');
    expect(addressOf(orphaned)).toBe(addressOf(before));
    await loop.delete('web');
    await loop.settle('b');
    expect((await loop.get('web')).metadata.finalizers).toEqual(['fairlead.dev/a']);
    expect(loop.world.deletes('web')).toEqual([]);
    await loop.stop();
    await loop.start();
    await loop.gone('web');
    expect(loop.world.balancers.size).toBe(0);
  });
});

/** `ensure a`, for the Service `web`. */
function calls(loop: Loop): readonly string[] {
  return loop.world.callsFor('web').map(({ verb, instance }) => `${verb} ${instance}`);
}
