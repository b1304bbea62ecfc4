import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Service, ServicePort } from '../../src/kube/objects.ts';
import {
  type Desired,
  type DesiredInput,
  deepFreeze,
  desiredLoadBalancer,
  differenceOf,
  heldLoadBalancer,
  idOf,
  refOf,
} from '../../src/plan/load-balancer.ts';
import type { LoadBalancer } from '../../src/provider/provider.ts';
import { capabilities, otherUid, published, type ServiceOptions, service, uid } from '../support/objects.ts';

const none = { allowed: {}, refused: [] };
const big = { allowed: { 'cloud.example/size': 'big' }, refused: [] };
const backendSet = { backends: [], selector: 'role=x', version: 3 };

function input(more: Partial<DesiredInput> = {}): DesiredInput {
  return {
    service: service(),
    cluster: 'c1',
    capabilities,
    backendSet,
    annotations: none,
    adopt: false,
    digest: text => text,
    ...more,
  };
}

function desired(more: Partial<DesiredInput> = {}): Exclude<Desired, { refused: unknown }> {
  const answer = desiredLoadBalancer(input(more));
  if ('refused' in answer) throw new Error(`refused: ${answer.refused}: ${answer.message}`);
  return answer;
}

function refusal(more: Partial<DesiredInput>): string | undefined {
  const answer = desiredLoadBalancer(input(more));
  return 'refused' in answer ? answer.refused : undefined;
}

function valueFor(options: ServiceOptions): LoadBalancer {
  return desired({ service: service(options) }).loadBalancer;
}

const tcp: ServicePort = { name: 'a', protocol: 'TCP', port: 80, nodePort: 30_080 };
const udp: ServicePort = { name: 'b', protocol: 'UDP', port: 53, nodePort: 30_053 };
const sctp: ServicePort = { name: 'c', protocol: 'SCTP', port: 9, nodePort: 30_009 };

describe('the id', () => {
  test('is a DNS label of at most 32 characters that begins with a letter', () => {
    fc.assert(
      fc.property(fc.uuid(), one => {
        expect(idOf(one)).toMatch(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/);
        expect(idOf(one)).toBe(idOf(one.toUpperCase()));
      }),
    );
  });

  test('keeps every bit of the uid', () => {
    fc.assert(
      fc.property(fc.uuid(), one => {
        const number = Array.from(idOf(one).slice(3)).reduce(
          (value, digit) => value * 36n + BigInt(Number.parseInt(digit, 36)),
          0n,
        );
        expect(number.toString(16).padStart(32, '0')).toBe(one.replaceAll('-', ''));
      }),
    );
    expect(idOf('00000000-0000-0000-0000-000000000000')).toHaveLength(28);
    expect(idOf('ffffffff-ffff-ffff-ffff-ffffffffffff')).toHaveLength(28);
  });

  test.each(['', 'web', '../../x', `${uid}0`, `${uid.slice(0, -1)}g`, `0x${uid.slice(2)}`])(
    'is not made of %j',
    text => {
      expect(() => idOf(text)).toThrow('no UUID');
    },
  );
});

describe('what a delete goes by', () => {
  test('is the identity of the Service and what the policy has let through, frozen', () => {
    const given = service({ metadata: { annotations: { 'cloud.example/refused': 'x', 'other.example/beat': '1' } } });
    const ref = refOf(given, 'c1', { 'cloud.example/size': 'big' });
    expect(ref).toEqual({
      id: idOf(uid),
      cluster: 'c1',
      service: { namespace: 'default', name: 'web', uid },
      annotations: { 'cloud.example/size': 'big' },
    });
    expect([ref, ref.service, ref.annotations].every(part => Object.isFrozen(part))).toBe(true);
  });

  test('does not validate what the user has written', () => {
    const broken = service({ spec: { type: 'ExternalName', ports: [], loadBalancerSourceRanges: ['x'] } });
    expect(refOf(broken, 'c1', {}).id).toBe(desired().loadBalancer.id);
  });
});

