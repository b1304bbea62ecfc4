import type { Condition, Node, ObjectMeta, Service, ServiceSpec, ServiceStatus } from '../../src/kube/objects.ts';
import type { AnnotationPolicy } from '../../src/plan/annotation-policy.ts';
import { everything } from '../../src/plan/label-selector.ts';
import type { Instance, Observed, ServiceRecord, Settings } from '../../src/plan/plan-service.ts';
import type { Capabilities, Provider } from '../../src/provider/provider.ts';

export const uid = '0b53b7a2-46c7-4d2c-9d4a-6d8f2f0f5a01';
export const otherUid = '7f1c9a10-11aa-4b6e-8c3d-2e5f60718293';

export interface ServiceOptions {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: Partial<ServiceSpec>;
  readonly status?: ServiceStatus;
}

/** A Service of type LoadBalancer with one TCP port. */
export function service({ metadata = {}, spec = {}, status }: ServiceOptions = {}): Service {
  return {
    metadata: { namespace: 'default', name: 'web', uid, resourceVersion: '10', ...metadata },
    spec: {
      type: 'LoadBalancer',
      ports: [{ name: '', protocol: 'TCP', port: 80, nodePort: 30_080 }],
      ipFamilies: ['IPv4'],
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

export function condition(
  type: string,
  status: Condition['status'] = 'True',
  more: Partial<Condition> = {},
): Condition {
  return { type, status, reason: 'Serving', message: '', lastTransitionTime: '2026-01-01T00:00:00Z', ...more };
}

export function published(ip: string, conditions: readonly Condition[] = []): ServiceStatus {
  return { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] }, conditions };
}

export function node(
  name: string,
  more: { metadata?: Partial<ObjectMeta>; spec?: Node['spec']; ip?: string } = {},
): Node {
  return {
    metadata: { name, uid: `node-${name}`, resourceVersion: '1', ...more.metadata },
    ...(more.spec === undefined ? {} : { spec: more.spec }),
    status: {
      addresses: [
        { type: 'InternalIP', address: more.ip ?? '192.0.2.1' },
        { type: 'Hostname', address: name },
      ],
    },
  };
}

export const capabilities: Capabilities = {
  protocols: ['TCP', 'UDP'],
  mixedProtocols: true,
  ipFamilies: ['IPv4', 'IPv6'],
  dualStack: true,
  sourceRanges: true,
  sessionAffinity: true,
  keepsOutside: true,
  annotationPrefixes: ['cloud.example/'],
  labelPrefixes: [],
};

export function instance(name: string, more: Partial<Instance> = {}): Instance {
  return {
    name,
    classes: [`example.com/${name}`],
    isDefault: false,
    capabilities,
    needs: () => ({ nodePorts: true }),
    ...more,
  };
}

export const policy: AnnotationPolicy = { preset: 'standard', released: [] };

export function settings(more: Partial<Settings> = {}): Settings {
  return {
    cluster: 'c1',
    instances: [instance('a', { isDefault: true })],
    nodeSelector: everything,
    policy,
    fillNodePorts: false,
    digest: text => text,
    ...more,
  };
}

export function observed(more: Partial<Observed> = {}): Observed {
  return {
    service: service(),
    record: undefined,
    settings: settings(),
    backendsFor: ({ text }) => ({ selector: text, version: 1, backends: [] }),
    endpoints: () => ({ state: 'awaited' }),
    now: 1_000,
    ...more,
  };
}

export function record(more: Partial<ServiceRecord> = {}): ServiceRecord {
  const identity = { namespace: 'default', name: 'web', uid };
  return {
    uid,
    instance: 'a',
    ref: { id: 'fl-x', cluster: 'c1', service: identity },
    fingerprint: '',
    selector: '',
    notBefore: 0,
    ingress: undefined,
    ...more,
  };
}

/** A provider that cannot do some of the optional things. */
export function without(provider: Provider, ...verbs: readonly ('restore' | 'listLoadBalancers')[]): Provider {
  const able = { ...provider };
  for (const verb of verbs) delete able[verb];
  return able;
}
