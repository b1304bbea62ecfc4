import { beforeAll, expect, test } from 'vitest';
import { type Method, methods } from '../../../../providers/gcp/client/methods.ts';
import type { LoadBalancer } from '../../../../src/provider/provider.ts';
import { GcpRig, listeners, published } from '../../../support/gcp/gcp-rig.ts';
import type { Entry } from '../../../support/gcp/service/journal.ts';

/** What the provider itself has asked for, in everything that it does. */
const entries: Entry[] = [];

beforeAll(async () => {
  for (const live of [families, nodes, checks, repairs, tags, internal, named, proxies]) {
    const rig = await GcpRig.open(live === tags ? { targetTags: ['nodes'] } : {});
    try {
      await live(rig);
      await rig.delete(rig.service(1));
      entries.push(...rig.gce.journal.entries);
    } finally {
      await rig.close();
    }
  }
}, 60_000);

/** Through all of these states, one after the other. */
async function become(rig: GcpRig, ...states: readonly Partial<LoadBalancer>[]): Promise<LoadBalancer> {
  let held = rig.service(1);
  for (const state of states) {
    const wanted = { ...rig.service(1, state), ingress: held.ingress };
    held = published(wanted, await rig.ensure(wanted));
  }
  return held;
}

const annotated = (annotations: Readonly<Record<string, string>>): Partial<LoadBalancer> => ({ annotations });

async function families(rig: GcpRig): Promise<void> {
  const both = { ipFamilies: ['IPv4', 'IPv6'], listeners: listeners({ TCP: [1, 2, 3, 4, 5, 6] }) } as const;
  await become(rig, both, { ...both, sourceRanges: ['10.0.0.0/8', '2001:db8::/32'] });
}

/** Of a second zone, which then has none any more. */
async function nodes(rig: GcpRig): Promise<void> {
  const all = rig.nodes;
  for (const some of [all.slice(0, 1), all, all.slice(0, 1)]) {
    rig.nodes = some;
    await become(rig, {});
  }
}

async function checks(rig: GcpRig): Promise<void> {
  const check = (more: object) => annotated({ 'fairlead.dev/gcp-health-check-port': '8080', ...more });
  const interval = { 'fairlead.dev/gcp-health-check-interval': '20' };
  await become(rig, {}, check({}), check(interval), check({ 'fairlead.dev/gcp-health-check-protocol': 'tcp' }));
}

async function repairs(rig: GcpRig): Promise<void> {
  const held = await become(rig, {});
  rig.change('forwardingRules', String(rig.only('forwardingRules')['name']), { labels: {} });
  await rig.restart([held]);
  await rig.ensure(held);
  expect(rig.only('forwardingRules')['labels']).not.toEqual({});
}

/** The operator takes them away. */
async function tags(rig: GcpRig): Promise<void> {
  const held = await become(rig, {});
  await rig.restart([held], {});
  await rig.ensure(held);
}

async function internal(rig: GcpRig): Promise<void> {
  const type = { 'networking.gke.io/load-balancer-type': 'Internal' };
  const open = { ...type, 'networking.gke.io/internal-load-balancer-allow-global-access': 'true' };
  await become(rig, annotated({ ...type, 'fairlead.dev/gcp-keep-address': 'true' }), annotated(open));
}

async function named(rig: GcpRig): Promise<void> {
  rig.reserve('mine', { addressType: 'EXTERNAL', networkTier: 'PREMIUM', address: '198.18.9.9' });
  await become(rig, annotated({ 'networking.gke.io/load-balancer-ip-addresses': 'mine' }));
}

async function proxies(rig: GcpRig): Promise<void> {
  const annotations = { 'fairlead.dev/gcp-mode': 'proxy' };
  await become(rig, { annotations, listeners: listeners({ TCP: [80, 443] }) });
}

test('the provider calls every method of the table, and the role lets it', () => {
  const called = new Set(entries.map(({ method }) => method));
  expect([...called].toSorted()).toEqual(Object.keys(methods).toSorted());
  expect(entries.filter(({ status }) => status === 403)).toEqual([]);
});

test.each(Object.entries<Method>(methods))(
  '%s needs what the table says, and nothing else',
  (name, { permissions }) => {
    const needed = entries.filter(({ method }) => method === name).flatMap(entry => entry.permissions);
    expect([...new Set(needed)].toSorted()).toEqual(permissions.toSorted());
  },
);
