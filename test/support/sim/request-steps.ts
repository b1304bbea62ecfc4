import { type KubeRequest, patchType } from '../../../src/kube/client.ts';
import { type Answer, type Seen, type Step, servicesPath } from './request-row.ts';

/** Node ports of every server that runs the table: few enough to use them up. */
export const tableNodePortRange = { first: 30_000, last: 30_019 };

export const ours = 'fairlead.dev/cloud';
export const theirs = 'example.com/theirs';
const at = '2030-01-01T00:00:00Z';
const web = { name: 'web', port: 80, protocol: 'TCP', targetPort: 8080 };
export const balanced = { type: 'LoadBalancer', ports: [web] };
export const vip = { ip: '203.0.113.7', ipMode: 'VIP' };

export function condition(type: string, state = 'True'): Record<string, string> {
  return { type, status: state, reason: 'Testing', message: '', lastTransitionTime: at };
}

export function ok(object: unknown = {}): Answer {
  return { accepted: true, object };
}

export function refused(
  status: number,
  reason: string,
  says?: string,
  ...causes: readonly { field: string; says?: string }[]
): Answer {
  return { accepted: false, status, reason, ...(says === undefined ? {} : { says }), causes };
}

export function create(name: string, spec: object, answer: Answer, metadata: object = {}): Step {
  const body = { apiVersion: 'v1', kind: 'Service', metadata: { name, ...metadata }, spec };
  return { does: `creates ${name}`, request: () => ({ method: 'POST', path: servicesPath, body }), answer, as: name };
}

export function get(name: string, answer: Answer): Step {
  return {
    does: `reads ${name}`,
    request: () => ({ method: 'GET', path: `${servicesPath}/${name}` }),
    answer,
    as: name,
  };
}

type Body = object | ((seen: Seen) => object);

export function patch(
  kind: keyof typeof patchType,
  does: string,
  name: string,
  body: Body,
  answer: Answer,
  subresource = '',
): Step {
  const path = `${servicesPath}/${name}${subresource}`;
  const request = (seen: Seen): KubeRequest => ({
    method: 'PATCH',
    path,
    body: typeof body === 'function' ? body(seen) : body,
    contentType: patchType[kind],
  });
  return { does, request, answer, as: `${name} after ${does}` };
}

export function patchStatus(does: string, name: string, body: Body, answer: Answer): Step {
  return patch('strategicMerge', does, name, body, answer, '/status');
}

export function put(
  does: string,
  name: string,
  change: (seen: Seen) => object,
  answer: Answer,
  subresource = '',
): Step {
  return {
    does,
    request: seen => ({ method: 'PUT', path: `${servicesPath}/${name}${subresource}`, body: change(seen) }),
    answer,
  };
}

export function ask(
  does: string,
  method: KubeRequest['method'],
  path: string,
  body: Body | undefined,
  answer: Answer,
  more: Partial<Step> = {},
): Step {
  const bodyOf = (seen: Seen): object =>
    typeof body === 'function' ? { body: body(seen) } : body === undefined ? {} : { body };
  return { does, request: seen => ({ method, path, ...bodyOf(seen) }), answer, ...more };
}

export function remove(name: string, answer: Answer, preconditions?: (seen: Seen) => object): Step {
  return {
    does: `deletes ${name}`,
    request: seen => ({
      method: 'DELETE',
      path: `${servicesPath}/${name}`,
      ...(preconditions === undefined
        ? {}
        : { body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: preconditions(seen) } }),
    }),
    answer,
  };
}

/** uid and resourceVersion of an answer kept under a name. */
export function as(seen: Seen, name: string): { readonly uid: string; readonly resourceVersion: string } {
  const { uid, resourceVersion } = seen(name).metadata;
  return { uid, resourceVersion };
}

/** The JSON patch that fills one node port in, guarded by all that it was computed from. */
export function fill(seen: Seen, name: string, nodePort: number, port = 80): object {
  const { uid, resourceVersion } = as(seen, name);
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'test', path: '/spec/ports/0/port', value: port },
    { op: 'test', path: '/spec/ports/0/protocol', value: 'TCP' },
    { op: 'add', path: '/spec/ports/0/nodePort', value: nodePort },
    { op: 'add', path: '/metadata/annotations', value: {} },
    { op: 'add', path: '/metadata/annotations/fairlead.dev~1node-ports', value: `80=${nodePort}` },
  ];
}

export const otherUid = '11111111-1111-4111-a111-111111111111';
export const modified = 'the object has been modified; please apply your changes to the latest version and try again';
export const notOnBalancer = "may only be used when `type` is 'LoadBalancer'";
export const unallocated = { ...balanced, allocateLoadBalancerNodePorts: false };
export const leasesPath = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
export const leaseSpec = {
  holderIdentity: 'a',
  leaseDurationSeconds: 15,
  renewTime: '2030-01-01T00:00:00.000000Z',
  leaseTransitions: 0,
};
