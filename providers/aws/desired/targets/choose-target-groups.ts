import { printable } from '../../../../src/provider/adapter/printable.ts';
import type { IpFamily, LoadBalancer, Warning } from '../../../../src/provider/provider.ts';
import type { Settings, TargetKind } from '../../annotations/settings.ts';
import type { AwsProtocol, DesiredTargetGroup, Target } from '../../model/desired.ts';
import type { ServedPort } from '../choose-listeners.ts';
import { targetGroupName } from '../names.ts';
import { placesSeenFrom } from '../place/inside.ts';
import { chooseHealthCheck } from './choose-health-check.ts';
import { chooseTargetAttributes } from './choose-target-attributes.ts';
import { type NodeTargets, nodeTargets, type RejectedNode } from './node-targets.ts';
import { podPortsOf, podTargets } from './pod-targets.ts';

export interface TargetGroupsInput {
  readonly loadBalancer: LoadBalancer;
  readonly settings: Settings;
  readonly kind: TargetKind;
  readonly vpcId: string;
  /** Of all subnets of the VPC. */
  readonly cidrs: readonly string[];
  readonly served: readonly ServedPort[];
}

export interface TargetGroups {
  /** In the order of `served`. */
  readonly groups: readonly DesiredTargetGroup[];
  readonly rejectedNodes: readonly RejectedNode[];
  readonly warnings: readonly Warning[];
  readonly faults: readonly string[];
}

/** One target group for each listener. Pure. */
export function chooseTargetGroups(input: TargetGroupsInput): TargetGroups {
  const { loadBalancer, kind, served } = input;
  const placeOf = placesSeenFrom(input.cidrs);
  const family: IpFamily = loadBalancer.ipFamilies[0] ?? 'IPv4';
  const { backends, endpoints = [] } = loadBalancer;
  const nodes = kind === 'ip' ? nobody : nodeTargets({ kind, backends, family, placeOf });
  const unreachable = new Set<string>();
  const made = served.map(one => {
    if (kind !== 'ip') return chooseTargetGroup(input, one, nodesAt(nodes, one), family);
    const pods = podTargets({ ports: one.ports, endpoints, family, placeOf });
    for (const address of pods.unreachable) unreachable.add(address);
    return chooseTargetGroup(input, one, pods.targets, family);
  });
  return {
    groups: made.map(({ group }) => group),
    rejectedNodes: nodes.rejected,
    warnings: [...unreachableWarnings([...unreachable]), ...made.flatMap(({ warnings }) => warnings)],
    faults: [...new Set(made.flatMap(({ faults }) => faults))],
  };
}

const nobody: NodeTargets = { targets: [], rejected: [] };

function nodesAt({ targets }: NodeTargets, { ports: [{ nodePort }] }: ServedPort): readonly Target[] {
  return targets.map(({ id, zone }) => ({ id, port: nodePort, ...(zone !== undefined && { zone }) }));
}

function unreachableWarnings([first, ...others]: readonly string[]): readonly Warning[] {
  if (first === undefined) return [];
  const message = `${others.length + 1} pods get no traffic, first ${printable(first)}: neither in the VPC nor private`;
  return [{ reason: 'PodsNotReachable', message }];
}

function chooseTargetGroup(
  { loadBalancer, settings, kind, vpcId }: TargetGroupsInput,
  served: ServedPort,
  targets: readonly Target[],
  family: IpFamily,
): { readonly group: DesiredTargetGroup; readonly warnings: readonly Warning[]; readonly faults: readonly string[] } {
  const protocol = targetProtocol(served, settings);
  const addressType = family === 'IPv6' ? 'ipv6' : 'ipv4';
  const health = chooseHealthCheck({
    kind,
    protocol,
    policy: loadBalancer.externalTrafficPolicy,
    proxy: loadBalancer.healthCheck,
    settings: settings.healthCheck,
    targetPortOf: name => targetPortOf(name, loadBalancer, kind),
  });
  const extras = chooseTargetAttributes({ served, protocol, kind, targets, loadBalancer, settings });
  const identity = { port: served.port, protocol, kind, addressType, vpcId } as const;
  return {
    group: {
      name: targetGroupName(loadBalancer.cluster, loadBalancer.service, identity),
      protocol,
      port: kind === 'ip' ? commonPort(targets) : served.ports[0].nodePort,
      targetType: kind === 'instance' ? 'instance' : 'ip',
      addressType,
      vpcId,
      healthCheck: health.healthCheck,
      attributes: extras.attributes,
      targets,
    },
    warnings: [...health.warnings, ...extras.warnings],
    faults: [...health.faults, ...extras.faults],
  };
}

/** Behind TLS the traffic goes on in the clear, unless it is to be encrypted again. */
function targetProtocol({ protocol }: ServedPort, { tls }: Settings): AwsProtocol {
  if (protocol !== 'TLS') return protocol;
  return tls?.encryptsTargets === true ? 'TLS' : 'TCP';
}

/** That of all targets, or 1: a port is asked for, and each target brings its own. */
function commonPort(targets: readonly Target[]): number {
  const [first = 1, ...others] = new Set(targets.map(({ port }) => port));
  return others.length === 0 ? first : 1;
}

function targetPortOf(name: string, loadBalancer: LoadBalancer, kind: TargetKind): number | undefined {
  const listener = loadBalancer.listeners.find(one => one.name === name && name !== '');
  if (listener === undefined) return undefined;
  if (kind !== 'ip') return listener.nodePort;
  return Number(podPortsOf(listener, loadBalancer.endpoints ?? []).split(' ')[0]);
}
