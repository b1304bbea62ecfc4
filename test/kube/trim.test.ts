import { expect, test } from 'vitest';
import type { Service } from '../../src/kube/objects.ts';
import { trimNode, trimService } from '../../src/kube/trim.ts';

const metadata = {
  name: 'web',
  namespace: 'shop',
  uid: 'u',
  resourceVersion: '7',
  creationTimestamp: '2030-01-01T00:00:00Z',
  deletionTimestamp: '2030-01-02T00:00:00Z',
  labels: { app: 'web' },
  annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"big":true}', 'example.com/a': 'b' },
  finalizers: ['fairlead.dev/a'],
};
const noise = { managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:spec': {} } }], generation: 4, selfLink: '/x' };

test('of a Service stays all but managedFields, its last-applied copy and its type', () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, ...noise },
    spec: { type: 'LoadBalancer', ports: [{ port: 80, brandNewField: 1 }], selector: { app: 'web' } },
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] }, conditions: [] },
  };
  const trimmed = trimService(service as unknown as Service);
  expect(trimmed).toEqual({
    metadata: { ...metadata, annotations: { 'example.com/a': 'b' } },
    spec: service.spec,
    status: service.status,
  });
  expect(trimService(trimmed)).toEqual(trimmed);
});

test('of a bare Service nothing is invented', () => {
  const bare: Service = { metadata: { name: 'a', uid: 'u', resourceVersion: '1' }, spec: {} };
  expect(trimService(bare)).toEqual(bare);
});

test('of a Node stay labels, providerID, taints, addresses, and whether it has a network', () => {
  const taints = [{ key: 'k', effect: 'NoSchedule' }];
  const addresses = [{ type: 'InternalIP', address: '192.0.2.9' }];
  const ready = { type: 'Ready', status: 'True' };
  const network = { type: 'NetworkUnavailable', status: 'False' };
  const node = {
    kind: 'Node',
    metadata: { ...metadata, ...noise },
    spec: { providerID: 'aws:///a/i-1', taints, podCIDR: '10.0.0.0/24' },
    status: {
      addresses,
      images: [{ names: ['big'] }],
      conditions: [ready, { ...network, reason: 'r' }],
      capacity: { cpu: '4' },
    },
  };
  const { annotations: _, ...kept } = metadata;
  const trimmed = trimNode(node);
  expect(trimmed).toEqual({
    metadata: kept,
    spec: { providerID: 'aws:///a/i-1', taints },
    status: { addresses, conditions: [network] },
  });
  expect(trimNode(trimmed)).toEqual(trimmed);
});