describe('the value that a provider gets', () => {
  test('is the whole desired state', () => {
    const given = service({
      metadata: { labels: { 'cloud.example/team': 'x', other: 'y' }, annotations: { 'other.example/beat': '1' } },
      spec: {
        ports: [{ ...tcp, appProtocol: 'http', targetPort: 'web' }, udp],
        loadBalancerIP: '198.51.100.9',
        loadBalancerSourceRanges: ['192.0.2.0/24'],
        externalTrafficPolicy: 'Local',
        healthCheckNodePort: 31_000,
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
        ipFamilies: ['IPv6', 'IPv4'],
      },
      status: published('198.51.100.1'),
    });
    const backends = [{ node: 'n', providerId: '', addresses: [], zone: '' }];
    const { loadBalancer } = desired({
      service: given,
      capabilities: { ...capabilities, labelPrefixes: ['cloud.example/'] },
      annotations: big,
      backendSet: { ...backendSet, backends },
    });
    expect(loadBalancer).toEqual({
      id: idOf(uid),
      cluster: 'c1',
      service: { namespace: 'default', name: 'web', uid, labels: { 'cloud.example/team': 'x' } },
      listeners: [
        { name: 'a', protocol: 'TCP', port: 80, nodePort: 30_080, appProtocol: 'http' },
        { name: 'b', protocol: 'UDP', port: 53, nodePort: 30_053 },
      ],
      backends,
      ipFamilies: ['IPv6', 'IPv4'],
      requestedAddresses: ['198.51.100.9'],
      sourceRanges: ['192.0.2.0/24'],
      externalTrafficPolicy: 'Local',
      healthCheck: { path: '/healthz', port: 31_000 },
      sessionAffinity: { type: 'ClientIP', timeoutSeconds: 60 },
      annotations: { 'cloud.example/size': 'big' },
      ingress: [{ ip: '198.51.100.1', ipMode: 'VIP' }],
    });
  });

  test('of a Service that says little has the API server’s defaults', () => {
    const bare: Service = { metadata: service().metadata, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } };
    expect(desired({ service: bare }).loadBalancer).toMatchObject({
      listeners: [{ name: '', protocol: 'TCP', port: 80, nodePort: 0 }],
      ipFamilies: ['IPv4'],
      requestedAddresses: [],
      sourceRanges: [],
      externalTrafficPolicy: 'Cluster',
      healthCheck: { path: '/healthz', port: 10_256 },
      sessionAffinity: { type: 'None' },
      ingress: [],
    });
  });

  test('is frozen in depth, and shares the backends', () => {
    const backends = deepFreeze([{ node: 'n', providerId: '', addresses: [], zone: '' }]);
    const { loadBalancer } = desired({
      service: service({ spec: { ports: [tcp, udp] }, status: published('192.0.2.1') }),
      backendSet: { ...backendSet, backends },
    });
    expect(loadBalancer.backends).toBe(backends);
    for (const part of partsOf(loadBalancer)) expect(Object.isFrozen(part)).toBe(true);
  });

  test('says that it may adopt only where that is granted', () => {
    expect('adopt' in desired().loadBalancer).toBe(false);
    expect(desired({ adopt: true }).loadBalancer.adopt).toBe(true);
  });

  const checks: readonly (readonly [string, ServiceOptions['spec'], number])[] = [
    ['policy Cluster', { externalTrafficPolicy: 'Cluster' }, 10_256],
    ['policy Cluster with a port left over', { externalTrafficPolicy: 'Cluster', healthCheckNodePort: 31_000 }, 10_256],
    ['policy Local', { externalTrafficPolicy: 'Local', healthCheckNodePort: 31_000 }, 31_000],
    ['policy Local, no port yet', { externalTrafficPolicy: 'Local' }, 10_256],
    ['policy Local, port 0', { externalTrafficPolicy: 'Local', healthCheckNodePort: 0 }, 10_256],
    [
      'policy Local without node ports',
      {
        externalTrafficPolicy: 'Local',
        healthCheckNodePort: 31_000,
        allocateLoadBalancerNodePorts: false,
        ports: [{ port: 80 }],
      },
      31_000,
    ],
  ];

  test.each(checks)('under %s checks health by %#', (_name, spec, port) => {
    expect(valueFor({ spec: spec ?? {} }).healthCheck).toEqual({ path: '/healthz', port });
  });

  test('keeps a client for 3 hours where the Service does not say how long', () => {
    expect(valueFor({ spec: { sessionAffinity: 'ClientIP' } }).sessionAffinity).toEqual({
      type: 'ClientIP',
      timeoutSeconds: 10_800,
    });
    expect(
      valueFor({ spec: { sessionAffinity: 'None', sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } } })
        .sessionAffinity,
    ).toEqual({ type: 'None' });
  });
});

