import { describe, expect, test } from 'vitest';
import type { Present } from '../../../../providers/aws/desired/network.ts';
import { providerErrorCode } from '../../../../src/provider/provider-error.ts';
import { desired, faultOf, node, port, subnet, subnets, web, withIpv6 } from '../samples.ts';

test('a plain Service gets a balancer to the outside, for everyone, before its nodes', () => {
  const { balancer, ...rest } = desired();
  expect(rest).toEqual({ warnings: [], portErrors: [], rejectedNodes: [] });
  expect(balancer).toEqual({
    id: 'fl-web',
    cluster: 'cluster-1',
    service: { namespace: 'default', name: 'web', uid: web.service.uid },
    name: expect.stringMatching(/^k8s-default-web-[0-9a-z]{10}$/),
    scheme: 'internet-facing',
    addressType: 'ipv4',
    vpcId: 'vpc-1',
    subnets: [
      { subnetId: 'subnet-a', zone: 'us-west-2a' },
      { subnetId: 'subnet-b', zone: 'us-west-2b' },
    ],
    securityGroups: {
      kind: 'own',
      name: balancer.name,
      backend: true,
      rules: [{ protocol: 'tcp', fromPort: 80, toPort: 80, source: { cidr: '0.0.0.0/0' } }],
    },
    attributes: {},
    tags: {
      'fairlead.dev/cluster': 'cluster-1',
      'fairlead.dev/service': 'default/web',
      'fairlead.dev/uid': web.service.uid,
    },
    listeners: [{ port: 80, protocol: 'TCP', certificates: [], targetGroup: balancer.targetGroups[0]?.name }],
    targetGroups: [
      {
        name: expect.stringMatching(/^fl-default-web-[0-9a-z]{10}$/),
        protocol: 'TCP',
        port: 30_080,
        targetType: 'instance',
        addressType: 'ipv4',
        vpcId: 'vpc-1',
        healthCheck: {
          protocol: 'TCP',
          port: 'traffic-port',
          intervalSeconds: 10,
          timeoutSeconds: 10,
          healthyThreshold: 3,
          unhealthyThreshold: 3,
        },
        attributes: {},
        targets: [1, 2, 3].map(number => ({ id: `i-${number}`, port: 30_080 })),
      },
    ],
  });
});

test('it depends on nothing but its arguments, and not on the order of nodes or subnets', () => {
  const turned = desired({
    service: { backends: web.backends.toReversed() },
    network: { subnets: subnets.toReversed() },
  });
  expect(turned).toEqual(desired());
});

describe('the scheme', () => {
  const scheme = (...wish: Parameters<typeof desired>) => desired(...wish).balancer.scheme;

  test.each([
    ['is to the outside, as a plain Service is', {}, 'internet-facing'],
    ['is the operator’s', { config: { defaultScheme: 'internal' } }, 'internal'],
    ['is the Service’s', { asked: { scheme: 'internal' } }, 'internal'],
  ] as const)('%s', (_row, wish, expected) => {
    expect(scheme(wish)).toBe(expected);
  });

  test('chooses the subnets', () => {
    const { balancer } = desired({ asked: { scheme: 'internal' } });
    expect(balancer.subnets.map(one => one.subnetId)).toEqual(['subnet-c', 'subnet-d']);
  });
});

