import {
  CoreV1Event,
  DiscoveryV1EndpointPort,
  V1ClientIPConfig,
  V1Condition,
  V1Endpoint,
  V1EndpointConditions,
  V1EndpointSlice,
  V1Lease,
  V1LeaseSpec,
  V1ListMeta,
  V1LoadBalancerIngress,
  V1LoadBalancerStatus,
  V1Node,
  V1NodeAddress,
  V1NodeSpec,
  V1NodeStatus,
  V1ObjectMeta,
  V1ObjectReference,
  V1PortStatus,
  V1Service,
  V1ServiceList,
  V1ServicePort,
  V1ServiceSpec,
  V1ServiceStatus,
  V1SessionAffinityConfig,
  V1Status,
  V1StatusCause,
  V1StatusDetails,
  V1Taint,
} from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { eventBody, involvedObjectOf } from '../../src/kube/event-body.ts';
import {
  type Condition,
  type Endpoint,
  type EndpointConditions,
  type EndpointPort,
  type EndpointSlice,
  isNewer,
  type KubeList,
  keyOf,
  type Lease,
  type LeaseSpec,
  type LoadBalancerIngress,
  type Node,
  type NodeAddress,
  type ObjectMeta,
  type ObjectReference,
  type Service,
  type ServicePort,
  type ServiceSpec,
  type ServiceStatus,
  type Status,
  type Taint,
} from '../../src/kube/objects.ts';

/** A generated model: knows its fields as they stand in JSON. */
interface Model {
  getAttributeTypeMap(): readonly { readonly baseName: string }[];
}

/** Every field of one of our types; the compiler refuses a list that is not complete. */
function fields<T>(all: Record<keyof T, 0>): readonly string[] {
  return Object.keys(all);
}

type Details = NonNullable<Status['details']>;
type Affinity = NonNullable<ServiceSpec['sessionAffinityConfig']>;

