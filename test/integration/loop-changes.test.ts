import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadBalancer } from '../../src/provider/provider.ts';
import { type Loop, startLoop } from '../support/loop.ts';
import { addressOf, stateOf } from '../support/loop-users.ts';

/**
 * Rows U of the reference: what of a Service makes the provider be asked again, and what it then sees. Where it differs: a change that
 * the desired value does not hold (U4, externalIPs: never announced) asks for nothing. Not here: source
 * ranges that nobody can read (test/plan), since this API server refuses them.
 */
interface Change {
  readonly name: string;
  readonly before?: object;
  readonly metadata?: object;
  /** A merge patch. */
  readonly change: object;
  /** What the provider is asked for; undefined: it is not asked. */
  readonly asked?: (loadBalancer: LoadBalancer) => unknown;
  readonly value?: unknown;
}

const annotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const selector = 'fairlead.dev/node-selector';
const dual = { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv4', 'IPv6'] };

const changes: readonly Change[] = [
  {
    name: 'U1: another port',
    before: { ports: [{ name: 'http', port: 80 }] },
    change: { spec: { ports: [{ name: 'http', port: 8080 }] } },
    asked: one => one.listeners.map(listener => listener.port),
    value: [8080],
  },
  {
    name: 'U1: one port more',
    before: { ports: [{ name: 'http', port: 80 }] },
    change: {
      spec: {
        ports: [
          { name: 'http', port: 80 },
          { name: 'https', port: 443 },
        ],
      },
    },
    asked: one => one.listeners.map(listener => listener.port),
    value: [80, 443],
  },
  {
    name: 'U1: another node port',
    change: { spec: { ports: [{ port: 80, nodePort: 30_077 }] } },
    asked: one => one.listeners.map(listener => listener.nodePort),
    value: [30_077],
  },
  {
    name: 'U3: appProtocol from none to http',
    change: { spec: { ports: [{ port: 80, appProtocol: 'http' }] } },
    asked: one => one.listeners[0]?.appProtocol,
    value: 'http',
  },
  {
    name: 'U3: appProtocol from http to tcp',
    before: { ports: [{ port: 80, appProtocol: 'http' }] },
    change: { spec: { ports: [{ port: 80, appProtocol: 'tcp' }] } },
    asked: one => one.listeners[0]?.appProtocol,
    value: 'tcp',
  },
  { name: 'U4: an external IP', change: { spec: { externalIPs: ['198.51.100.7'] } } },
  {
    name: 'U4: another external IP',
    before: { externalIPs: ['198.51.100.8'] },
    change: { spec: { externalIPs: ['198.51.100.9'] } },
  },
  {
    name: 'U6: traffic policy back to Cluster',
    before: { externalTrafficPolicy: 'Local' },
    change: { spec: { externalTrafficPolicy: 'Cluster' } },
    asked: one => [one.externalTrafficPolicy, one.healthCheck],
    value: ['Cluster', { path: '/healthz', port: 10_256 }],
  },
  {
    name: 'U7: a second family',
    before: { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4'] },
    change: { spec: { ...dual } },
    asked: one => one.ipFamilies,
    value: ['IPv4', 'IPv6'],
  },
  {
    name: 'U7: back to one family',
    before: dual,
    change: { spec: { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4'] } },
    asked: one => one.ipFamilies,
    value: ['IPv4'],
  },
  {
    name: 'U9: source ranges, in any order',
    change: { spec: { loadBalancerSourceRanges: ['192.0.2.0/24', '10.0.0.0/8'] } },
    asked: one => one.sourceRanges,
    value: ['10.0.0.0/8', '192.0.2.0/24'],
  },
  {
    name: 'U9: other source ranges',
    before: { loadBalancerSourceRanges: ['192.0.2.0/24'] },
    change: { spec: { loadBalancerSourceRanges: ['198.51.100.0/24'] } },
    asked: one => one.sourceRanges,
    value: ['198.51.100.0/24'],
  },
  {
    name: 'U9: no source ranges any more: everyone',
    before: { loadBalancerSourceRanges: ['192.0.2.0/24'] },
    change: { spec: { loadBalancerSourceRanges: null } },
    asked: one => one.sourceRanges,
    value: [],
  },
  {
    name: 'U9: source ranges by annotation',
    change: { metadata: { annotations: { [annotation]: '192.0.2.0/24 , 198.51.100.0/24' } } },
    asked: one => one.sourceRanges,
    value: ['192.0.2.0/24', '198.51.100.0/24'],
  },
  {
    name: 'U9: the annotation counts for nothing beside the field',
    before: { loadBalancerSourceRanges: ['192.0.2.0/24'] },
    change: { metadata: { annotations: { [annotation]: '198.51.100.0/24' } } },
  },
  {
    name: 'U10: session affinity',
    change: { spec: { sessionAffinity: 'ClientIP' } },
    asked: one => one.sessionAffinity,
    value: { type: 'ClientIP', timeoutSeconds: 10_800 },
  },
  {
    name: 'U10: another timeout of it',
    before: { sessionAffinity: 'ClientIP' },
    change: { spec: { sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } } },
    asked: one => one.sessionAffinity,
    value: { type: 'ClientIP', timeoutSeconds: 60 },
  },
  {
    name: 'U10: no session affinity any more',
    before: { sessionAffinity: 'ClientIP' },
    change: { spec: { sessionAffinity: 'None', sessionAffinityConfig: null } },
    asked: one => one.sessionAffinity,
    value: { type: 'None' },
  },
  {
    name: 'loadBalancerIP',
    change: { spec: { loadBalancerIP: '203.0.113.200' } },
    asked: one => one.requestedAddresses,
    value: ['203.0.113.200'],
  },
  {
    name: 'U13: an annotation of the provider’s',
    change: { metadata: { annotations: { 'cloud.example/flavour': 'large' } } },
    asked: one => one.annotations,
    value: { 'cloud.example/flavour': 'large' },
  },
  {
    name: 'the node selector narrows the nodes',
    change: { metadata: { annotations: { [selector]: 'role=ingress' } } },
    asked: one => one.backends.map(backend => backend.node.split('-').at(-1)),
    value: ['n2'],
  },
  { name: 'an annotation of nobody’s', change: { metadata: { annotations: { 'example.com/a': 'b' } } } },
  { name: 'a label', change: { metadata: { labels: { a: 'b' } } } },
  {
    name: 'a finalizer of another controller',
    change: { metadata: { finalizers: ['fairlead.dev/a', 'example.com/x'] } },
  },
  { name: 'the selector of its pods', change: { spec: { selector: { app: 'web' } } } },
  { name: 'the port of its pods', change: { spec: { ports: [{ port: 80, targetPort: 8080 }] } } },
  { name: 'internalTrafficPolicy', change: { spec: { internalTrafficPolicy: 'Local' } } },
  { name: 'publishNotReadyAddresses', change: { spec: { publishNotReadyAddresses: true } } },
];

describe.concurrent('what a change asks of the provider', () => {
  let loop: Loop;
  beforeAll(async () => {
    loop = await startLoop();
    await loop.createNode('n2', { labels: { role: 'ingress' } });
    await loop.createServed('first');
    await loop.until('both nodes are known', () => loop.world.balancerOf('first')?.loadBalancer.backends.length === 2);
  });
  afterAll(() => loop[Symbol.asyncDispose]());

  test.for(changes.map((change, index) => ({ ...change, service: `web-${index}` })))(
    '$name',
    async ({ service, before = {}, metadata = {}, change, asked, value }) => {
      const created = await loop.createServed(service, before, metadata);
      await loop.settle();
      expect(loop.world.ensures(service)).toHaveLength(1);
      await loop.patch(service, change);
      await loop.settle();
      expect(
        loop.world
          .ensures(service)
          .slice(1)
          .map(asked ?? (() => 'asked')),
      ).toEqual(asked === undefined ? [] : [value]);
      expect(addressOf(await loop.get(service))).toBe(addressOf(created));
    },
  );

  test('U6: traffic policy Local brings the port that the API server has chosen for health checks', async () => {
    await loop.createServed('to-local');
    const { spec } = await loop.patchSpec('to-local', { externalTrafficPolicy: 'Local' });
    await loop.settle();
    expect(spec.healthCheckNodePort).toBeGreaterThan(0);
    expect(loop.world.ensures('to-local').map(one => [one.externalTrafficPolicy, one.healthCheck.port])).toEqual([
      ['Cluster', 10_256],
      ['Local', spec.healthCheckNodePort],
    ]);
  });

  test('U12: somebody’s heart-beat, 50 times, asks for nothing and writes nothing', async () => {
    await loop.createServed('beat');
    await loop.settle();
    const writes = loop.writesTo('beat').length;
    for (let beat = 0; beat < 50; beat++) await loop.annotate('beat', { 'example.com/beat': String(beat) });
    await loop.settle();
    expect(loop.world.ensures('beat')).toHaveLength(1);
    expect(loop.writesTo('beat')).toHaveLength(writes);
  });

  test('U15: a PUT of what is there already asks for nothing', async () => {
    const { spec } = await loop.createServed('same');
    await loop.settle();
    await loop.replace('same', spec);
    await loop.settle();
    expect(loop.world.ensures('same')).toHaveLength(1);
  });

  test('S14: TCP and UDP on one port: both reach the provider, with the node port they share', async () => {
    const ports = ['TCP', 'UDP'].map(protocol => ({ name: protocol.toLowerCase(), port: 53, protocol }));
    const { spec } = await loop.createServed('dns', { ports });
    const nodePort = spec.ports?.[0]?.nodePort;
    expect(loop.world.ensures('dns')[0]?.listeners).toMatchObject([
      { protocol: 'TCP', port: 53, nodePort },
      { protocol: 'UDP', port: 53, nodePort },
    ]);
  });

  test('a node selector that nobody can read changes nothing of what is served, and the Service says so', async () => {
    const before = await loop.createServed('selector', {}, { annotations: { [selector]: 'role=ingress' } });
    await loop.annotate('selector', { [selector]: 'role in (' });
    const after = await loop.when('selector', one => stateOf(one, 'LoadBalancerDegraded') !== undefined);
    expect(stateOf(after, 'LoadBalancerDegraded')).toBe('True NodeSelectorNotSupported');
    expect(addressOf(after)).toBe(addressOf(before));
    expect((await loop.told('selector', 'LoadBalancerRejected')).message).toContain(selector);
    expect(loop.world.ensures('selector')).toHaveLength(1);
    await loop.annotate('selector', { [selector]: null });
    const mended = await loop.when('selector', one => stateOf(one, 'LoadBalancerDegraded') === undefined);
    expect(stateOf(mended, 'LoadBalancerProvisioning')).toBe('False Complete');
    expect(loop.world.balancerOf('selector')?.loadBalancer.backends).toHaveLength(2);
  });
});

describe.concurrent('the operator’s policy for annotations', () => {
  const restricted = 'cloud.example/security-groups';
  const harmless = 'cloud.example/flavour';
  const given = { [restricted]: 'sg-1', [harmless]: 'large', 'other.example/x': 'y' };
  const instances = { a: { capabilities: { restrictedAnnotations: [restricted] } } };

  test.for([
    { name: 'standard', flags: [], allowed: [harmless], refused: [restricted] },
    {
      name: 'standard, released for the namespace',
      flags: (namespace: string) => [`--allow-annotation=${namespace}:${restricted}`],
      allowed: [harmless, restricted],
      refused: [],
    },
    {
      name: 'standard, released for another namespace',
      flags: [`--allow-annotation=elsewhere:${restricted}`],
      allowed: [harmless],
      refused: [restricted],
    },
    { name: 'strict', flags: ['--annotation-policy=strict'], allowed: [], refused: [harmless, restricted] },
  ])('$name: $allowed reach the provider', async ({ flags, allowed, refused }) => {
    await using loop = await startLoop({ instances, started: false });
    await loop.start({ flags: typeof flags === 'function' ? flags(loop.namespace) : flags });
    await loop.createServed('web', {}, { annotations: given });
    expect(Object.keys(loop.world.ensures('web')[0]?.annotations ?? {})).toEqual(allowed);
    await loop.told('web', 'EnsuredLoadBalancer');
    for (const key of refused) {
      await loop.until(`the refusal of ${key} is told`, async () =>
        (await loop.eventsOf('web')).some(event => event.reason === 'AnnotationRefused' && event.message.includes(key)),
      );
    }
    await loop.stop();
    const told = (await loop.events('web')).filter(event => event === 'Warning AnnotationRefused');
    expect(told).toHaveLength(refused.length);
  });
});

describe.concurrent('what a provider cannot do', () => {
  const tcpOnly = { capabilities: { protocols: ['TCP'] as const } };
  const unmixed = { capabilities: { mixedProtocols: false } };
  const oneFamily = { capabilities: { ipFamilies: ['IPv4'] as const, dualStack: false } };
  const mixed = [
    { name: 'tcp', port: 80, protocol: 'TCP' },
    { name: 'udp', port: 81, protocol: 'UDP' },
  ];

  test.for([
    {
      name: 'a protocol',
      instance: tcpOnly,
      spec: { ports: [{ port: 53, protocol: 'UDP' }] },
      reason: 'ProtocolNotSupported',
    },
    {
      name: 'mixed protocols',
      instance: unmixed,
      spec: { ports: mixed },
      reason: 'LoadBalancerMixedProtocolNotSupported',
    },
    {
      name: 'a family',
      instance: oneFamily,
      spec: { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'] },
      reason: 'IPFamiliesNotSupported',
    },
  ])('$name: nothing is made, and the Service says which node port to use', async ({ instance, spec, reason }) => {
    await using loop = await startLoop({ instances: { a: instance } });
    await loop.create('web', spec);
    const service = await loop.when('web', one => stateOf(one, 'LoadBalancerServing') !== undefined);
    expect(stateOf(service, 'LoadBalancerServing')).toBe(`False ${reason}`);
    expect(service.metadata.finalizers).toBeUndefined();
    const event = await loop.told('web', 'NodePortOnly');
    expect(event.message).toContain(`:${service.spec.ports?.[0]?.nodePort} for port`);
    await loop.settle();
    expect(loop.world.callsFor('web')).toEqual([]);
    expect(loop.writesTo('web')).toHaveLength(1);
  });

  test('a port that a served Service gains and the provider cannot serve has an error of its own; the others stay', async () => {
    await using loop = await startLoop({ instances: { a: tcpOnly } });
    const before = await loop.createServed('web', { ports: mixed.slice(0, 1) });
    await loop.patchSpec('web', { ports: mixed });
    const after = await loop.when('web', one => stateOf(one, 'LoadBalancerPortsError') !== undefined);
    expect(stateOf(after, 'LoadBalancerPortsError')).toMatch(/^True /);
    expect(after.status?.loadBalancer?.ingress).toEqual([
      {
        ip: addressOf(before),
        ipMode: 'VIP',
        ports: [
          { port: 80, protocol: 'TCP' },
          { port: 81, protocol: 'UDP', error: 'ProtocolNotSupported' },
        ],
      },
    ]);
    expect(loop.world.balancerOf('web')?.loadBalancer.listeners).toMatchObject([{ port: 80 }]);
    await loop.patchSpec('web', { ports: mixed.slice(0, 1) });
    const mended = await loop.when('web', one => stateOf(one, 'LoadBalancerPortsError') === undefined);
    expect(mended.status?.loadBalancer?.ingress).toEqual([{ ip: addressOf(before), ipMode: 'VIP' }]);
  });

  test('dual stack of a provider with one family: that one is served, with a Warning', async () => {
    await using loop = await startLoop({ instances: { a: oneFamily } });
    await loop.createServed('web', { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'] });
    expect(loop.world.ensures('web')[0]?.ipFamilies).toEqual(['IPv4']);
    expect((await loop.told('web', 'IPFamiliesNotSupported')).type).toBe('Warning');
  });

  test('dual stack of a provider with two: an address for each', async () => {
    await using loop = await startLoop();
    const ingress = [{ ip: '203.0.113.99' }, { ip: '2001:db8::99' }];
    loop.world.ensureAnswers.set('web', () => ({ state: 'ready', ingress }));
    const service = await loop.createServed('web', { ipFamilyPolicy: 'RequireDualStack' });
    expect(loop.world.ensures('web')[0]?.ipFamilies).toEqual(['IPv4', 'IPv6']);
    expect(service.status?.loadBalancer?.ingress).toEqual(ingress.map(entry => ({ ...entry, ipMode: 'VIP' })));
  });
});