describe('TCP and UDP of one port', () => {
  const dns = (nodePort: number) => [
    port(53, { name: 'tcp', nodePort: 30_053 }),
    port(53, { name: 'udp', protocol: 'UDP' as const, nodePort }),
  ];

  test('are one listener, one target group and both rules where the node ports are equal', () => {
    const { balancer, portErrors } = desired({ service: { listeners: dns(30_053) } });
    expect(portErrors).toEqual([]);
    expect(balancer.listeners).toMatchObject([{ port: 53, protocol: 'TCP_UDP' }]);
    expect(balancer.targetGroups).toMatchObject([{ protocol: 'TCP_UDP', port: 30_053 }]);
    expect(balancer.securityGroups).toMatchObject({ rules: [{ protocol: 'tcp' }, { protocol: 'udp' }] });
  });

  test('are an error for the second where they are not, and the first is served', () => {
    const { balancer, portErrors, warnings } = desired({ service: { listeners: dns(31_053) } });
    expect(balancer.listeners).toMatchObject([{ port: 53, protocol: 'TCP' }]);
    expect(portErrors).toEqual([{ port: 53, protocol: 'UDP', error: 'NodePortsDiffer' }]);
    expect(warnings).toMatchObject([{ reason: 'PortNotServed' }]);
  });
});

test('policy Local asks the Service’s health port', () => {
  const service = { externalTrafficPolicy: 'Local', healthCheck: { path: '/healthz', port: 31_000 } } as const;
  expect(desired({ service }).balancer.targetGroups[0]?.healthCheck).toMatchObject({
    protocol: 'HTTP',
    port: '31000',
    path: '/healthz',
    timeoutSeconds: 6,
    healthyThreshold: 2,
  });
});

test('source ranges are the only ones that may connect', () => {
  const { balancer } = desired({ service: { sourceRanges: ['10.1.0.0/16', '192.168.0.0/24'] } });
  expect(balancer.securityGroups).toMatchObject({
    rules: [{ source: { cidr: '10.1.0.0/16' } }, { source: { cidr: '192.168.0.0/24' } }],
  });
});

test('a node without a usable id is told, and the others are targets', () => {
  const backends = [node(1), node(2, { providerId: 'kind://docker/kind/w' })];
  const { balancer, rejectedNodes } = desired({ service: { backends } });
  expect(balancer.targetGroups[0]?.targets).toEqual([{ id: 'i-1', port: 30_080 }]);
  expect(rejectedNodes).toMatchObject([{ node: 'n2' }]);
});

describe('two families', () => {
  const both = { ipFamilies: ['IPv4', 'IPv6'] } as const;
  const six = { subnets: withIpv6(subnets) };
  const half = { subnets: [subnets[0], ...withIpv6(subnets).slice(1)].filter(one => one !== undefined) };

  test('are served where every zone has IPv6', () => {
    const { balancer, warnings } = desired({ service: both, network: six });
    expect(balancer).toMatchObject({ addressType: 'dualstack', targetGroups: [{ addressType: 'ipv4' }] });
    expect(balancer.securityGroups).toMatchObject({
      rules: [{ source: { cidr: '0.0.0.0/0' } }, { source: { cidr: '::/0' } }],
    });
    expect(warnings).toEqual([]);
  });

  test('are IPv4 alone, with a Warning, where one has not', () => {
    const { balancer, warnings } = desired({ service: both, network: half });
    expect(balancer).toMatchObject({
      addressType: 'ipv4',
      subnets: [{ subnetId: 'subnet-a' }, { subnetId: 'subnet-b' }],
    });
    expect(warnings).toMatchObject([{ reason: 'IPv6NotServed' }]);
  });

  test('are a fault where both are required and there is no IPv6', () => {
    const wish = { service: { ...both, ipFamilyPolicy: 'RequireDualStack' as const } };
    expect(faultOf(() => desired(wish))).toMatch(/subnet-a, subnet-b: no IPv6 block/);
  });
});