const rows: readonly (readonly [string, Model, readonly string[]])[] = [
  [
    'ObjectMeta',
    V1ObjectMeta,
    fields<ObjectMeta>({
      name: 0,
      namespace: 0,
      uid: 0,
      resourceVersion: 0,
      creationTimestamp: 0,
      deletionTimestamp: 0,
      labels: 0,
      annotations: 0,
      finalizers: 0,
    }),
  ],
  [
    'Condition',
    V1Condition,
    fields<Condition>({ type: 0, status: 0, reason: 0, message: 0, lastTransitionTime: 0, observedGeneration: 0 }),
  ],
  [
    'ServicePort',
    V1ServicePort,
    fields<ServicePort>({ name: 0, protocol: 0, port: 0, targetPort: 0, nodePort: 0, appProtocol: 0 }),
  ],
  [
    'ServiceSpec',
    V1ServiceSpec,
    fields<ServiceSpec>({
      type: 0,
      ports: 0,
      clusterIP: 0,
      loadBalancerClass: 0,
      loadBalancerIP: 0,
      loadBalancerSourceRanges: 0,
      allocateLoadBalancerNodePorts: 0,
      externalTrafficPolicy: 0,
      healthCheckNodePort: 0,
      ipFamilies: 0,
      ipFamilyPolicy: 0,
      selector: 0,
      sessionAffinity: 0,
      sessionAffinityConfig: 0,
    }),
  ],
  ['SessionAffinityConfig', V1SessionAffinityConfig, fields<Affinity>({ clientIP: 0 })],
  ['ClientIPConfig', V1ClientIPConfig, fields<NonNullable<Affinity['clientIP']>>({ timeoutSeconds: 0 })],
  [
    'LoadBalancerIngress',
    V1LoadBalancerIngress,
    fields<LoadBalancerIngress>({ ip: 0, hostname: 0, ipMode: 0, ports: 0 }),
  ],
  [
    'PortStatus',
    V1PortStatus,
    fields<NonNullable<LoadBalancerIngress['ports']>[number]>({ port: 0, protocol: 0, error: 0 }),
  ],
  ['ServiceStatus', V1ServiceStatus, fields<ServiceStatus>({ loadBalancer: 0, conditions: 0 })],
  ['LoadBalancerStatus', V1LoadBalancerStatus, fields<NonNullable<ServiceStatus['loadBalancer']>>({ ingress: 0 })],
  ['Service', V1Service, fields<Service>({ metadata: 0, spec: 0, status: 0 })],
  ['Taint', V1Taint, fields<Taint>({ key: 0, value: 0, effect: 0 })],
  ['NodeAddress', V1NodeAddress, fields<NodeAddress>({ type: 0, address: 0 })],
  ['Node', V1Node, fields<Node>({ metadata: 0, spec: 0, status: 0 })],
  ['NodeSpec', V1NodeSpec, fields<NonNullable<Node['spec']>>({ providerID: 0, taints: 0 })],
  ['NodeStatus', V1NodeStatus, fields<NonNullable<Node['status']>>({ addresses: 0, conditions: 0 })],
  ['EndpointSlice', V1EndpointSlice, fields<EndpointSlice>({ metadata: 0, addressType: 0, endpoints: 0, ports: 0 })],
  ['Endpoint', V1Endpoint, fields<Endpoint>({ addresses: 0, nodeName: 0, zone: 0, conditions: 0 })],
  ['EndpointConditions', V1EndpointConditions, fields<EndpointConditions>({ ready: 0, serving: 0, terminating: 0 })],
  ['EndpointPort', DiscoveryV1EndpointPort, fields<EndpointPort>({ name: 0, port: 0 })],
  ['Lease', V1Lease, fields<Lease>({ metadata: 0, spec: 0 })],
  [
    'LeaseSpec',
    V1LeaseSpec,
    fields<LeaseSpec>({
      holderIdentity: 0,
      leaseDurationSeconds: 0,
      acquireTime: 0,
      renewTime: 0,
      leaseTransitions: 0,
    }),
  ],
  [
    'ObjectReference',
    V1ObjectReference,
    fields<ObjectReference>({ kind: 0, namespace: 0, name: 0, uid: 0, apiVersion: 0 }),
  ],
  ['List', V1ServiceList, fields<KubeList<Service>>({ metadata: 0, items: 0 })],
  ['ListMeta', V1ListMeta, fields<KubeList<Service>['metadata']>({ resourceVersion: 0, continue: 0 })],
  ['Status', V1Status, fields<Status>({ kind: 0, code: 0, reason: 0, message: 0, details: 0 })],
  ['StatusDetails', V1StatusDetails, fields<Details>({ retryAfterSeconds: 0, causes: 0 })],
  ['StatusCause', V1StatusCause, fields<NonNullable<Details['causes']>[number]>({ reason: 0, field: 0, message: 0 })],
];

test.each(rows)('every field of our %s is one of the generated model', (_, model, ours) => {
  const theirs = model.getAttributeTypeMap().map(({ baseName }) => baseName);
  expect(ours.filter(field => !theirs.includes(field))).toEqual([]);
});

test('every field of an Event that we write is one of the generated models', () => {
  const about = involvedObjectOf({
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { namespace: 'a', name: 'b', uid: 'u', resourceVersion: '1' },
  });
  const seen = { count: 1, firstMs: 0, lastMs: 0 };
  const content = { type: 'Normal', reason: 'R', message: 'm' } as const;
  const body = eventBody('n', about, content, seen, { component: 'c', identity: 'i' });
  const known = (model: Model): string[] => model.getAttributeTypeMap().map(({ baseName }) => baseName);
  expect(Object.keys(body as object).filter(field => !known(CoreV1Event).includes(field))).toEqual([]);
  expect(Object.keys(about).filter(field => !known(V1ObjectReference).includes(field))).toEqual([]);
});

describe('versions', () => {
  test.each([
    ['10', '9', true],
    ['9', '10', false],
    ['10', '10', false],
    ['18446744073709551617', '18446744073709551616', true],
    ['1', '', true],
  ])('%s is newer than %s: %s', (a, b, expected) => {
    expect(isNewer(a, b)).toBe(expected);
  });
});

test('the key of an object', () => {
  const metadata = { name: 'web', uid: 'u', resourceVersion: '1' };
  expect(keyOf({ metadata: { ...metadata, namespace: 'shop' } })).toBe('shop/web');
  expect(keyOf({ metadata })).toBe('web');
});
