import { describe, expect, test } from 'vitest';
import type { AnnotationPolicy } from '../../src/plan/annotation-policy.ts';
import { everything, parseLabelSelector } from '../../src/plan/label-selector.ts';
import { type Observed, planService, type ServicePlan } from '../../src/plan/plan-service.ts';
import { annotations } from '../../src/plan/words.ts';
import {
  capabilities,
  condition,
  instance,
  observed,
  otherUid,
  policy,
  published,
  record,
  service,
  settings,
  uid,
} from '../support/objects.ts';

const finalizers = ['fairlead.dev/a'];
const serving = [condition('LoadBalancerServing', 'True', { message: '198.51.100.1' })];
const two = settings({ instances: [instance('a', { isDefault: true }), instance('b')] });
const inside = { ...capabilities, keepsOutside: false };
const mark = [condition('fairlead.dev/a')];
const abandonable = settings({
  policy: { ...policy, released: [{ namespace: 'default', annotation: annotations.abandon.key }] },
});
const adoptable = settings({
  policy: { ...policy, released: [{ namespace: 'default', annotation: annotations.adopt.key }] },
});

/** What is compared of a plan: the step, and what tells it from others of the same step. */
function gist(plan: ServicePlan): string {
  switch (plan.step) {
    case 'nothing':
      return plan.notice === undefined ? 'nothing' : 'nothing, noticed';
    case 'delete':
      return `delete ${plan.how} by ${plan.instance}`;
    case 'ensure':
      return plan.degraded === undefined
        ? `ensure by ${plan.instance}`
        : `ensure by ${plan.instance}, ${plan.degraded.reason}`;
    case 'add-finalizer':
      return `add-finalizer ${plan.finalizer}`;
    case 'allocate-node-ports':
      return 'allocate-node-ports';
    default:
      return `${plan.step} ${plan.reason}`;
  }
}

interface Row {
  readonly name: string;
  readonly given: Partial<Observed>;
  readonly plan: string;
}

const ensured = (given: Partial<Observed>): Observed => {
  const first = observed(given);
  const plan = planService(first);
  if (plan.step !== 'ensure') throw new Error(`expected an ensure, got ${gist(plan)}`);
  const ingress = first.service?.status?.loadBalancer?.ingress;
  return { ...first, record: record({ fingerprint: plan.fingerprint, notBefore: 2_000, ingress }) };
};

const owned = service({ metadata: { finalizers }, status: published('198.51.100.1', serving) });