describe('what exists stays', () => {
  const present: Present = {
    name: 'my-web',
    scheme: 'internal',
    addressType: 'ipv4',
    vpcId: 'vpc-1',
    subnetIds: ['subnet-c', 'subnet-d'],
    securityGroupIds: ['sg-1', 'sg-2'],
    targetGroupNames: [],
  };

  test('name, scheme and subnets, though defaults say otherwise', () => {
    const { balancer, warnings } = desired({ present });
    expect(balancer).toMatchObject({
      name: 'my-web',
      scheme: 'internal',
      subnets: [{ subnetId: 'subnet-c' }, { subnetId: 'subnet-d' }],
    });
    expect(warnings).toEqual([]);
  });

  test('and a Warning says so where the Service asks for others', () => {
    const { balancer, warnings } = desired({ present, asked: { name: 'other', scheme: 'internet-facing' } });
    expect(balancer).toMatchObject({ name: 'my-web', scheme: 'internal' });
    expect(warnings).toEqual([
      {
        reason: 'FixedAtCreation',
        message: expect.stringMatching(/-name: fixed when the balancer is made, and it is my-web/),
      },
      {
        reason: 'FixedAtCreation',
        message: expect.stringMatching(/-scheme: fixed .* it is internal: delete the Service/),
      },
    ]);
  });

  test('so do addresses that come too late, with a Warning', () => {
    const addresses = [{ subnetId: 'subnet-c', zone: 'us-west-2a' }];
    const { warnings } = desired({
      present: { ...present, addresses },
      asked: { 'private-ipv4-addresses': '10.0.2.9,10.0.3.9' },
    });
    expect(warnings).toMatchObject([{ reason: 'FixedAtCreation', message: expect.stringMatching(/private-ipv4/) }]);
  });

  test('so do targets by address, though instances have come', () => {
    const made = desired({ asked: { 'nlb-target-type': 'node-ip' } }).balancer.targetGroups;
    const targetGroupNames = made.map(({ name }) => name);
    expect(desired({ present: { ...present, targetGroupNames } }).balancer.targetGroups).toEqual(made);
  });

  test('a zone that gets a subnet is added', () => {
    const more = [
      ...subnets,
      subnet('subnet-e', 'us-west-2c', '10.0.4.0/24', { 'kubernetes.io/role/internal-elb': '' }),
    ];
    expect(desired({ present, network: { subnets: more } }).balancer.subnets).toHaveLength(3);
  });
});

describe('what cannot be done changes nothing, and says all of it at once:', () => {
  test.each([
    ['no subnet with the role', { network: { subnets: [] } }, /no VPC has a subnet tagged/],
    [
      'elastic addresses inside',
      { asked: { scheme: 'internal', 'eip-allocations': 'eipalloc-1,eipalloc-2' } },
      /no elastic addresses/,
    ],
    [
      'a private address outside every subnet',
      { asked: { scheme: 'internal', 'private-ipv4-addresses': '10.0.2.9,10.9.9.9' } },
      /10\.9\.9\.9 is in none of/,
    ],
    [
      'UDP without the client’s address',
      {
        service: { listeners: [port(53, { protocol: 'UDP' as const })] },
        asked: { 'target-group-attributes': 'preserve_client_ip.enabled=false' },
      },
      /cannot be false for port 53/,
    ],
    [
      'an address in the spec',
      { service: { requestedAddresses: ['203.0.113.1'] } },
      /spec\.loadBalancerIP: .*use .*eip-allocations/,
    ],
    ['a port that is not there', { asked: { 'proxy-protocol-per-target-group': '81' } }, /has no port "81"/],
    [
      'an operator’s subnet that is not there',
      { config: { vpcId: 'vpc-1', subnets: ['subnet-x'] } },
      /config names subnet "subnet-x", which is not there/,
    ],
  ] as const)('%s', (_row, wish, fault) => {
    expect(faultOf(() => desired(wish))).toMatch(fault);
  });

  test('several', () => {
    let thrown: unknown;
    try {
      desired({
        service: { requestedAddresses: ['203.0.113.1'], sourceRanges: ['2001:db8::/32'] },
        asked: { subnets: 'subnet-x', 'healthcheck-port': 'nope' },
      });
    } catch (error) {
      thrown = error;
    }
    expect(providerErrorCode(thrown)).toBe('unsupported');
    expect(String(thrown)).toMatch(/4 faults: .*loadBalancerIP.*subnet-x.*nope.*2001:db8::\/32/);
  });
});
