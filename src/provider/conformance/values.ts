import assert from 'node:assert/strict';
import type { Listener, LoadBalancer, Protocol } from '../provider.ts';
import type { Check } from './check.ts';
import type { Rig } from './rig.ts';
import { addressesOf, published, refOf } from './sample.ts';

/** What goes in and what comes out. */
export const valueChecks: readonly Check[] = [
  {
    name: 'every answer can be published as it stands',
    hooks: [],
    traits: [],
    async run(rig) {
      for (const changes of shapes(rig)) await rig.ensure(rig.sample(1, changes));
    },
  },
  {
    name: 'not ready yet is a value, not an error, and nothing is made twice over it',
    hooks: ['holdBack', 'inventory'],
    traits: [],
    async run(rig) {
      const goOn = await rig.hooks.holdBack();
      const wanted = rig.sample(1);
      const answer = await rig.try(provider => provider.ensureLoadBalancer(wanted, rig.call()));
      if (answer instanceof Error) assert.fail(`ensure answers, and does not fail: ${answer.message}`);
      assert.equal(answer.state, 'pending');
      const before = await rig.inventory();
      await rig.try(provider => provider.ensureLoadBalancer(wanted, rig.call()));
      assert.equal((await rig.inventory()).length, before.length);
      await goOn();
      const ready = await rig.ensure(wanted);
      const told = addressesOf(answer);
      assert.ok(
        told.every(address => addressesOf(ready).includes(address)),
        'an address once told stays',
      );
    },
  },
  {
    name: 'arguments are never changed',
    hooks: [],
    traits: [],
    async run(rig) {
      const loadBalancer = structuredClone(rig.sample(1, { sourceRanges: ['198.51.100.0/24', '192.0.2.0/24'] }));
      const ref = { ...structuredClone(refOf(loadBalancer)), annotations: { 'example.com/a': 'b' } };
      const before = structuredClone({ loadBalancer, ref });
      const held = [loadBalancer];
      await rig.provider.restore?.(held, rig.call());
      rig.provider.needs(loadBalancer);
      await rig.ensure(loadBalancer);
      await rig.provider.ensureLoadBalancerDeleted(ref, rig.call());
      assert.deepEqual({ loadBalancer, ref }, before);
      assert.equal(held.length, 1);
    },
  },
  {
    name: 'fields of later versions are ignored',
    hooks: ['inventory'],
    traits: [],
    async run(rig) {
      const first = await rig.ensure(rig.sample(1));
      const before = await rig.inventory();
      const wanted = published(rig.sample(1), first);
      const listeners = wanted.listeners.map(one => ({ ...one, futureField: true }));
      const backends = wanted.backends.map(one => ({ ...one, futureField: ['x'] }));
      const future = {
        ...wanted,
        listeners,
        backends,
        service: { ...wanted.service, futureField: 1 },
        futureField: { deep: 1 },
      };
      assert.deepEqual(await rig.ensure(future), first);
      assert.deepEqual(await rig.inventory(), before);
    },
  },
  {
    name: 'needs is a pure function',
    hooks: [],
    traits: [],
    async run(rig) {
      const before = await rig.inventory();
      const [one, other] = [rig.sample(1), rig.sample(2, { backends: [] })];
      const first = [one, other].map(each => rig.provider.needs(each));
      for (const { nodePorts, endpoints = false } of first)
        assert.deepEqual([typeof nodePorts, typeof endpoints], ['boolean', 'boolean']);
      await rig.ensure(one);
      assert.deepEqual(
        [other, one].map(each => rig.provider.needs(each)).toReversed(),
        first,
        'its answer hangs on nothing but its argument',
      );
      await rig.delete(refOf(one));
      assert.deepEqual(await rig.inventory(), before);
    },
  },
  {
    name: 'every declared protocol is served',
    hooks: [],
    traits: [],
    async run(rig) {
      const { protocols, mixedProtocols } = rig.provider.capabilities;
      for (const [n, protocol] of protocols.entries())
        await rig.ensure(rig.sample(n, { listeners: [listener(protocol, 53)] }));
      if (mixedProtocols)
        await rig.ensure(rig.sample(9, { listeners: protocols.map(protocol => listener(protocol, 53)) }));
    },
  },
  {
    name: 'every declared IP family is served',
    hooks: [],
    traits: [],
    async run(rig) {
      const { ipFamilies, dualStack } = rig.provider.capabilities;
      const sets = [...ipFamilies.map(family => [family]), ...(dualStack ? [ipFamilies] : [])];
      for (const [n, families] of sets.entries()) {
        const { ingress } = await rig.ensure(rig.sample(n, { ipFamilies: families }));
        const missing = families.filter(
          family => !ingress.some(({ ip }) => ip === undefined || ip.includes(':') === (family === 'IPv6')),
        );
        assert.deepEqual(missing, [], `there is an address of each family, or a hostname`);
      }
    },
  },
  {
    name: 'as many listeners as declared are served',
    hooks: [],
    traits: [],
    async run(rig) {
      const { protocols, maxListeners = 20 } = rig.provider.capabilities;
      const [protocol = 'TCP'] = protocols;
      const listeners = Array.from({ length: Math.min(maxListeners, 100) }, (_, n) => listener(protocol, 1_000 + n));
      const wanted = rig.sample(1, { listeners });
      await rig.ensure(wanted);
      await rig.delete(refOf(wanted));
    },
  },
];

function listener(protocol: Protocol, port: number): Listener {
  return { name: `${protocol.toLowerCase()}-${port}`, protocol, port, nodePort: 30_000 + (port % 2_000) };
}

function shapes(rig: Rig): readonly Partial<LoadBalancer>[] {
  const [protocol = 'TCP'] = rig.provider.capabilities.protocols;
  return [
    {},
    { backends: [] },
    { listeners: [listener(protocol, 80), listener(protocol, 443)] },
    { externalTrafficPolicy: 'Local', healthCheck: { path: '/healthz', port: 31_000 } },
    { sessionAffinity: { type: 'ClientIP', timeoutSeconds: 10_800 } },
    { sourceRanges: ['192.0.2.0/24'] },
  ];
}