describe('source ranges', () => {
  const annotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';
  const rows: readonly {
    readonly name: string;
    readonly field?: readonly string[];
    readonly text?: string;
    readonly ranges: readonly string[] | undefined;
  }[] = [
    { name: 'none: everyone', ranges: [] },
    { name: 'an empty field', field: [], ranges: [] },
    { name: 'the field', field: ['192.0.2.0/24', '10.0.0.0/8'], ranges: ['10.0.0.0/8', '192.0.2.0/24'] },
    {
      name: 'white space, host bits, duplicates',
      field: [' 10.1.2.3/8', '10.0.0.0/8 ', '10.0.0.0/8'],
      ranges: ['10.0.0.0/8'],
    },
    { name: 'both families', field: ['2001:DB8::/32', '0.0.0.0/0'], ranges: ['0.0.0.0/0', '2001:db8::/32'] },
    { name: 'the annotation', text: '192.0.2.0/24, 10.0.0.0/8', ranges: ['10.0.0.0/8', '192.0.2.0/24'] },
    { name: 'an empty annotation', text: '  ', ranges: [] },
    { name: 'both: the field wins', field: ['10.0.0.0/8'], text: '192.0.2.0/24', ranges: ['10.0.0.0/8'] },
    { name: 'both: the field wins over what cannot be read', field: ['10.0.0.0/8'], text: 'x', ranges: ['10.0.0.0/8'] },
    { name: 'one that cannot be read', field: ['10.0.0.0/8', '010.0.0.0/8'], ranges: undefined },
    { name: 'an empty one', field: [''], ranges: undefined },
    { name: 'an annotation that cannot be read', text: 'everyone', ranges: undefined },
    { name: 'an annotation that ends in a comma', text: '10.0.0.0/8,', ranges: undefined },
  ];

  test.each(rows)('$name', ({ field, text, ranges }) => {
    const given = service({
      metadata: text === undefined ? {} : { annotations: { [annotation]: text } },
      spec: field === undefined ? {} : { loadBalancerSourceRanges: field },
    });
    const answer = desiredLoadBalancer(input({ service: given }));
    expect('refused' in answer ? answer.refused : answer.loadBalancer.sourceRanges).toEqual(
      ranges ?? 'SourceRangesNotSupported',
    );
  });

  test('beyond a thousand are refused, not cut', () => {
    const many = Array.from({ length: 1_001 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`);
    expect(refusal({ service: service({ spec: { loadBalancerSourceRanges: many } }) })).toBe(
      'SourceRangesNotSupported',
    );
    expect(refusal({ service: service({ metadata: { annotations: { [annotation]: many.join() } } }) })).toBe(
      'SourceRangesNotSupported',
    );
    expect(valueFor({ spec: { loadBalancerSourceRanges: many.slice(1) } }).sourceRanges).toHaveLength(1_000);
  });
});

describe('families', () => {
  type Families = LoadBalancer['ipFamilies'];
  const rows: readonly {
    readonly asked: Families;
    readonly served: Families;
    readonly dual: boolean;
    readonly given: Families | undefined;
    readonly warned: boolean;
  }[] = [
    { asked: ['IPv4'], served: ['IPv4', 'IPv6'], dual: true, given: ['IPv4'], warned: false },
    { asked: ['IPv6', 'IPv4'], served: ['IPv4', 'IPv6'], dual: true, given: ['IPv6', 'IPv4'], warned: false },
    { asked: ['IPv6', 'IPv4'], served: ['IPv4', 'IPv6'], dual: false, given: ['IPv6'], warned: true },
    { asked: ['IPv6', 'IPv4'], served: ['IPv4'], dual: false, given: ['IPv4'], warned: true },
    { asked: ['IPv4', 'IPv6'], served: ['IPv4'], dual: true, given: ['IPv4'], warned: true },
    { asked: ['IPv6'], served: ['IPv4'], dual: true, given: undefined, warned: false },
  ];

  test.each(rows)('$asked from a provider of $served, dual $dual', ({ asked, served, dual, given, warned }) => {
    const more = {
      service: service({ spec: { ipFamilies: asked } }),
      capabilities: { ...capabilities, ipFamilies: served, dualStack: dual },
    };
    const answer = desiredLoadBalancer(input(more));
    expect('refused' in answer ? answer.refused : answer.loadBalancer.ipFamilies).toEqual(
      given ?? 'IPFamiliesNotSupported',
    );
    const warnings = 'refused' in answer ? [] : answer.warnings.map(one => one.reason);
    expect(warnings).toEqual(warned ? ['IPFamiliesNotSupported'] : []);
  });
});

describe('ports that the provider cannot serve', () => {
  const single = { ...capabilities, mixedProtocols: false };
  const few = { ...capabilities, maxListeners: 1 };
  const rows: readonly {
    readonly name: string;
    readonly ports: readonly ServicePort[];
    readonly capabilities: typeof capabilities;
    readonly refused: string;
    readonly errors: readonly string[];
  }[] = [
    {
      name: 'a protocol',
      ports: [tcp, sctp],
      capabilities,
      refused: 'ProtocolNotSupported',
      errors: ['9/SCTP ProtocolNotSupported'],
    },
    {
      name: 'a second protocol',
      ports: [tcp, udp],
      capabilities: single,
      refused: 'LoadBalancerMixedProtocolNotSupported',
      errors: ['53/UDP LoadBalancerMixedProtocolNotSupported'],
    },
    {
      name: 'a second protocol, the other way round',
      ports: [udp, tcp],
      capabilities: single,
      refused: 'LoadBalancerMixedProtocolNotSupported',
      errors: ['80/TCP LoadBalancerMixedProtocolNotSupported'],
    },
    {
      name: 'more than it takes',
      ports: [tcp, udp],
      capabilities: few,
      refused: 'Unsupported',
      errors: ['53/UDP TooManyPorts'],
    },
    {
      name: 'a protocol, which leaves room for another',
      ports: [sctp, tcp],
      capabilities: few,
      refused: 'ProtocolNotSupported',
      errors: ['9/SCTP ProtocolNotSupported'],
    },
  ];

  test.each(rows)(
    '$name: nothing rather than half before there is an address',
    ({ ports, capabilities: able, refused }) => {
      expect(refusal({ service: service({ spec: { ports } }), capabilities: able })).toBe(refused);
    },
  );

  test.each(rows)(
    '$name: the others, with an error for each, once there is one',
    ({ ports, capabilities: able, errors }) => {
      const answer = desired({
        service: service({ spec: { ports }, status: published('192.0.2.1') }),
        capabilities: able,
      });
      expect(answer.portErrors.map(one => `${one.port}/${one.protocol} ${one.error}`)).toEqual(errors);
      expect(answer.loadBalancer.listeners).toHaveLength(ports.length - errors.length);
    },
  );

  test('all of them are refused although there is an address', () => {
    expect(refusal({ service: service({ spec: { ports: [sctp] }, status: published('192.0.2.1') }) })).toBe(
      'ProtocolNotSupported',
    );
  });

  test('none: TCP and UDP on one port are two listeners', () => {
    expect(
      valueFor({ spec: { ports: [{ ...tcp, port: 53 }, udp] } }).listeners.map(one => `${one.port}/${one.protocol}`),
    ).toEqual(['53/TCP', '53/UDP']);
  });
});

describe('warnings', () => {
  const rows: readonly (readonly [string, ServiceOptions['spec'], Partial<typeof capabilities>, string])[] = [
    [
      'source ranges',
      { loadBalancerSourceRanges: ['10.0.0.0/8'] },
      { sourceRanges: false },
      'SourceRangesNotSupported',
    ],
    ['session affinity', { sessionAffinity: 'ClientIP' }, { sessionAffinity: false }, 'SessionAffinityNotSupported'],
  ];

  test.each(rows)('name %s only where they are asked for and not served', (_name, spec, unable, reason) => {
    const asking = service({ spec: spec ?? {} });
    const able = { ...capabilities, ...unable };
    expect(desired({ service: asking, capabilities: able }).warnings.map(one => one.reason)).toEqual([reason]);
    expect(desired({ service: asking }).warnings).toEqual([]);
    expect(desired({ capabilities: able }).warnings).toEqual([]);
  });
});

// The reference's needsUpdate matrix (U1–U15), as two values that are or are not the same request.
describe('two Services ask for the same thing', () => {
  const rows: readonly {
    readonly name: string;
    readonly a?: ServiceOptions;
    readonly b: ServiceOptions;
    readonly same: boolean;
  }[] = [
    { name: 'U1 port', b: { spec: { ports: [{ ...tcp, port: 81 }] } }, same: false },
    { name: 'U1 name of a port', b: { spec: { ports: [{ ...tcp, name: 'z' }] } }, same: false },
    { name: 'U1 protocol', b: { spec: { ports: [{ ...tcp, protocol: 'UDP' }] } }, same: false },
    { name: 'U1 node port', b: { spec: { ports: [{ ...tcp, nodePort: 30_081 }] } }, same: false },
    { name: 'U1 a second port', b: { spec: { ports: [tcp, udp] } }, same: false },
    { name: 'target port, which is kube-proxy’s', b: { spec: { ports: [{ ...tcp, targetPort: 8080 }] } }, same: true },
    { name: 'U3 appProtocol set', b: { spec: { ports: [{ ...tcp, appProtocol: 'http' }] } }, same: false },
    {
      name: 'U3 appProtocol changed',
      a: { spec: { ports: [{ ...tcp, appProtocol: 'http' }] } },
      b: { spec: { ports: [{ ...tcp, appProtocol: 'tcp' }] } },
      same: false,
    },
    {
      name: 'U3 appProtocol unchanged',
      a: { spec: { ports: [{ ...tcp, appProtocol: 'http' }] } },
      b: { spec: { ports: [{ ...tcp, appProtocol: 'http' }] } },
      same: true,
    },
    {
      name: 'U6 traffic policy',
      b: { spec: { ports: [tcp], externalTrafficPolicy: 'Local', healthCheckNodePort: 31_000 } },
      same: false,
    },
    {
      name: 'U6 health check port',
      a: { spec: { externalTrafficPolicy: 'Local', healthCheckNodePort: 31_000 } },
      b: { spec: { externalTrafficPolicy: 'Local', healthCheckNodePort: 31_001 } },
      same: false,
    },
    { name: 'U7 one family more', b: { spec: { ports: [tcp], ipFamilies: ['IPv4', 'IPv6'] } }, same: false },
    {
      name: 'U7 one family less',
      a: { spec: { ipFamilies: ['IPv4', 'IPv6'] } },
      b: { spec: { ipFamilies: ['IPv4'] } },
      same: false,
    },
    {
      name: 'U7 families unchanged',
      a: { spec: { ipFamilies: ['IPv4', 'IPv6'] } },
      b: { spec: { ipFamilies: ['IPv4', 'IPv6'] } },
      same: true,
    },
    {
      name: 'U9 source ranges set',
      b: { spec: { ports: [tcp], loadBalancerSourceRanges: ['10.0.0.0/8'] } },
      same: false,
    },
    {
      name: 'U9 source ranges changed',
      a: { spec: { loadBalancerSourceRanges: ['10.0.0.0/8'] } },
      b: { spec: { loadBalancerSourceRanges: ['10.0.0.0/9'] } },
      same: false,
    },
    {
      name: 'U9 source ranges in other words',
      a: { spec: { loadBalancerSourceRanges: ['10.0.0.0/8', '2001:db8::/32'] } },
      b: { spec: { loadBalancerSourceRanges: ['2001:DB8:0::/32', ' 10.9.9.9/8'] } },
      same: true,
    },
    { name: 'U10 affinity', b: { spec: { ports: [tcp], sessionAffinity: 'ClientIP' } }, same: false },
    {
      name: 'U10 timeout',
      a: { spec: { sessionAffinity: 'ClientIP' } },
      b: { spec: { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } } },
      same: false,
    },
    {
      name: 'U12 annotations that are nobody’s',
      b: {
        metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } },
        spec: { ports: [tcp] },
      },
      same: true,
    },
    { name: 'U15 resourceVersion', b: { metadata: { resourceVersion: '11' }, spec: { ports: [tcp] } }, same: true },
    { name: 'labels', b: { metadata: { labels: { a: 'b' } }, spec: { ports: [tcp] } }, same: true },
    { name: 'requested address', b: { spec: { ports: [tcp], loadBalancerIP: '192.0.2.7' } }, same: false },
    {
      name: 'published address, which the provider made',
      b: { spec: { ports: [tcp] }, status: published('192.0.2.1') },
      same: true,
    },
    { name: 'uid', b: { metadata: { uid: otherUid }, spec: { ports: [tcp] } }, same: false },
    { name: 'cluster IP', b: { spec: { ports: [tcp], clusterIP: '10.96.0.7' } }, same: true },
    {
      name: 'permission to allocate node ports',
      b: { spec: { ports: [tcp], allocateLoadBalancerNodePorts: false } },
      same: true,
    },
    {
      name: 'an explicit default',
      b: { spec: { ports: [tcp], externalTrafficPolicy: 'Cluster', sessionAffinity: 'None' } },
      same: true,
    },
  ];

  test.each(rows)('$name: $same', ({ a = { spec: { ports: [tcp] } }, b, same }) => {
    expect(fingerprintOf({ service: service(a) }) === fingerprintOf({ service: service(b) })).toBe(same);
  });

  test('U4 external addresses, which are never announced: true', () => {
    const given = service();
    const spec = { ...given.spec, externalIPs: ['192.0.2.9'] };
    expect(fingerprintOf({ service: { ...given, spec } })).toBe(fingerprintOf({}));
  });

  test('U13 annotations of the provider’s: false', () => {
    expect(fingerprintOf({ annotations: big })).not.toBe(fingerprintOf({}));
  });

  test('labels of the provider’s: false', () => {
    const able = { ...capabilities, labelPrefixes: ['cloud.example/'] };
    const labelled = service({ metadata: { labels: { 'cloud.example/team': 'x' } } });
    expect(fingerprintOf({ service: labelled, capabilities: able })).not.toBe(fingerprintOf({ capabilities: able }));
  });

  test('backends by their version, not by their content: false', () => {
    expect(fingerprintOf({ backendSet: { ...backendSet, version: 4 } })).not.toBe(fingerprintOf({}));
    expect(fingerprintOf({ backendSet: { ...backendSet, selector: 'x' } })).not.toBe(fingerprintOf({}));
    expect(
      fingerprintOf({
        backendSet: { ...backendSet, backends: [{ node: 'n', providerId: '', addresses: [], zone: '' }] },
      }),
    ).toBe(fingerprintOf({}));
  });

  test('is as short as the digest makes it', () => {
    expect(fingerprintOf({ digest: () => 'short' })).toBe('short|role=x#3');
  });

  test('the right to adopt: false', () => {
    expect(fingerprintOf({ adopt: true })).not.toBe(fingerprintOf({}));
  });

  // What has to be told of a change needs a new attempt, or nobody would hear of it until the next verification.
  test('a port that cannot be served: false', () => {
    const status = published('192.0.2.1');
    const one = fingerprintOf({ service: service({ spec: { ports: [tcp] }, status }) });
    expect(fingerprintOf({ service: service({ spec: { ports: [tcp, sctp] }, status }) })).not.toBe(one);
  });

  test('an annotation that the policy refuses: false', () => {
    const refused = [{ reason: 'AnnotationRefused', message: 'm' }];
    expect(fingerprintOf({ annotations: { allowed: {}, refused } })).not.toBe(fingerprintOf({}));
    expect(desired({ annotations: { allowed: {}, refused } }).warnings).toEqual(refused);
  });

  test('a family that cannot be served: false', () => {
    const able = { ...capabilities, dualStack: false };
    const one = fingerprintOf({ capabilities: able });
    expect(
      fingerprintOf({ capabilities: able, service: service({ spec: { ipFamilies: ['IPv4', 'IPv6'] } }) }),
    ).not.toBe(one);
  });

  function fingerprintOf(more: Partial<DesiredInput>): string {
    return desired(more).fingerprint;
  }
});

describe('what differs between two fingerprints', () => {
  const rows = [
    { before: '[1]|a=1#1', now: '[1]|a=1#2', is: 'nodes' },
    { before: '[1]|a=1#1', now: '[1]|b=1#1', is: 'nodes' },
    { before: '[1]|#1@x', now: '[1]|#2@x', is: 'nodes' },
    { before: '[1]|#1@x', now: '[1]|#2@y', is: 'nodes' },
    { before: '[1]|#1@x', now: '[1]|#1@y', is: 'endpoints' },
    { before: '[1]|#1', now: '[1]|#1@y', is: 'service' },
    { before: '["a|b@c"]|#1', now: '["a|b@d"]|#1', is: 'service' },
    { before: '[1]|#1@x', now: '[2]|#1@y', is: 'service' },
  ];

  test.each(rows)('$before and $now: $is', ({ before, now, is }) => {
    expect(differenceOf(before, now)).toBe(is);
  });
});

describe('a balancer that is held', () => {
  test('is never refused, whatever has been written into the Service', () => {
    const status = published('192.0.2.1');
    for (const spec of [
      { loadBalancerSourceRanges: ['x'] },
      { ports: [sctp] },
      { ipFamilies: [] },
      { ports: [] },
    ] as const) {
      const held = heldLoadBalancer(input({ service: service({ spec, status }) }));
      expect(held).toMatchObject({
        id: idOf(uid),
        ingress: [{ ip: '192.0.2.1' }],
        service: { namespace: 'default', name: 'web', uid },
      });
    }
  });

  test('is the same value as the desired one where that is good', () => {
    const given = input({ service: service({ spec: { ports: [tcp, udp] }, status: published('192.0.2.1') }) });
    expect(heldLoadBalancer(given)).toEqual(desired(given).loadBalancer);
  });
});

describe('freezing in depth', () => {
  test('freezes every part and changes none', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const before = JSON.stringify(value);
        expect(deepFreeze(value)).toBe(value);
        expect(JSON.stringify(value)).toBe(before);
        for (const part of partsOf(value)) expect(Object.isFrozen(part)).toBe(true);
      }),
    );
  });

  test('does not walk into what is frozen already', () => {
    const walked: string[] = [];
    const shared = Object.freeze({
      get part() {
        walked.push('part');
        return {};
      },
    });
    deepFreeze({ shared });
    expect(walked).toEqual([]);
  });
});

function partsOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(partsOf)];
}
