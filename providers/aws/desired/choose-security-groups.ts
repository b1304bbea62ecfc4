import { printable } from '../../../src/provider/adapter/printable.ts';
import type { LoadBalancer, Warning } from '../../../src/provider/provider.ts';
import { annotationKey } from '../annotations/annotation-table.ts';
import type { Settings } from '../annotations/settings.ts';
import type { AwsConfig } from '../config.ts';
import type { DesiredListener, DesiredSecurityGroups } from '../model/desired.ts';
import { balancerName } from './names.ts';
import type { Network } from './network.ts';
import { byIdOrName } from './place/subnet-tags.ts';
import { frontendRules } from './security-rules.ts';

export interface SecurityGroupsInput {
  readonly loadBalancer: Pick<LoadBalancer, 'cluster' | 'service' | 'sourceRanges'>;
  readonly settings: Settings;
  readonly config: Pick<AwsConfig, 'preauthorised' | 'quotas'>;
  readonly network: Network;
  readonly vpcId: string;
  readonly listeners: readonly Pick<DesiredListener, 'port' | 'protocol'>[];
  readonly dualstack: boolean;
  /** Those of the balancer that exists. */
  readonly presentGroups?: readonly string[];
}

export interface SecurityGroupChoice {
  readonly groups: DesiredSecurityGroups;
  readonly warnings: readonly Warning[];
  readonly faults: readonly string[];
}

/**
 * Who guards the balancer. Pure. Whether it has groups at all is fixed when it is made.
 *
 * | the balancer has | `security-groups` | `disable-nlb-sg` | →                                                          |
 * |------------------|-------------------|------------------|------------------------------------------------------------|
 * | does not exist   | none              | no               | its own                                                    |
 * | does not exist   | some              | no               | those; a Warning where source ranges are given, which do not apply |
 * | does not exist   | none              | yes              | none; a fault where source ranges or prefix lists are given, which nobody would enforce |
 * | does not exist   | some              | yes              | fault: one or the other                                    |
 * | groups           | any               | yes              | a Warning: fixed; its own                                  |
 * | no groups        | some              | any              | a Warning: fixed; none                                     |
 */
export function chooseSecurityGroups(input: SecurityGroupsInput): SecurityGroupChoice {
  const { settings, presentGroups } = input;
  const names = settings.securityGroups;
  if (names !== undefined && settings.withoutSecurityGroups)
    return none(
      [],
      [`${annotationKey('securityGroups')} and ${annotationKey('withoutSecurityGroups')}: only one of them`],
    );
  const isBare = presentGroups === undefined ? settings.withoutSecurityGroups : presentGroups.length === 0;
  if (isBare) return bare(input);
  const kept = settings.withoutSecurityGroups ? [fixed('withoutSecurityGroups', 'it has security groups')] : [];
  const choice = names === undefined ? own(input) : given(input, names);
  return { ...choice, warnings: [...kept, ...choice.warnings] };
}

function fixed(name: 'securityGroups' | 'withoutSecurityGroups', state: string): Warning {
  return {
    reason: 'FixedAtCreation',
    message: `${annotationKey(name)}: fixed when the balancer is made, and ${state}: delete the Service and create it again`,
  };
}

function none(warnings: readonly Warning[], faults: readonly string[]): SecurityGroupChoice {
  return { groups: { kind: 'none' }, warnings, faults };
}

function bare({ settings, loadBalancer }: SecurityGroupsInput): SecurityGroupChoice {
  const warnings = settings.securityGroups === undefined ? [] : [fixed('securityGroups', 'it has none')];
  if (loadBalancer.sourceRanges.length === 0 && settings.prefixLists.length === 0) return none(warnings, []);
  return none(warnings, [
    'source ranges and prefix lists need a security group, and this balancer has none: take them away, or create the Service again with one',
  ]);
}

function given(
  { loadBalancer, settings, config, network, vpcId }: SecurityGroupsInput,
  names: readonly string[],
): SecurityGroupChoice {
  const found = names.map(name => groupNamed(name, network, vpcId));
  const idle = loadBalancer.sourceRanges.length > 0 || settings.prefixLists.length > 0;
  return {
    groups: {
      kind: 'given',
      ids: [...new Set(found.flatMap(one => ('id' in one ? [one.id] : [])))],
      backend: settings.manageBackendRules && !config.preauthorised,
    },
    warnings: idle
      ? [
          {
            reason: 'SourceRangesNotApplied',
            message: `${annotationKey('securityGroups')} is set: source ranges and prefix lists do not apply, the rules of those groups do`,
          },
        ]
      : [],
    faults: found.flatMap(one => ('fault' in one ? [`${annotationKey('securityGroups')}: ${one.fault}`] : [])),
  };
}

function groupNamed(
  name: string,
  network: Network,
  vpcId: string,
): { readonly id: string } | { readonly fault: string } {
  if (isGroupId(name)) return { id: name };
  const inVpc = (network.securityGroups ?? []).filter(group => group.vpcId === vpcId);
  const [first, ...others] = byIdOrName(inVpc, name);
  if (first === undefined) return { fault: `there is no group in ${vpcId} with id or Name ${printable(name)}` };
  if (others.length === 0) return { id: first.id };
  return {
    fault: `${others.length + 1} groups have the Name ${printable(name)} (${[first, ...others].map(({ id }) => id).join(', ')}): use an id`,
  };
}

/** Those of a Service's security groups that have to be looked up. Pure. */
export function groupNamesOf({ securityGroups = [] }: Pick<Settings, 'securityGroups'>): readonly string[] {
  return securityGroups.filter(name => !isGroupId(name));
}

function isGroupId(name: string): boolean {
  return /^sg-[0-9a-z]{1,40}$/.test(name);
}

function own(input: SecurityGroupsInput): SecurityGroupChoice {
  const { loadBalancer, settings, config, listeners, dualstack } = input;
  const { sourceRanges } = loadBalancer;
  const rules = frontendRules({
    listeners,
    sourceRanges,
    prefixLists: settings.prefixLists,
    dualstack,
    pathMtuDiscovery: settings.pathMtuDiscovery,
  });
  const strange = dualstack ? [] : sourceRanges.filter(range => range.includes(':'));
  return {
    groups: {
      kind: 'own',
      name: balancerName(loadBalancer.cluster, loadBalancer.service),
      rules,
      backend: !config.preauthorised,
    },
    warnings: [],
    faults: [
      ...strange.map(
        range =>
          `source range ${printable(range)} is IPv6, and the balancer serves IPv4 only: take it away, or ask for dualstack`,
      ),
      ...quotaFaults(rules, config.quotas.rulesPerSecurityGroup),
    ],
  };
}

/** AWS counts those of IPv4 and of IPv6 each by themselves. */
function quotaFaults(rules: ReturnType<typeof frontendRules>, most: number): readonly string[] {
  const six = rules.filter(({ source }) => 'cidr' in source && source.cidr.includes(':')).length;
  const largest = Math.max(six, rules.length - six);
  if (largest <= most) return [];
  return [
    `ports and source ranges make ${largest} rules, and a security group has at most ${most}: use fewer, or a prefix list (${annotationKey('prefixLists')})`,
  ];
}
