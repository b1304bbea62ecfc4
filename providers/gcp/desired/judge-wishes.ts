import type { LoadBalancer, Warning } from '../../../src/provider/provider.ts';
import { annotationTable } from '../annotations/annotation-table.ts';
import type { Mode, Scheme, Settings } from '../annotations/settings.ts';
import { regional } from '../client/links.ts';
import type { NetworkTier } from '../client/resources.ts';
import type { GcpConfig } from '../config.ts';
import { everyone, sourcesOf } from './firewall-base.ts';
import type { Present } from './present.ts';

export interface DesiredInput {
  readonly loadBalancer: LoadBalancer;
  readonly settings: Settings;
  readonly config: GcpConfig;
  /** What exists and cannot be changed without another address. */
  readonly present: Present;
}

/** What exists wins: another mode is another address. */
export function modeOf({ settings, present }: Pick<DesiredInput, 'settings' | 'present'>): Mode {
  return present.mode ?? settings.mode ?? 'passthrough';
}

/** Everything that cannot be done as it is asked for. Pure. */
export function faultsOf(input: DesiredInput, scheme: Scheme, tier: NetworkTier): readonly string[] {
  const { loadBalancer, settings, config } = input;
  const { ipFamilies, sessionAffinity: affinity, listeners } = loadBalancer;
  const strong = annotationTable.strongAffinity.key;
  const hasSubnet = subnetworkOf(settings, config) !== undefined;
  const other = listeners.find(({ protocol }) => protocol === 'SCTP');
  return [
    ...proxyFaults(input, scheme),
    ...(other === undefined ? [] : [`port ${other.port}: SCTP is not balanced: use TCP or UDP`]),
    ...(ipFamilies.includes('IPv6') && scheme === 'EXTERNAL' && tier === 'STANDARD'
      ? [`${annotationTable.tier.key}: IPv6 is Premium only: take the annotation away, or IPv6`]
      : []),
    ...(ipFamilies.includes('IPv6') && !hasSubnet
      ? [`IPv6 needs a subnetwork: name it in ${annotationTable.subnet.key}, or as the operator’s config.subnetwork`]
      : []),
    ...(settings.strongAffinity &&
    (affinity.type === 'None' || affinity.timeoutSeconds < 60 || affinity.timeoutSeconds > 57_600)
      ? [`${strong}: needs sessionAffinity ClientIP with a timeout of 60 to 57600 seconds`]
      : []),
  ];
}

/** Proxies take what they take. */
function proxyFaults(input: DesiredInput, scheme: Scheme): readonly string[] {
  if (modeOf(input) !== 'proxy') return [];
  const { ipFamilies, listeners, sourceRanges } = input.loadBalancer;
  const other = listeners.find(({ protocol }) => protocol !== 'TCP');
  const key = annotationTable.mode.key;
  return [
    ...(other === undefined ? [] : [`${key}: port ${other.port} is ${other.protocol}, and proxies take TCP only`]),
    ...(scheme === 'INTERNAL' ? [`${key}: proxies are external only`] : []),
    ...(ipFamilies.includes('IPv6') ? [`${key}: proxies take IPv4 only`] : []),
    ...(sourceRanges.length > 0 ? [`${key}: nobody enforces source ranges before proxies: take them away`] : []),
  ];
}

/** What is done otherwise than it is asked for. Pure. */
export function warningsOf({ loadBalancer, settings, config, present }: DesiredInput): readonly Warning[] {
  const fixed: readonly (readonly [string, string | undefined, string | undefined])[] = [
    [annotationTable.type.key, settings.scheme ?? 'EXTERNAL', present.scheme],
    [annotationTable.mode.key, settings.mode ?? 'passthrough', present.mode],
    [annotationTable.tier.key, settings.tier ?? config.tier, present.tier],
    [annotationTable.subnet.key, subnetworkOf(settings, config), present.subnetwork],
  ];
  const kept = fixed.flatMap(([key, wanted, found]) =>
    found !== undefined && wanted !== undefined && found !== wanted
      ? [`${key} would change a published address and has no effect: it stays ${found}`]
      : [],
  );
  const without = loadBalancer.ipFamilies.filter(family => sourcesOf(loadBalancer, family).length === 0);
  return [
    ...(kept.length > 0
      ? [
          {
            reason: 'FixedAtCreation',
            message: `${kept.join('; ')}; to change it, delete the Service and create it again`,
          },
        ]
      : []),
    ...without.map(family => ({
      reason: 'NobodyMayConnect',
      message: `no source range is of ${family}: nobody may connect there; add one, such as ${everyone[family]}`,
    })),
    ...(settings.weighted && loadBalancer.externalTrafficPolicy !== 'Local'
      ? [
          {
            reason: 'UnsupportedConfiguration',
            message: `${annotationTable.weighted.key}: no effect without externalTrafficPolicy Local`,
          },
        ]
      : []),
  ];
}

/** Path. */
export function subnetworkOf({ subnet }: Settings, config: GcpConfig): string | undefined {
  const name = subnet ?? config.subnetwork;
  const project = config.networkProject ?? config.project;
  return name === undefined ? undefined : regional(project, config.region, 'subnetworks', name);
}
