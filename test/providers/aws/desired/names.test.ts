import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  backendGroupName,
  balancerName,
  type TargetGroupIdentity,
  targetGroupName,
} from '../../../../providers/aws/desired/names.ts';

const identity: TargetGroupIdentity = {
  port: 80,
  protocol: 'TCP',
  kind: 'instance',
  addressType: 'ipv4',
  vpcId: 'vpc-1',
};

const legal = /^(?!internal-|sg-)[A-Za-z0-9](?:[A-Za-z0-9]|-(?!-)){0,30}[A-Za-z0-9]$/;

/** As Kubernetes has them: DNS labels of at most 63 characters. */
const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
const service = fc.record({ namespace: label, name: label, uid: fc.uuid() });

test('every name is legal, whatever the Service is called', () => {
  fc.assert(
    fc.property(fc.string(), service, (cluster, one) => {
      for (const name of [
        balancerName(cluster, one),
        targetGroupName(cluster, one, identity),
        backendGroupName(cluster),
      ])
        expect(name).toMatch(legal);
    }),
  );
});

test('a name can be read', () => {
  const one = { namespace: 'a-very-long-namespace', name: 'w'.repeat(63), uid: 'u' };
  expect(balancerName('c', one)).toMatch(/^k8s-averylon-wwwwwwww-[0-9a-z]{10}$/);
  expect(targetGroupName('c', one, identity)).toMatch(/^fl-averylon-wwwwwwwww-[0-9a-z]{10}$/);
  expect(balancerName('c', one)).toHaveLength(32);
  expect(targetGroupName('c', one, identity)).toHaveLength(32);
});

test('names do not change from one release to the next', () => {
  const one = { namespace: 'default', name: 'web', uid: '8e6d8e0a-0000-4000-8000-000000000001' };
  expect([
    balancerName('cluster-1', one),
    targetGroupName('cluster-1', one, identity),
    backendGroupName('cluster-1'),
  ]).toMatchInlineSnapshot(`
    [
      "k8s-default-web-5hi31gj29n",
      "fl-default-web-i4fruwxsef",
      "k8s-traffic-cluster1-cd8jskjkd9",
    ]
  `);
});

test('two Services, or two clusters, have different names though they begin alike', () => {
  fc.assert(
    fc.property(service, service, (one, other) => {
      const prefix = { namespace: `shared-prefix-${one.namespace}`, name: `shared-prefix-${one.name}` };
      const [first, second] = [
        { ...one, ...prefix },
        { ...prefix, uid: other.uid },
      ];
      fc.pre(one.uid !== other.uid);
      expect(balancerName('c', first)).not.toBe(balancerName('c', second));
      expect(balancerName('c', first)).not.toBe(balancerName('d', first));
      expect(targetGroupName('c', first, identity)).not.toBe(targetGroupName('c', second, identity));
    }),
  );
});

test('each of the things that cannot be changed in a target group is in its name', () => {
  const one = { namespace: 'default', name: 'web', uid: 'u' };
  const others: readonly Partial<TargetGroupIdentity>[] = [
    {},
    { port: 81 },
    { protocol: 'TLS' },
    { kind: 'node-ip' },
    { kind: 'ip' },
    { addressType: 'ipv6' },
    { vpcId: 'vpc-2' },
  ];
  const names = others.map(more => targetGroupName('c', one, { ...identity, ...more }));
  expect(new Set(names).size).toBe(others.length);
});

test('10,000 Services that begin alike have 10,000 names', () => {
  const names = Array.from({ length: 10_000 }, (_, at) =>
    balancerName('c', { namespace: 'default', name: 'service', uid: `uid-${at}` }),
  );
  expect(new Set(names).size).toBe(names.length);
});