describe('the next step for a Service', () => {
  const rows: readonly Row[] = [
    // Not there, or not of our kind.
    { name: 'gone and never ours', given: { service: undefined }, plan: 'nothing' },
    {
      name: 'gone, and given to a provider before',
      given: { service: undefined, record: record() },
      plan: 'delete gone by a',
    },
    {
      name: 'made again under its name',
      given: { service: service({ metadata: { uid: otherUid } }), record: record() },
      plan: 'delete gone by a',
    },
    { name: 'of another type', given: { service: service({ spec: { type: 'ClusterIP' } }) }, plan: 'nothing' },
    {
      name: 'being deleted without our mark',
      given: { service: service({ metadata: { deletionTimestamp: 't', finalizers: ['x/y'] } }) },
      plan: 'nothing',
    },
    // Whose it is.
    { name: 'of no class, with a default', given: {}, plan: 'add-finalizer fairlead.dev/a' },
    {
      name: 'of no class, with no default',
      given: { settings: settings({ instances: [instance('a')] }) },
      plan: 'nothing',
    },
    {
      name: 'of no class, with no provider',
      given: { settings: settings({ instances: [] }) },
      plan: 'node-port-only NoProvider',
    },
    {
      name: 'of a class that is mapped',
      given: { settings: two, service: service({ spec: { loadBalancerClass: 'example.com/b' } }) },
      plan: 'add-finalizer fairlead.dev/b',
    },
    {
      name: 'of somebody else’s class',
      given: { service: service({ spec: { loadBalancerClass: 'other.example/x' } }) },
      plan: 'nothing',
    },
    {
      name: 'of an unmapped class of ours',
      given: { service: service({ spec: { loadBalancerClass: 'fairlead.dev/x' } }) },
      plan: 'node-port-only ClassNotMapped',
    },
    {
      name: 'of no class, with a foreign finalizer',
      given: { service: service({ metadata: { finalizers: ['service.kubernetes.io/load-balancer-cleanup'] } }) },
      plan: 'nothing, noticed',
    },
    {
      name: 'of our class, with a foreign finalizer',
      given: { service: service({ metadata: { finalizers: ['x/y'] }, spec: { loadBalancerClass: 'example.com/a' } }) },
      plan: 'add-finalizer fairlead.dev/a',
    },
    {
      name: 'with the garbage collector’s finalizer',
      given: { service: service({ metadata: { finalizers: ['foregroundDeletion'] } }) },
      plan: 'add-finalizer fairlead.dev/a',
    },
    {
      name: 'with a foreign address',
      given: { service: service({ status: published('203.0.113.9') }) },
      plan: 'nothing, noticed',
    },
    {
      name: 'of our class, with a foreign address',
      given: { service: service({ spec: { loadBalancerClass: 'example.com/a' }, status: published('203.0.113.9') }) },
      plan: 'nothing, noticed',
    },
    {
      name: 'with a foreign address and no provider',
      given: { settings: settings({ instances: [] }), service: service({ status: published('203.0.113.9') }) },
      plan: 'nothing, noticed',
    },
    {
      name: 'to adopt, not granted',
      given: {
        service: service({
          metadata: { annotations: { [annotations.adopt.key]: 'true' } },
          status: published('203.0.113.9'),
        }),
      },
      plan: 'nothing, noticed',
    },
    {
      name: 'to adopt, granted',
      given: {
        settings: adoptable,
        service: service({
          metadata: { annotations: { [annotations.adopt.key]: 'true' } },
          status: published('203.0.113.9'),
        }),
      },
      plan: 'add-finalizer fairlead.dev/a',
    },
    // Ours already.
    {
      name: 'with our finalizer and no address',
      given: { service: service({ metadata: { finalizers } }) },
      plan: 'ensure by a',
    },
    {
      name: 'with our finalizer and a foreign one',
      given: { service: service({ metadata: { finalizers: ['x/y', ...finalizers] } }) },
      plan: 'ensure by a',
    },
    {
      name: 'going',
      given: { service: service({ metadata: { finalizers, deletionTimestamp: 't' } }) },
      plan: 'delete object by a',
    },
    {
      name: 'of another type by now',
      given: { service: service({ metadata: { finalizers }, spec: { type: 'ClusterIP' } }) },
      plan: 'delete object by a',
    },
    {
      name: 'an ExternalName by now',
      given: { service: service({ metadata: { finalizers }, spec: { type: 'ExternalName', ports: [] } }) },
      plan: 'delete object by a',
    },
    {
      name: 'of a foreign class by now, nothing published',
      given: { service: service({ metadata: { finalizers }, spec: { loadBalancerClass: 'other.example/x' } }) },
      plan: 'delete object by a',
    },
    {
      name: 'of a foreign class by now, published',
      given: { service: { ...owned, spec: { ...owned.spec, loadBalancerClass: 'other.example/x' } } },
      plan: 'ensure by a, ProviderChanged',
    },
    {
      name: 'of another instance’s class, nothing published',
      given: {
        settings: two,
        service: service({ metadata: { finalizers }, spec: { loadBalancerClass: 'example.com/b' } }),
      },
      plan: 'delete object by a',
    },
    {
      name: 'of another instance’s class, published',
      given: { settings: two, service: { ...owned, spec: { ...owned.spec, loadBalancerClass: 'example.com/b' } } },
      plan: 'ensure by a, ProviderChanged',
    },
    {
      name: 'asked to move',
      given: {
        settings: two,
        service: service({
          metadata: { finalizers, annotations: { [annotations.move.key]: 'true' } },
          spec: { loadBalancerClass: 'example.com/b' },
          status: published('198.51.100.1', serving),
        }),
      },
      plan: 'delete object by a',
    },
    {
      name: 'asked to move to nobody',
      given: {
        service: service({
          metadata: { finalizers, annotations: { [annotations.move.key]: 'true' } },
          spec: { loadBalancerClass: 'other.example/x' },
          status: published('198.51.100.1', serving),
        }),
      },
      plan: 'ensure by a, ProviderChanged',
    },
    {
      name: 'its owner no longer the default',
      given: { service: service({ metadata: { finalizers } }), settings: settings({ instances: [instance('a')] }) },
      plan: 'ensure by a',
    },
    {
      name: 'its class no longer mapped',
      given: { service: service({ metadata: { finalizers }, spec: { loadBalancerClass: 'fairlead.dev/x' } }) },
      plan: 'ensure by a',
    },
    {
      name: 'its owner not configured',
      given: { service: owned, settings: settings({ instances: [instance('b', { isDefault: true })] }) },
      plan: 'reject ProviderNotConfigured',
    },
    {
      name: 'its owner not configured, and going',
      given: {
        service: service({ metadata: { finalizers, deletionTimestamp: 't' } }),
        settings: settings({ instances: [] }),
      },
      plan: 'reject ProviderNotConfigured',
    },
    {
      name: 'published without a finalizer',
      given: {
        service: service({ status: published('198.51.100.1', mark) }),
        settings: settings({ instances: [instance('a', { isDefault: true, capabilities: inside })] }),
      },
      plan: 'ensure by a',
    },
    {
      name: 'published without a finalizer, and going',
      given: {
        service: service({
          metadata: { deletionTimestamp: 't', finalizers: ['x/y'] },
          status: published('198.51.100.1', mark),
        }),
      },
      plan: 'delete object by a',
    },
    {
      name: 'without a finalizer, of another type by now',
      given: { service: service({ spec: { type: 'NodePort' }, status: { conditions: mark } }) },
      plan: 'delete object by a',
    },
    {
      name: 'without a finalizer, never published, of another type by now',
      given: { service: service({ spec: { type: 'NodePort' } }), record: record() },
      plan: 'delete object by a',
    },
    {
      name: 'without a finalizer, its owner not configured, and going',
      given: {
        service: service({
          metadata: { deletionTimestamp: 't', finalizers: ['x/y'] },
          status: published('198.51.100.1', mark),
        }),
        settings: settings({ instances: [] }),
      },
      plan: 'nothing',
    },
    {
      name: 'never published by us, published by others meanwhile',
      given: { service: service({ status: published('203.0.113.9') }), record: record() },
      plan: 'nothing, noticed',
    },
    // Left behind.
    {
      name: 'to abandon, not granted',
      given: { service: service({ metadata: { finalizers, annotations: { [annotations.abandon.key]: 'true' } } }) },
      plan: 'ensure by a',
    },
    {
      name: 'to abandon, granted',
      given: {
        settings: abandonable,
        service: service({ metadata: { finalizers, annotations: { [annotations.abandon.key]: 'true' } } }),
      },
      plan: 'delete abandon by a',
    },
    {
      name: 'to abandon, its owner not configured',
      given: {
        settings: { ...abandonable, instances: [] },
        service: service({
          metadata: { finalizers, deletionTimestamp: 't', annotations: { [annotations.abandon.key]: 'true' } },
        }),
      },
      plan: 'delete abandon by a',
    },
    {
      name: 'abandoned',
      given: {
        settings: abandonable,
        service: service({
          metadata: { annotations: { [annotations.abandon.key]: 'true' } },
          status: published('198.51.100.1', serving),
        }),
      },
      plan: 'nothing',
    },
    // What stands in the way.
    {
      name: 'with a bad node selector',
      given: { service: service({ metadata: { annotations: { [annotations.nodeSelector.key]: 'a in (' } } }) },
      plan: 'reject NodeSelectorNotSupported',
    },
    {
      name: 'with a bad source range',
      given: { service: service({ spec: { loadBalancerSourceRanges: ['010.0.0.0/8'] } }) },
      plan: 'reject SourceRangesNotSupported',
    },
    {
      name: 'with an unsupported protocol',
      given: {
        service: service({
          spec: {
            ports: [
              { port: 80, nodePort: 30_080 },
              { port: 9, protocol: 'SCTP', nodePort: 30_081 },
            ],
          },
        }),
      },
      plan: 'node-port-only ProtocolNotSupported',
    },
    {
      name: 'published, with an unsupported protocol beside',
      given: {
        service: {
          ...owned,
          spec: {
            ...owned.spec,
            ports: [
              { port: 80, nodePort: 30_080 },
              { port: 9, protocol: 'SCTP', nodePort: 30_081 },
            ],
          },
        },
      },
      plan: 'ensure by a',
    },
    {
      name: 'published, with unsupported protocols only',
      given: {
        service: { ...owned, spec: { ...owned.spec, ports: [{ port: 9, protocol: 'SCTP', nodePort: 30_081 }] } },
      },
      plan: 'reject ProtocolNotSupported',
    },
    {
      name: 'of two protocols, where they do not mix',
      given: {
        settings: settings({
          instances: [instance('a', { isDefault: true, capabilities: { ...capabilities, mixedProtocols: false } })],
        }),
        service: service({
          spec: {
            ports: [
              { port: 53, nodePort: 30_053 },
              { port: 53, protocol: 'UDP', nodePort: 30_053 },
            ],
          },
        }),
      },
      plan: 'node-port-only LoadBalancerMixedProtocolNotSupported',
    },
    {
      name: 'of a family that is not served',
      given: {
        settings: settings({
          instances: [instance('a', { isDefault: true, capabilities: { ...capabilities, ipFamilies: ['IPv4'] } })],
        }),
        service: service({ spec: { ipFamilies: ['IPv6'] } }),
      },
      plan: 'node-port-only IPFamiliesNotSupported',
    },
    {
      name: 'without node ports, forbidden',
      given: { service: service({ spec: { ports: [{ port: 80 }], allocateLoadBalancerNodePorts: false } }) },
      plan: 'reject NodePortsNotAllocated',
    },
    {
      name: 'without node ports, allowed by the operator',
      given: { settings: settings({ fillNodePorts: true }), service: service({ spec: { ports: [{ port: 80 }] } }) },
      plan: 'allocate-node-ports',
    },
    {
      name: 'without node ports, allowed by the user',
      given: {
        service: service({
          metadata: { annotations: { [annotations.allocateNodePorts.key]: 'true' } },
          spec: { ports: [{ port: 80 }] },
        }),
      },
      plan: 'allocate-node-ports',
    },
    {
      name: 'without node ports, and none needed',
      given: {
        settings: settings({ instances: [instance('a', { isDefault: true, needs: () => ({ nodePorts: false }) })] }),
        service: service({ spec: { ports: [{ port: 80 }] } }),
      },
      plan: 'add-finalizer fairlead.dev/a',
    },
    {
      name: 'by a provider that needs no finalizer',
      given: { settings: settings({ instances: [instance('a', { isDefault: true, capabilities: inside })] }) },
      plan: 'ensure by a',
    },
    // A delete that has failed.
    {
      name: 'gone, the delete to be tried later',
      given: { service: undefined, record: record({ fingerprint: 'deleting', notBefore: 2_000 }) },
      plan: 'nothing',
    },
    {
      name: 'gone, the delete due',
      given: { service: undefined, record: record({ fingerprint: 'deleting', notBefore: 1_000 }) },
      plan: 'delete gone by a',
    },
    {
      name: 'to abandon, the delete to be tried later',
      given: {
        settings: abandonable,
        record: record({ fingerprint: 'deleting', notBefore: 2_000 }),
        service: service({
          metadata: { finalizers, deletionTimestamp: 't', annotations: { [annotations.abandon.key]: 'true' } },
        }),
      },
      plan: 'delete abandon by a',
    },
  ];

  test.each(rows)('$name', ({ given, plan }) => {
    expect(gist(planService(observed(given)))).toBe(plan);
  });
});

