import { describe, expect, test } from 'vitest';
import { desired, node, pod, port, type Wish } from '../../samples.ts';

const arn = 'arn:aws:acm:us-west-2:123456789012:certificate/a';

const groups = (wish: Wish) => desired(wish).balancer.targetGroups;
const only = (wish: Wish) => {
  const [group, ...others] = groups(wish);
  expect(others).toEqual([]);
  return group;
};

describe('nodes', () => {
  test('by instance, at the node port', () => {
    expect(only({})).toMatchObject({
      protocol: 'TCP',
      port: 30_080,
      targetType: 'instance',
      addressType: 'ipv4',
      vpcId: 'vpc-1',
      targets: [
        { id: 'i-1', port: 30_080 },
        { id: 'i-2', port: 30_080 },
        { id: 'i-3', port: 30_080 },
      ],
    });
  });

  test('by address where no node is an instance, as in kind', () => {
    const backends = [
      node(1, { providerId: 'kind://docker/kind/w', addresses: [{ type: 'InternalIP', address: '172.18.0.3' }] }),
    ];
    expect(only({ service: { backends } })).toMatchObject({
      targetType: 'ip',
      targets: [{ id: '172.18.0.3', port: 30_080, zone: 'all' }],
    });
  });

  test('of IPv6, where that is the first family', () => {
    const backends = [node(1, { addresses: [{ type: 'InternalIP', address: 'fd00::1' }] })];
    const [one] = groups({
      service: { backends, ipFamilies: ['IPv6'] },
      network: { subnets: desiredSubnets() },
    });
    expect(one).toMatchObject({ addressType: 'ipv6', targetType: 'instance' });
  });

  test('none is a balancer all the same', () => {
    expect(only({ service: { backends: [] } })).toMatchObject({ targets: [] });
  });
});

describe('pods', () => {
  const asked = { 'nlb-target-type': 'ip' };

  test('at their port', () => {
    const endpoints = [pod('10.0.0.11'), pod('10.0.0.12'), pod('10.0.0.13')];
    const service = { endpoints, listeners: [port(80, { name: 'http', nodePort: 0 })] };
    expect(only({ service, asked })).toMatchObject({
      port: 8_080,
      targetType: 'ip',
      targets: [
        { id: '10.0.0.11', port: 8_080 },
        { id: '10.0.0.12', port: 8_080 },
        { id: '10.0.0.13', port: 8_080 },
      ],
    });
  });

  test('at two ports, or none yet: the group has a port that is legal', () => {
    const endpoints = [pod('10.0.0.11'), pod('10.0.0.12', { port: 8_081 })];
    expect(only({ service: { endpoints }, asked })).toMatchObject({ port: 1 });
    expect(only({ service: { endpoints: [] }, asked })).toMatchObject({ port: 1 });
    expect(only({ asked })).toMatchObject({ port: 1, targets: [] });
  });

  test('that AWS would not send to are a Warning', () => {
    const endpoints = [pod('10.0.0.11'), pod('203.0.113.1'), pod('203.0.113.2')];
    expect(desired({ service: { endpoints }, asked }).warnings).toEqual([
      { reason: 'PodsNotReachable', message: expect.stringMatching(/^2 pods get no traffic, first "203\.0\.113\.1"/) },
    ]);
  });

  test('the name of a health port is that of the pods', () => {
    const endpoints = [pod('10.0.0.11', { port: 8_443 })];
    expect(only({ service: { endpoints }, asked: { ...asked, 'healthcheck-port': 'http' } })?.healthCheck.port).toBe(
      '8443',
    );
  });
});

describe('the protocol towards targets', () => {
  const listeners = [port(80), port(443)];
  const protocols = (asked: Record<string, string>) =>
    groups({ service: { listeners }, asked: { 'ssl-cert': arn, 'ssl-ports': '443', ...asked } }).map(
      one => `${one.port} ${one.protocol}`,
    );

  test('is TCP behind TLS', () => {
    expect(new Set(protocols({}))).toEqual(new Set(['30080 TCP', '30443 TCP']));
  });

  test('is TLS where the traffic is encrypted again, on TLS ports alone', () => {
    expect(new Set(protocols({ 'backend-protocol': 'ssl' }))).toEqual(new Set(['30080 TCP', '30443 TLS']));
  });
});

test('a change of node port, health check or attributes keeps the group; one of protocol or target type does not', () => {
  const name = (wish: Wish) => only(wish)?.name;
  const listeners = [port(80, { name: 'http', nodePort: 31_111 })];
  expect(name({ service: { listeners } })).toBe(name({}));
  expect(name({ asked: { 'healthcheck-protocol': 'http', 'healthcheck-interval': '30' } })).toBe(name({}));
  expect(name({ asked: { 'target-group-attributes': 'a.b=1' } })).toBe(name({}));
  expect(name({ asked: { 'nlb-target-type': 'node-ip' } })).not.toBe(name({}));
  expect(name({ asked: { 'ssl-cert': arn, 'backend-protocol': 'ssl' } })).not.toBe(name({}));
});

function desiredSubnets() {
  return desired().balancer.subnets.map(({ subnetId, zone }, index) => ({
    id: subnetId,
    zone,
    vpcId: 'vpc-1',
    cidr: `10.0.${index}.0/24`,
    ipv6Cidrs: [`2001:db8:0:${index}::/64`],
    freeAddresses: 100,
    tags: { 'kubernetes.io/role/elb': '1' },
  }));
}
