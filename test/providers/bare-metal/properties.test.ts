import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf } from '../../../providers/bare-metal/address/address.ts';
import { whyNotShared } from '../../../providers/bare-metal/allocation/sharing.ts';
import type { LoadBalancer } from '../../../src/provider/provider.ts';
import { BareMetalStage, pool, resource, type ServiceOptions } from '../../support/bare-metal-stage.ts';

type Step =
  | { readonly act: 'apply'; readonly name: string; readonly options: ServiceOptions }
  | { readonly act: 'delete'; readonly name: string }
  | { readonly act: 'restart' }
  | { readonly act: 'pools'; readonly addresses: readonly string[]; readonly second: readonly string[] }
  | { readonly act: 'nodes'; readonly last: readonly number[] };

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const ranges = ['10.0.0.0/30', '10.0.0.0/31', '10.0.0.2-10.0.0.5', '2001:db8::/127', '10.0.0.8/32'];

const options = fc
  .record({
    key: fc.constantFrom('', '', 'k', 'l'),
    port: fc.constantFrom('TCP/1', 'TCP/2', 'UDP/1'),
    ip: fc.constantFrom('', '', '', '10.0.0.1', '10.0.0.3', '10.0.0.8'),
    namespace: fc.constantFrom('ns1', 'ns2'),
    isDual: fc.boolean(),
  })
  .map(
    ({ key, port, ip, namespace, isDual }): ServiceOptions => ({
      namespace,
      ports: [port],
      families: isDual ? ['IPv4', 'IPv6'] : ['IPv4'],
      annotations: {
        ...(key === '' ? {} : { 'fairlead.dev/allow-shared-ip': key }),
        ...(ip === '' ? {} : { 'fairlead.dev/load-balancer-ips': ip }),
      },
    }),
  );

/** Of ranges that do not overlap, so that the change is valid; some are invalid all the same, which changes nothing. */
const pools = fc.record({
  addresses: fc.uniqueArray(fc.constantFrom(...ranges), { minLength: 1, maxLength: 3 }),
  second: fc.constantFrom<readonly string[]>([], ['10.0.1.0/31'], ['10.0.0.4/31']),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant('apply' as const), name: fc.constantFrom(...names), options }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('delete' as const), name: fc.constantFrom(...names) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('restart' as const) }) },
  { weight: 2, arbitrary: pools.map(one => ({ act: 'pools' as const, ...one })) },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant('nodes' as const), last: fc.uniqueArray(fc.nat(8), { maxLength: 3 }) }),
  },
);

async function carryOut(stage: BareMetalStage, one: Step): Promise<void> {
  switch (one.act) {
    case 'apply':
      await stage.apply(one.name, one.options);
      return;
    case 'delete':
      return stage.delete(one.name);
    case 'restart':
      return stage.start();
    case 'pools':
      return stage.write('addresspools', [
        pool('p', one.addresses),
        ...(one.second.length > 0 ? [pool('q', one.second)] : []),
      ]);
    case 'nodes':
      return stage.write(
        'nodes',
        one.last.map(n => resource(`n${n}`, {}, { status: { addresses: [{ address: `10.0.0.${n}` }] } })),
      );
  }
}

/** What is wrong after a step, one line each. */
type Judge = (stage: BareMetalStage, before: ReadonlyMap<string, readonly string[]>, one: Step) => readonly string[];

