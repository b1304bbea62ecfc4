import type { LoadBalancer, Warning } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import { annotationKey } from '../annotations/annotation-table.ts';
import { faultsText } from '../annotations/parse-settings.ts';
import type { Settings } from '../annotations/settings.ts';
import type { AwsConfig } from '../config.ts';
import type { DesiredBalancer, DesiredListener } from '../model/desired.ts';
import { chooseListeners, type PortError } from './choose-listeners.ts';
import { chooseSecurityGroups } from './choose-security-groups.ts';
import { chooseTags } from './choose-tags.ts';
import { balancerName } from './names.ts';
import type { Network, Present } from './network.ts';
import { choosePlace } from './place/choose-place.ts';
import { annotationWarnings, portFaults } from './port-annotations.ts';
import { chooseTargetKind } from './target-kind.ts';
import { chooseTargetGroups } from './targets/choose-target-groups.ts';
import type { RejectedNode } from './targets/node-targets.ts';
import { podPortsOf } from './targets/pod-targets.ts';

export interface DesiredInput {
  readonly loadBalancer: LoadBalancer;
  readonly settings: Settings;
  readonly config: AwsConfig;
  readonly network: Network;
  readonly present?: Present;
}

export interface Desired {
  readonly balancer: DesiredBalancer;
  readonly warnings: readonly Warning[];
  /** Ports that are not served, for the status. */
  readonly portErrors: readonly PortError[];
  readonly rejectedNodes: readonly RejectedNode[];
}

/**
 * What should exist at AWS for one Service: the parts choose for themselves, here they come together. Pure. Throws a ProviderError
 * `unsupported` that names everything that is wrong, or `rejected` where it is the network alone; what exists then stays as it is.
 */
export function desiredBalancer(input: DesiredInput): Desired {
  const { loadBalancer, settings, config, network, present } = input;
  const { id, cluster, service } = loadBalancer;
  const kind = chooseTargetKind(input);
  const listeners = chooseListeners({
    listeners: loadBalancer.listeners,
    settings,
    reachedAt: one => (kind === 'ip' ? podPortsOf(one, loadBalancer.endpoints ?? []) : String(one.nodePort)),
  });
  const { served } = listeners;
  const place = choosePlace({ ...input, hasUdp: served.some(one => one.protocol.includes('UDP')) });
  const { scheme, addressType, vpcId } = place;
  const inVpc = network.subnets.filter(subnet => subnet.vpcId === vpcId);
  const cidrs = inVpc.flatMap(({ cidr, ipv6Cidrs }) => [cidr, ...ipv6Cidrs]);
  const targets = chooseTargetGroups({ loadBalancer, settings, kind, vpcId, cidrs, served });
  const groups = chooseSecurityGroups({
    ...input,
    vpcId,
    listeners: served,
    dualstack: addressType === 'dualstack',
    ...(present === undefined ? {} : { presentGroups: present.securityGroupIds }),
  });
  const tags = chooseTags({ loadBalancer, asked: settings.tags, operator: config.tags });
  const parts = [place, listeners, targets, groups, tags];
  // What the network lacks may come without a word to the core: looked at again, if slowly.
  const mayPass = [...place.faults, ...groups.faults];
  const faults = [...requestFaults(loadBalancer), ...portFaults(input), ...parts.flatMap(part => part.faults)];
  if (faults.length > 0)
    throw new ProviderError(faults.length > mayPass.length ? 'unsupported' : 'rejected', faultsText(faults));
  return {
    balancer: {
      id,
      cluster,
      service: { namespace: service.namespace, name: service.name, uid: service.uid },
      name: present?.name ?? settings.name ?? balancerName(cluster, service),
      scheme,
      addressType,
      vpcId,
      subnets: place.mappings,
      securityGroups: groups.groups,
      attributes: settings.attributes,
      tags: tags.tags,
      listeners: served.map(
        ({ ports: _ports, ...listener }, index): DesiredListener => ({
          ...listener,
          targetGroup: targets.groups[index]?.name ?? '',
        }),
      ),
      targetGroups: targets.groups.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    },
    warnings: [...annotationWarnings(input), ...parts.flatMap(part => part.warnings)],
    portErrors: listeners.portErrors,
    rejectedNodes: targets.rejectedNodes,
  };
}

/** An address of a network load balancer is not asked for in the spec: it has one in each subnet. */
function requestFaults({ requestedAddresses }: LoadBalancer): readonly string[] {
  if (requestedAddresses.length === 0) return [];
  return [
    `spec.loadBalancerIP: a balancer has an address in each subnet: use ${annotationKey('elasticAddresses')} or ${annotationKey('privateIpv4')}`,
  ];
}