describe('a Service that is served', () => {
  test('needs nothing while what is asked for is the same', () => {
    expect(planService(ensured({ service: owned }))).toEqual({ step: 'nothing', reason: 'up to date' });
  });

  test('is verified when that is due', () => {
    expect(gist(planService({ ...ensured({ service: owned }), now: 2_000 }))).toBe('ensure by a');
  });

  const changes: readonly { readonly name: string; readonly service: typeof owned; readonly plan: string }[] = [
    {
      name: 'somebody’s heart-beat annotation',
      service: { ...owned, metadata: { ...owned.metadata, annotations: { 'other.example/beat': '17' } } },
      plan: 'nothing',
    },
    {
      name: 'an annotation of the provider’s',
      service: { ...owned, metadata: { ...owned.metadata, annotations: { 'cloud.example/x': '1' } } },
      plan: 'ensure by a',
    },
    { name: 'a label', service: { ...owned, metadata: { ...owned.metadata, labels: { a: 'b' } } }, plan: 'nothing' },
    {
      name: 'a port',
      service: { ...owned, spec: { ...owned.spec, ports: [{ port: 81, nodePort: 30_080 }] } },
      plan: 'ensure by a',
    },
    {
      name: 'a node port',
      service: {
        ...owned,
        spec: { ...owned.spec, ports: [{ name: '', protocol: 'TCP', port: 80, nodePort: 30_081 }] },
      },
      plan: 'ensure by a',
    },
    {
      name: 'an application protocol',
      service: {
        ...owned,
        spec: {
          ...owned.spec,
          ports: [{ name: '', protocol: 'TCP', port: 80, nodePort: 30_080, appProtocol: 'http' }],
        },
      },
      plan: 'ensure by a',
    },
    {
      name: 'the traffic policy',
      service: { ...owned, spec: { ...owned.spec, externalTrafficPolicy: 'Local', healthCheckNodePort: 31_000 } },
      plan: 'ensure by a',
    },
    {
      name: 'source ranges',
      service: { ...owned, spec: { ...owned.spec, loadBalancerSourceRanges: ['192.0.2.0/24'] } },
      plan: 'ensure by a',
    },
    {
      name: 'session affinity',
      service: { ...owned, spec: { ...owned.spec, sessionAffinity: 'ClientIP' } },
      plan: 'ensure by a',
    },
    {
      name: 'the families',
      service: { ...owned, spec: { ...owned.spec, ipFamilies: ['IPv4', 'IPv6'] } },
      plan: 'ensure by a',
    },
    {
      name: 'the requested address',
      service: { ...owned, spec: { ...owned.spec, loadBalancerIP: '198.51.100.9' } },
      plan: 'ensure by a',
    },
    {
      name: 'a node selector',
      service: {
        ...owned,
        metadata: { ...owned.metadata, annotations: { [annotations.nodeSelector.key]: 'role=ingress' } },
      },
      plan: 'ensure by a',
    },
    { name: 'a status wiped by hand', service: { ...owned, status: {} }, plan: 'ensure by a' },
    {
      name: 'a status without ipMode',
      service: { ...owned, status: { loadBalancer: { ingress: [{ ip: '198.51.100.1' }] } } },
      plan: 'nothing',
    },
  ];

  test.each(changes)('and now differs in $name', ({ service: changed, plan }) => {
    expect(gist(planService({ ...ensured({ service: owned }), service: changed }))).toBe(plan);
  });

  test('is ensured again when its backends differ', () => {
    const next = { ...ensured({ service: owned }), backendsFor: () => ({ selector: '', version: 2, backends: [] }) };
    expect(gist(planService(next))).toBe('ensure by a');
  });

  test('waits after a failure until the back-off is over, but not when it has changed', () => {
    const failing = { ...ensured({ service: owned }) };
    const failed = { ...failing, record: { ...record(), ...failing.record, ingress: undefined } };
    expect(gist(planService(failed))).toBe('nothing');
    const edited = { ...owned, spec: { ...owned.spec, ports: [{ port: 81, nodePort: 30_080 }] } };
    expect(gist(planService({ ...failed, service: edited }))).toBe('ensure by a');
  });
});

