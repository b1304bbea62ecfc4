import { isIP } from 'node:net';
import type { LoadBalancerIngress, Service, ServicePort, ServiceSpec } from '../../../src/kube/objects.ts';
import { type Cause, forbiddenField, invalid, invalidField } from './api-errors.ts';
import { type ApiObject, type Resource, resources } from './api-object.ts';
import type { NodePortTable } from './node-port-table.ts';
import { needsHealthPort, withNodePorts } from './service-node-ports.ts';

/** What kube-apiserver does to a Service on its way into the store: defaults, clean-up on a change of type, validation, allocation. */

const resource = resources.find(one => one.name === 'services') as Resource;

export function admitNewService(object: ApiObject, ports: NodePortTable, clusterIp: string): ApiObject {
  const given = object as unknown as Service;
  const spec = withDefaults(given.spec, clusterIp);
  check(given.metadata.name, [...specCauses(spec), ...portCauses(spec)]);
  const service = withNodePorts({ ...given, spec, status: { loadBalancer: {} } }, undefined, ports);
  return service as unknown as ApiObject;
}

/** A write to the main resource: what it says of the status is not heard. */
export function admitServiceSpec(
  object: ApiObject,
  before: ApiObject,
  ports: NodePortTable,
  clusterIp: string,
): ApiObject {
  const old = before as unknown as Service;
  const given = object as unknown as Service;
  const spec = withDefaults(withoutFormer(given.spec, old.spec), old.spec.clusterIP ?? clusterIp);
  check(given.metadata.name, [...specCauses(spec), ...portCauses(spec), ...classCauses(spec, old.spec)]);
  const status = spec.type === 'LoadBalancer' ? old.status : { ...old.status, loadBalancer: {} };
  return withNodePorts({ ...given, spec, ...(status && { status }) }, old, ports) as unknown as ApiObject;
}

/** A write to the status subresource: what it says of the spec is not heard. */
export function admitServiceStatus(object: ApiObject, before: ApiObject): ApiObject {
  const { spec } = before as unknown as Service;
  const { status, metadata } = object as unknown as Service;
  const ingress = (status?.loadBalancer?.ingress ?? []).map(withIpMode);
  const wrongType = spec.type !== 'LoadBalancer' && ingress.length > 0;
  const causes = wrongType
    ? [forbiddenField('status.loadBalancer.ingress', onlyBalancers('spec.type'))]
    : ingress.flatMap(ingressCauses);
  check(metadata.name, causes);
  const conditions = status?.conditions ?? [];
  return {
    ...object,
    spec,
    status: {
      loadBalancer: ingress.length === 0 ? {} : { ingress },
      ...(conditions.length === 0 ? {} : { conditions }),
    },
  };
}

function withDefaults(spec: ServiceSpec, clusterIp: string): ServiceSpec {
  const { type = 'ClusterIP' } = spec;
  const ports = spec.ports?.map((port: ServicePort) => ({
    ...port,
    protocol: port.protocol ?? 'TCP',
    targetPort: port.targetPort ?? port.port,
  }));
  const isOutside = type === 'LoadBalancer' || type === 'NodePort';
  return {
    ...spec,
    type,
    ...(ports && { ports }),
    ...(type === 'ExternalName' ? {} : { clusterIP: spec.clusterIP ?? clusterIp }),
    sessionAffinity: spec.sessionAffinity ?? 'None',
    ...(isOutside && { externalTrafficPolicy: spec.externalTrafficPolicy ?? 'Cluster' }),
    ...(type === 'LoadBalancer' && { allocateLoadBalancerNodePorts: spec.allocateLoadBalancerNodePorts ?? true }),
    ipFamilies: spec.ipFamilies ?? ['IPv4'],
  };
}

/** Fields that go with a type are dropped with it, unless the very same write has changed them. */
function withoutFormer(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const wasOutside = old.type === 'LoadBalancer' || old.type === 'NodePort';
  const isOutside = spec.type === 'LoadBalancer' || spec.type === 'NodePort';
  const leavesType = old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer';
  const kept: Record<string, unknown> = { ...spec };
  const drop = (field: keyof ServiceSpec): void => {
    if (spec[field] === old[field]) delete kept[field];
  };
  if (leavesType) {
    drop('allocateLoadBalancerNodePorts');
    drop('loadBalancerClass');
  }
  if (needsHealthPort(old) && !needsHealthPort(spec)) drop('healthCheckNodePort');
  if (wasOutside && !isOutside) {
    drop('externalTrafficPolicy');
    const former = new Set(old.ports?.map(port => port.nodePort));
    if ((spec.ports ?? []).every(port => (port.nodePort ?? 0) === 0 || former.has(port.nodePort))) {
      kept.ports = spec.ports?.map(({ nodePort: _, ...port }) => port);
    }
  }
  return kept;
}

function specCauses(spec: ServiceSpec): readonly Cause[] {
  if (spec.type === 'LoadBalancer') return [];
  const given: readonly (readonly [string, unknown])[] = [
    ['loadBalancerClass', spec.loadBalancerClass],
    ['allocateLoadBalancerNodePorts', spec.allocateLoadBalancerNodePorts],
    ['LoadBalancerSourceRanges', spec.loadBalancerSourceRanges],
  ];
  return given
    .filter(([, value]) => value !== undefined)
    .map(([field]) => forbiddenField(`spec.${field}`, onlyBalancers('type')));
}

function onlyBalancers(field: string): string {
  return `may only be used when \`${field}\` is 'LoadBalancer'`;
}

function portCauses(spec: ServiceSpec): readonly Cause[] {
  if ((spec.ports ?? []).length === 0 && spec.type !== 'ExternalName' && spec.clusterIP !== 'None') {
    return [{ field: 'spec.ports', message: 'Required value' }];
  }
  if (spec.type !== 'ClusterIP') return [];
  return (spec.ports ?? []).flatMap((port, index) =>
    (port.nodePort ?? 0) === 0
      ? []
      : [forbiddenField(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'")],
  );
}

function classCauses(spec: ServiceSpec, old: ServiceSpec): readonly Cause[] {
  const stays = old.type === 'LoadBalancer' && spec.type === 'LoadBalancer';
  if (!stays || old.loadBalancerClass === spec.loadBalancerClass) return [];
  return [invalidField('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set')];
}

function withIpMode(entry: LoadBalancerIngress): LoadBalancerIngress {
  return entry.ip === undefined ? entry : { ...entry, ipMode: entry.ipMode ?? 'VIP' };
}

function ingressCauses({ ip, hostname, ipMode }: LoadBalancerIngress, index: number): readonly Cause[] {
  const at = `status.loadBalancer.ingress[${index}]`;
  const causes: Cause[] = [];
  if (ip !== undefined && isIP(ip) === 0)
    causes.push(invalidField(`${at}.ip`, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'));
  if (ip === undefined && ipMode !== undefined)
    causes.push(forbiddenField(`${at}.ipMode`, 'may not be specified when `ip` is not set'));
  if (ip !== undefined && ipMode !== 'VIP' && ipMode !== 'Proxy') {
    causes.push({ field: `${at}.ipMode`, message: `Unsupported value: "${ipMode}": supported values: "Proxy", "VIP"` });
  }
  if (hostname !== undefined && isIP(hostname) !== 0)
    causes.push(invalidField(`${at}.hostname`, hostname, 'must be a DNS name, not an IP address'));
  return causes;
}

function check(name: string, causes: readonly Cause[]): void {
  if (causes.length > 0) throw invalid(resource, name, causes);
}
