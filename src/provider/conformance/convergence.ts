import assert from 'node:assert/strict';
import type { LoadBalancer } from '../provider.ts';
import { providerErrorCode } from '../provider-error.ts';
import type { Check } from './check.ts';
import type { Rig } from './rig.ts';
import { addressesOf, published, sampleBackend, sampleEndpoints } from './sample.ts';
import type { Served } from './test-world.ts';

type Changes = Partial<LoadBalancer>;

const otherBackends: Changes = { backends: ['node-b', 'node-c'].map(sampleBackend) };
const otherRanges: Changes = { sourceRanges: ['192.0.2.0/24', '198.51.100.0/25'] };

/** Another port, another node port under the first, and none of what was there before. */
function otherListeners(rig: Rig): Changes {
  const [protocol = 'TCP'] = rig.provider.capabilities.protocols;
  return {
    listeners: [
      { name: 'web', protocol, port: 80, nodePort: 31_999 },
      { name: 'admin', protocol, port: 8_080, nodePort: 31_998 },
    ],
  };
}

/** Changing what exists. */
export const convergenceChecks: readonly Check[] = [
  {
    name: 'a new balancer serves what was asked for',
    hooks: ['served'],
    traits: [],
    run: rig => becomes(rig, {}),
  },
  {
    name: 'changed listeners are carried out',
    hooks: ['served'],
    traits: [],
    async run(rig) {
      await becomes(rig, otherListeners(rig));
      await becomes(rig, { listeners: otherListeners(rig).listeners?.slice(1) ?? [] });
    },
  },
  {
    name: 'changed backends are carried out',
    hooks: ['served'],
    traits: [],
    run: rig => becomes(rig, otherBackends),
  },
  {
    name: 'changed endpoints are carried out',
    hooks: ['served'],
    traits: ['sendsToPods'],
    async run(rig) {
      const others = sampleEndpoints(rig.sample(1), ['192.0.2.111', '192.0.2.112']);
      await becomes(rig, { endpoints: others });
    },
  },
  {
    name: 'changed source ranges are carried out',
    hooks: ['served'],
    traits: ['filtersSources'],
    async run(rig) {
      await becomes(rig, otherRanges);
      await becomes(rig, {});
    },
  },
  {
    name: 'no backend is no error: the balancer is made all the same',
    hooks: [],
    traits: [],
    async run(rig) {
      const first = await rig.ensure(rig.sample(1, { backends: [] }));
      const later = await rig.ensure(published(rig.sample(1), first));
      assert.deepEqual(addressesOf(later), addressesOf(first), 'and keeps its address when nodes come');
    },
  },
  {
    name: 'no change of the Service moves its address',
    hooks: [],
    traits: [],
    async run(rig) {
      const first = await rig.ensure(rig.sample(1));
      for (const changes of everyChange(rig)) {
        const answer = await rig.ensure(published(rig.sample(1, changes), first));
        assert.deepEqual(
          addressesOf(answer),
          addressesOf(first),
          `after a change of ${Object.keys(changes).join(', ')}`,
        );
      }
    },
  },
  {
    name: 'a change there and back leaves what was there before',
    hooks: ['inventory'],
    traits: [],
    async run(rig) {
      const first = await rig.ensure(rig.sample(1));
      const before = await rig.inventory();
      for (const changes of everyChange(rig)) {
        await rig.ensure(published(rig.sample(1, changes), first));
        await rig.ensure(published(rig.sample(1), first));
        assert.deepEqual(await rig.inventory(), before, `after a change of ${Object.keys(changes).join(', ')}`);
      }
    },
  },
  {
    name: 'a requested address is given, refused or warned about',
    hooks: [],
    traits: [],
    async run(rig) {
      const wanted = rig.sample(1, { requestedAddresses: ['203.0.113.77'] });
      const answer = await rig.try(provider => provider.ensureLoadBalancer(wanted, rig.call()));
      if (answer instanceof Error) {
        assert.ok(
          providerErrorCode(answer) !== undefined,
          `a refusal is a ProviderError, so that it is not tried again for ever: ${answer.message}`,
        );
        return;
      }
      const isGiven = addressesOf(answer).includes('203.0.113.77');
      assert.ok(
        isGiven || (answer.warnings ?? []).length > 0 || answer.state === 'pending',
        'it is never ignored without a word',
      );
    },
  },
];

function everyChange(rig: Rig): readonly Changes[] {
  return [
    otherListeners(rig),
    otherBackends,
    { backends: [] },
    otherRanges,
    { externalTrafficPolicy: 'Local', healthCheck: { path: '/healthz', port: 31_997 } },
    { sessionAffinity: { type: 'ClientIP', timeoutSeconds: 60 } },
  ];
}

async function becomes(rig: Rig, changes: Changes): Promise<void> {
  const first = await rig.ensure(rig.sample(1));
  const wanted = published(rig.sample(1, changes), first);
  await rig.ensure(wanted);
  await assertServed(rig, wanted);
}

/** The world serves exactly what the value asks for. */
export async function assertServed(rig: Rig, wanted: LoadBalancer): Promise<void> {
  const { nodePorts } = rig.provider.needs(wanted);
  const { sourceRanges: filters } = rig.provider.capabilities;
  const expected = wanted.listeners.map(({ name, protocol, port, nodePort }) => ({
    protocol,
    port,
    ...(nodePorts ? { nodePort } : {}),
    backends: behind(wanted, name).toSorted(),
    sourceRanges: filters ? [...wanted.sourceRanges].toSorted() : [],
  }));
  const found = (await rig.hooks.served(wanted.id)).map(one => ({
    protocol: one.protocol,
    port: one.port,
    ...(nodePorts && one.nodePort !== undefined ? { nodePort: one.nodePort } : {}),
    backends: [...one.backends].toSorted(),
    sourceRanges: filters ? [...one.sourceRanges].toSorted() : [],
  }));
  assert.deepEqual(byPort(found), byPort(expected));
}

function behind({ endpoints, backends }: LoadBalancer, name: string): readonly string[] {
  if (endpoints === undefined) return backends.map(({ node }) => node);
  return endpoints.filter(({ listener }) => listener === name).map(({ address, port }) => `${address}:${port}`);
}

function byPort<One extends Pick<Served, 'port' | 'protocol'>>(list: readonly One[]): readonly One[] {
  return list.toSorted((one, other) => one.port - other.port || one.protocol.localeCompare(other.protocol));
}
