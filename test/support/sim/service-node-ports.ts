import { KubeError } from '../../../src/kube/client.ts';
import { keyOf, type Service, type ServicePort, type ServiceSpec } from '../../../src/kube/objects.ts';
import { type Cause, invalid, invalidField } from './api-errors.ts';
import { type Resource, resources } from './api-object.ts';
import type { NodePortTable } from './node-port-table.ts';

const resource = resources.find(one => one.name === 'services') as Resource;

/**
 * Gives a Service its node ports and holds them in the table, or throws and holds nothing. `old` undefined: a new Service, where ports
 * that differ in protocol only share a number; later each gets its own.
 */
export function withNodePorts(service: Service, old: Service | undefined, table: NodePortTable): Service {
  const holder = keyOf(service);
  const { spec } = service;
  const given =
    allocates(spec) && old !== undefined ? restored(spec.ports ?? [], old.spec.ports ?? []) : (spec.ports ?? []);
  const shared = old === undefined ? sharing(given) : given;
  const used = new Set<number>();
  for (const port of shared) if (isSet(port.nodePort)) used.add(port.nodePort);
  refuseUnusable(service, shared, holder, table);
  const ports = allocates(spec) ? filled(shared, used, old === undefined, table) : shared;
  const healthPort = needsHealthPort(spec) ? healthPortOf(spec, used, holder, table) : undefined;
  const isOutside = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  table.hold(holder, isOutside ? used : new Set());
  return {
    ...service,
    spec: {
      ...spec,
      ...(spec.ports && { ports: ports.map(withoutZero) }),
      ...(healthPort !== undefined && { healthCheckNodePort: healthPort }),
    },
  };
}

export function needsHealthPort(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

function allocates(spec: ServiceSpec): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

function isSet(number: number | undefined): number is number {
  return number !== undefined && number !== 0;
}

/** A write that leaves a number out means "as before": matched by port name. */
function restored(ports: readonly ServicePort[], old: readonly ServicePort[]): readonly ServicePort[] {
  const inUse = new Set(ports.map(port => port.nodePort).filter(isSet));
  return ports.map(port => {
    const before = isSet(port.nodePort) ? undefined : old.find(one => (one.name ?? '') === (port.name ?? ''))?.nodePort;
    return isSet(before) && !inUse.has(before) ? { ...port, nodePort: before } : port;
  });
}

/** On create, a number given for one protocol of a port counts for its others. */
function sharing(ports: readonly ServicePort[]): readonly ServicePort[] {
  return ports.map(port => {
    const twin = ports.find(one => one.port === port.port && isSet(one.nodePort))?.nodePort;
    return isSet(port.nodePort) || twin === undefined ? port : { ...port, nodePort: twin };
  });
}

function refuseUnusable(service: Service, ports: readonly ServicePort[], holder: string, table: NodePortTable): void {
  const causes: Cause[] = [];
  const seen = new Set<string>();
  for (const [index, { protocol, nodePort }] of ports.entries()) {
    if (!isSet(nodePort)) continue;
    const other = table.holderOf(nodePort);
    const field = `spec.ports[${index}].nodePort`;
    if (seen.has(`${protocol}/${nodePort}`))
      throw new KubeError(500, 'InternalError', `duplicate nodePort: {${protocol} ${nodePort}}`);
    seen.add(`${protocol}/${nodePort}`);
    if (!table.isInRange(nodePort)) {
      causes.push(
        invalidField(
          field,
          nodePort,
          `provided port is not in the valid range. The range of valid ports is ${table.first}-${table.last}`,
        ),
      );
    } else if (other !== undefined && other !== holder) {
      causes.push(invalidField(field, nodePort, 'provided port is already allocated'));
    }
  }
  if (causes.length > 0) throw invalid(resource, service.metadata.name, causes);
}

function filled(
  ports: readonly ServicePort[],
  used: Set<number>,
  shares: boolean,
  table: NodePortTable,
): readonly ServicePort[] {
  const byPort = new Map<number, number>();
  return ports.map(port => {
    if (isSet(port.nodePort)) return port;
    const nodePort = (shares ? byPort.get(port.port) : undefined) ?? table.propose(used);
    byPort.set(port.port, nodePort);
    used.add(nodePort);
    return { ...port, nodePort };
  });
}

function healthPortOf(spec: ServiceSpec, used: Set<number>, holder: string, table: NodePortTable): number {
  const asked = spec.healthCheckNodePort;
  const isOurs = isSet(asked) && (table.holderOf(asked) ?? holder) === holder;
  const number = isOurs ? asked : table.propose(used, 'a HealthCheck NodePort 0');
  used.add(number);
  return number;
}

function withoutZero({ nodePort, ...port }: ServicePort): ServicePort {
  return isSet(nodePort) ? { ...port, nodePort } : port;
}