describe('a provider that needs endpoints', () => {
  const needing = instance('a', { isDefault: true, needs: () => ({ nodePorts: true, endpoints: true }) });
  const given = { service: owned, settings: settings({ instances: [needing] }) };
  const pod = {
    listener: '',
    address: '10.9.0.1',
    port: 80,
    node: 'n1',
    zone: '',
    ready: true,
    serving: true,
    terminating: false,
  };
  const listed = (version: string) => () => ({ state: 'listed', endpoints: [pod], version }) as const;

  test('is not asked before they are known', () => {
    const plan = planService(observed(given));
    expect(plan).toMatchObject({ step: 'nothing', awaits: 'endpoints' });
  });

  test('is not asked without the right to read them, and the message names it', () => {
    const endpoints = () => ({ state: 'closed', problem: 'forbidden' }) as const;
    const plan = planService(observed({ ...given, endpoints }));
    expect(plan).toMatchObject({ step: 'reject', reason: 'EndpointsNotReadable', awaits: 'endpoints' });
    expect(plan.step === 'reject' && plan.message).toContain('EndpointSlices (forbidden)');
  });

  test('gets its finalizer meanwhile', () => {
    expect(gist(planService(observed({ ...given, service: service() })))).toBe('add-finalizer fairlead.dev/a');
  });

  test('gets them frozen, and is asked again when they are others only', () => {
    const settled = ensured({ ...given, endpoints: listed('v1') });
    const plan = planService({ ...settled, record: undefined });
    expect(plan.step === 'ensure' && plan.loadBalancer.endpoints).toEqual([pod]);
    expect(plan.step === 'ensure' && Object.isFrozen(plan.loadBalancer.endpoints)).toBe(true);
    expect(gist(planService(settled))).toBe('nothing');
    expect(gist(planService({ ...settled, endpoints: listed('v2') }))).toBe('ensure by a');
  });

  test('and one that needs none is not kept waiting for them, nor told of them', () => {
    const endpoints = (): never => {
      throw new Error('nobody needs them');
    };
    const plan = planService(observed({ service: owned, endpoints }));
    expect(plan.step === 'ensure' && plan.loadBalancer.endpoints).toBeUndefined();
  });
});