function holdsAlways(judge: Judge) {
  return fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
      const stage = await BareMetalStage.open({ kinds: ['AddressPool'] });
      await stage.write('addresspools', [pool('p', ['10.0.0.0/30', '2001:db8::/127'])]);
      for (const one of steps) {
        const before = new Map([...stage.services.keys()].map(name => [name, stage.ips(name)]));
        await carryOut(stage, one);
        expect(judge(stage, before, one)).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
}

test('no address is held by two Services that cannot share it', async () => {
  await expect(
    holdsAlways(stage =>
      holdingsOf(stage).flatMap(({ address, holders }) =>
        [...holders].flatMap(one =>
          [...holders]
            .filter(other => other !== one && whyNotShared(one.request.sharing, other.request.sharing) !== undefined)
            .map(other => `${address.text}: ${one.request.name} and ${other.request.name}`),
        ),
      ),
    ),
  ).resolves.toBeUndefined();
});

test('what is published is what is held', async () => {
  await expect(
    holdsAlways(stage =>
      [...stage.services].flatMap(([name, { standing, loadBalancer }]) => {
        const holder = stage.desk.allocator.ledger.holder(loadBalancer.id);
        const held = [...(holder?.held.values() ?? [])].map(({ address }) => address.text).toSorted();
        const same = held.join() === [...standing.ips].toSorted().join();
        return same || standing.problem !== ''
          ? []
          : [`${name}: ${standing.ips.join()} published, ${held.join()} held`];
      }),
    ),
  ).resolves.toBeUndefined();
});

test('an address, once given, stays until its Service changes, an older one takes it, or no pool covers it', async () => {
  await expect(
    holdsAlways((stage, before, one) =>
      [...before].flatMap(([name, ips]) => {
        const served = stage.services.get(name);
        if (served === undefined || (one.act === 'apply' && one.name === name)) return [];
        return ips
          .filter(ip => !stage.ips(name).includes(ip) && !isExcused(stage, served.loadBalancer, ip, one))
          .map(ip => `${name} has lost ${ip}`);
      }),
    ),
  ).resolves.toBeUndefined();
});

function isExcused(stage: BareMetalStage, loadBalancer: LoadBalancer, ip: string, one: Step): boolean {
  const { ipFamilies, service } = loadBalancer;
  if (!ipFamilies.includes(ip.includes(':') ? 'IPv6' : 'IPv4')) return true;
  if (!addressesIn(stage).has(ip)) return true;
  const changed = one.act === 'apply' ? stage.services.get(one.name) : undefined;
  return changed !== undefined && changed.standing.ips.includes(ip) && changed.loadBalancer.service.uid < service.uid;
}

test('the counts of a pool are those of its addresses', async () => {
  await expect(
    holdsAlways(stage => {
      const { ledger } = stage.desk.allocator;
      const held = new Set(holdingsOf(stage).map(({ address }) => address.text));
      return [...ledger.accounts()].flatMap(({ pool: of, family, used }) => {
        const all = [...addressesIn(stage)].filter(([, owner]) => owner.pool === of && owner.address.family === family);
        const inUse = all.filter(([text]) => held.has(text)).length;
        const free = all.filter(
          ([text, { address }]) => !held.has(text) && ledger.blockerOf(address) === undefined,
        ).length;
        const right = used.size === inUse && ledger.freeCount(of, family) === free;
        return right
          ? []
          : [`${of.name} ${family}: ${used.size} and ${ledger.freeCount(of, family)}, not ${inUse} and ${free}`];
      });
    }),
  ).resolves.toBeUndefined();
});

test('nobody waits for just any address while there is one', async () => {
  await expect(
    holdsAlways(stage => {
      const { ledger } = stage.desk.allocator;
      const free = [...ledger.accounts()].filter(
        one => one.family === 'IPv4' && ledger.freeCount(one.pool, 'IPv4') > 0,
      );
      if (free.length === 0) return [];
      return [...stage.services]
        .filter(([, { loadBalancer }]) => loadBalancer.annotations['fairlead.dev/load-balancer-ips'] === undefined)
        .filter(([, { standing }]) => standing.ips.length === 0)
        .map(([name, { standing }]) => `${name} waits: ${standing.problem}`);
    }),
  ).resolves.toBeUndefined();
});

function holdingsOf(stage: BareMetalStage) {
  return [...new Set([...stage.desk.allocator.ledger.holders()].flatMap(({ held }) => [...held.values()]))];
}

/** Every address of every pool, with its pool: they are few here. */
function addressesIn(stage: BareMetalStage) {
  return new Map(
    stage.desk.allocator.ledger.set.pools.flatMap(of =>
      of.usable.flatMap(({ family, first, last }) =>
        Array.from({ length: Number(last - first) + 1 }, (_, n) => {
          const address = addressOf(family, first + BigInt(n));
          return [address.text, { pool: of, address }] as const;
        }),
      ),
    ),
  );
}