describe('the selector of nodes', () => {
  const known = 'cloud.example/target-node-labels';
  const choosing = { ...capabilities, nodeSelectorAnnotation: known };
  const selectorOf = (given: Readonly<Record<string, string>>, more: Partial<Observed['settings']> = {}): string => {
    const instances = [instance('a', { isDefault: true, capabilities: choosing })];
    const annotated = service({ metadata: { finalizers, annotations: given } });
    const plan = planService(observed({ service: annotated, settings: settings({ instances, ...more }) }));
    return plan.step === 'ensure' ? plan.selector : gist(plan);
  };

  test.for<{ name: string; given: Readonly<Record<string, string>>; is: string }>([
    { name: 'none', given: {}, is: '' },
    { name: 'the provider’s', given: { [known]: 'b=2,a=1' }, is: 'a=1,b=2' },
    { name: 'ours', given: { [annotations.nodeSelector.key]: 'role=ingress' }, is: 'role=ingress' },
    {
      name: 'both: ours wins',
      given: { [known]: 'a=1', [annotations.nodeSelector.key]: 'role=ingress' },
      is: 'role=ingress',
    },
    {
      name: 'both, and the provider’s is unreadable',
      given: { [known]: 'a in (', [annotations.nodeSelector.key]: 'role=ingress' },
      is: 'role=ingress',
    },
    { name: 'the provider’s, unreadable', given: { [known]: 'a in (' }, is: 'reject NodeSelectorNotSupported' },
    { name: 'another’s', given: { 'other.example/target-node-labels': 'a=1' }, is: '' },
  ])('$name', ({ given, is }) => {
    expect(selectorOf(given)).toBe(is);
  });

  test('the provider’s narrows the operator’s', () => {
    const nodeSelector = parseLabelSelector('pool=edge') ?? everything;
    expect(selectorOf({ [known]: 'a=1' }, { nodeSelector })).toBe('pool=edge,a=1');
  });

  test('the provider’s counts only where the operator’s policy lets it through', () => {
    const strict: AnnotationPolicy = { preset: 'strict', released: [] };
    expect(selectorOf({ [known]: 'a=1' }, { policy: strict })).toBe('');
    const released = [{ namespace: 'default', annotation: known }];
    expect(selectorOf({ [known]: 'a=1' }, { policy: { ...strict, released } })).toBe('a=1');
  });
});

test('a plan changes nothing that it was made from', () => {
  const before = observed({ service: owned });
  const text = JSON.stringify(before);
  planService(before);
  expect(JSON.stringify(before)).toBe(text);
});

test('the record of another uid is deleted by its own ref', () => {
  const plan = planService(observed({ service: service({ metadata: { uid: otherUid } }), record: record() }));
  expect(plan).toMatchObject({ step: 'delete', ref: { service: { uid } } });
});

test('the hints of a delete have passed the policy', () => {
  const given = { 'cloud.example/size': 'big', 'cloud.example/log-bucket': 'not-mine', 'other.example/x': 'y' };
  const restricted = { ...capabilities, restrictedAnnotations: ['cloud.example/log-bucket'] };
  const going = service({ metadata: { finalizers, annotations: given, deletionTimestamp: 't' } });
  const plan = planService(
    observed({ service: going, settings: settings({ instances: [instance('a', { capabilities: restricted })] }) }),
  );
  expect(plan).toMatchObject({ step: 'delete', ref: { annotations: { 'cloud.example/size': 'big' } } });
  expect(plan.step === 'delete' && Object.keys(plan.ref.annotations ?? {})).toHaveLength(1);
});

describe('an address beside our finalizer, under somebody else’s class', () => {
  const elsewhere = { ...owned, spec: { ...owned.spec, loadBalancerClass: 'other.example/x' } };
  const ours = [{ ip: '198.51.100.1', ipMode: 'VIP' as const }];
  const rows: readonly { readonly name: string; readonly known: Observed['record']; readonly plan: string }[] = [
    { name: 'is ours for all that we know after a restart', known: undefined, plan: 'ensure by a, ProviderChanged' },
    {
      name: 'is ours where we have published it',
      known: record({ ingress: ours }),
      plan: 'ensure by a, ProviderChanged',
    },
    {
      name: 'is not ours where we have published another',
      known: record({ ingress: [{ ip: '198.51.100.7' }] }),
      plan: 'delete object by a',
    },
    {
      name: 'is not ours where our delete has begun',
      known: record({ fingerprint: 'deleting', ingress: ours }),
      plan: 'delete object by a',
    },
  ];

  test.each(rows)('$name', ({ known, plan }) => {
    expect(gist(planService(observed({ service: elsewhere, record: known })))).toBe(plan);
  });

  test('is not ours where the condition beside it names another, also after a restart', () => {
    const foreign = { ...elsewhere, status: published('203.0.113.9', serving) };
    const plan = planService(observed({ service: foreign, record: record({ fingerprint: 'inherited' }) }));
    expect(plan).toMatchObject({ step: 'delete', clearsAddress: false });
  });
});

describe('what has to be told is told at once, also where the provider is asked for the same as before', () => {
  test('a port that it cannot serve', () => {
    const ports = [...(owned.spec.ports ?? []), { name: 'x', port: 9, protocol: 'SCTP' as const, nodePort: 30_081 }];
    const plan = planService({ ...ensured({ service: owned }), service: { ...owned, spec: { ...owned.spec, ports } } });
    expect(plan).toMatchObject({
      step: 'ensure',
      portErrors: [{ port: 9, protocol: 'SCTP', error: 'ProtocolNotSupported' }],
    });
  });

  test('an annotation that the policy refuses', () => {
    const strict = settings({ policy: { preset: 'strict', released: [] } });
    const annotated = { ...owned, metadata: { ...owned.metadata, annotations: { 'cloud.example/size': 'big' } } };
    const plan = planService({ ...ensured({ service: owned, settings: strict }), service: annotated });
    expect(plan).toMatchObject({
      step: 'ensure',
      warnings: [{ reason: 'AnnotationRefused' }],
      loadBalancer: { annotations: {} },
    });
  });
});
