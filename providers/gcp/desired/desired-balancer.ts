import type { IpFamily, LoadBalancer, Warning } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import { annotationTable } from '../annotations/annotation-table.ts';
import { faultsText } from '../annotations/parse-settings.ts';
import type { HealthCheckSettings, Mode, Scheme, Settings } from '../annotations/settings.ts';
import { globally, regional } from '../client/links.ts';
import type { BackendService, Firewall, Labels, NetworkTier } from '../client/resources.ts';
import type { GcpConfig } from '../config.ts';
import { markLabels, markText } from '../model/marks.ts';
import { type Names, namesOf, sharedNames } from '../model/names.ts';
import { type Check, ownCheck, portOf, probeFirewall } from './health-checks.ts';
import { choosePortLayout, layoutWarning, type PortLayout, type ProtocolPorts } from './port-layout.ts';
import { portRanges } from './port-ranges.ts';
import type { Present } from './present.ts';

/** What should exist for one Service. What is only known once it is made is not here: addresses, and the groups of nodes. */
export interface DesiredBalancer {
  readonly names: Names;
  /** The mark of ownership. */
  readonly description: string;
  /** It again, for people. */
  readonly labels: Labels;
  readonly scheme: Scheme;
  /** External only. */
  readonly tier: NetworkTier;
  /** Path. */
  readonly subnetwork: string | undefined;
  readonly globalAccess: boolean;
  /** Without its groups. */
  readonly backendService: BackendService;
  /** Of the backend service, where the user has asked for them: others are left as somebody has set them. */
  readonly drainSeconds: number | undefined;
  readonly healthCheck: DesiredHealthCheck | undefined;
  /** Of a balancer that passes through; a proxied one has none. */
  readonly frontends: readonly DesiredFrontend[];
  /** Of a proxied one, each with a rule, a proxy and a backend service of its own. */
  readonly proxied: readonly ProxiedPort[] | undefined;
  readonly keepAddress: boolean;
}

export interface ProxiedPort {
  readonly port: number;
  readonly nodePort: number;
}

/** The Service's own. */
export interface DesiredHealthCheck {
  readonly check: Check;
  readonly asked: HealthCheckSettings;
  /** `undefined`: somebody else lets the probes in. */
  readonly firewalls: readonly Firewall[];
}

/** One family: an address, its rules, its firewall rule. */
export interface DesiredFrontend {
  readonly family: IpFamily;
  readonly layout: PortLayout;
  /** Without the destination, which is the address; `undefined`: none is wanted, or nobody may connect. */
  readonly firewall: Firewall | undefined;
}

export interface DesiredInput {
  readonly loadBalancer: LoadBalancer;
  readonly settings: Settings;
  readonly config: GcpConfig;
  /** What exists and cannot be changed without another address. */
  readonly present: Present;
}

export interface Desired {
  readonly balancer: DesiredBalancer;
  readonly warnings: readonly Warning[];
}

/** Pure. Throws a ProviderError `unsupported` that names everything that is wrong. */
export function desiredBalancer(input: DesiredInput): Desired {
  const { loadBalancer, settings, config, present } = input;
  const scheme = present.scheme ?? settings.scheme ?? 'EXTERNAL';
  const tier = present.tier ?? settings.tier ?? config.tier;
  const faults = faultsOf(input, scheme, tier);
  if (faults.length > 0) throw new ProviderError('unsupported', faultsText(faults));
  const { cluster, id, service } = loadBalancer;
  const names = namesOf(cluster, service.uid);
  const mark = { cluster, owner: { id, service } };
  const description = markText(mark);
  const portInput = {
    scheme,
    ports: portsOf(loadBalancer),
    portsMode: settings.ports ?? config.ports,
    mixedMode: settings.mixedProtocols ?? config.mixedProtocols,
  };
  const layout = choosePortLayout(portInput);
  const check = ownCheck(loadBalancer, settings.healthCheck);
  const isProxied = modeOf(input) === 'proxy';
  const part = { names, description, scheme };
  const balancer: DesiredBalancer = {
    ...part,
    labels: markLabels(mark),
    tier,
    subnetwork: subnetworkOf(settings, config),
    globalAccess: scheme === 'INTERNAL' && settings.globalAccess,
    backendService: backendServiceOf(input, part, layout, check),
    drainSeconds: settings.drainSeconds,
    healthCheck: check && healthCheckOf(input, part, check),
    frontends: isProxied ? [] : frontendsOf(input, part, layout),
    proxied: isProxied ? loadBalancer.listeners.map(({ port, nodePort }) => ({ port, nodePort })) : undefined,
    keepAddress: settings.keepAddress,
  };
  const chosen = isProxied ? undefined : layoutWarning(portInput, layout);
  return { balancer, warnings: [...(chosen === undefined ? [] : [chosen]), ...warningsOf(input)] };
}

function frontendsOf(input: DesiredInput, part: Part, layout: PortLayout): readonly DesiredFrontend[] {
  return input.loadBalancer.ipFamilies.map(family => ({ family, layout, firewall: firewallOf(input, part, family) }));
}

/** What exists wins: another mode is another address. */
function modeOf({ settings, present }: Pick<DesiredInput, 'settings' | 'present'>): Mode {
  return present.mode ?? settings.mode ?? 'passthrough';
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

type Part = Pick<DesiredBalancer, 'names' | 'description' | 'scheme'>;

function faultsOf(input: DesiredInput, scheme: Scheme, tier: NetworkTier): readonly string[] {
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

function warningsOf({ loadBalancer, settings, config, present }: DesiredInput): readonly Warning[] {
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

function backendServiceOf(
  { loadBalancer, settings, config }: DesiredInput,
  { names, description, scheme }: Part,
  layout: PortLayout,
  check: Check | undefined,
): BackendService {
  const { sessionAffinity: affinity, externalTrafficPolicy, cluster } = loadBalancer;
  const name = check === undefined ? sharedNames(cluster).healthCheck : names.healthCheck;
  const isWeighted = settings.weighted && externalTrafficPolicy === 'Local';
  const protocols = layout.kind === 'all' ? [layout.protocol] : layout.ports.map(one => one.protocol);
  const [only] = protocols;
  const protocol = protocols.length > 1 || only === undefined || only === 'L3_DEFAULT' ? 'UNSPECIFIED' : only;
  return {
    name: names.backendService,
    description,
    loadBalancingScheme: scheme,
    protocol,
    ...(scheme === 'INTERNAL' ? { network: networkOf(config) } : {}),
    healthChecks: [regional(config.project, config.region, 'healthChecks', name)],
    sessionAffinity: affinity.type === 'ClientIP' ? 'CLIENT_IP' : 'NONE',
    connectionDraining: { drainingTimeoutSec: settings.drainSeconds ?? (protocols.includes('UDP') ? 0 : 30) },
    ...(isWeighted ? { localityLbPolicy: scheme === 'EXTERNAL' ? 'WEIGHTED_MAGLEV' : 'WEIGHTED_GCP_RENDEZVOUS' } : {}),
    ...(settings.strongAffinity && affinity.type === 'ClientIP'
      ? {
          connectionTrackingPolicy: {
            trackingMode: 'PER_SESSION',
            idleTimeoutSec: affinity.timeoutSeconds,
            enableStrongAffinity: true,
          },
        }
      : {}),
  };
}

function healthCheckOf(
  { loadBalancer, settings, config }: DesiredInput,
  { names, description }: Part,
  check: Check,
): DesiredHealthCheck {
  const families = config.firewall === 'none' ? [] : loadBalancer.ipFamilies;
  const firewalls = families.map(family => ({
    name: `${names.healthCheckFirewall}-${family === 'IPv4' ? 'v4' : 'v6'}`,
    description,
    ...firewallBase(config),
    ...probeFirewall(family, portOf(check)),
  }));
  return { check, asked: settings.healthCheck, firewalls };
}

function firewallOf(
  { loadBalancer, config }: DesiredInput,
  { names, description }: Part,
  family: IpFamily,
): Firewall | undefined {
  const sourceRanges = sourcesOf(loadBalancer, family);
  if (config.firewall === 'none' || sourceRanges.length === 0) return undefined;
  return {
    name: names.firewall(family),
    description,
    ...firewallBase(config),
    sourceRanges,
    allowed: portsOf(loadBalancer).map(({ protocol, ports }) => ({
      IPProtocol: protocol.toLowerCase(),
      ports: portRanges(ports),
    })),
  };
}

/** What all our firewall rules have in common. */
export function firewallBase(config: GcpConfig): Partial<Firewall> {
  const { targetTags } = config;
  return {
    network: networkOf(config),
    direction: 'INGRESS',
    priority: 1_000,
    ...(targetTags.length > 0 ? { targetTags } : {}),
  };
}

/** Path. */
export function networkOf({ project, networkProject, network }: GcpConfig): string {
  return globally(networkProject ?? project, 'networks', network);
}

const everyone = { IPv4: '0.0.0.0/0', IPv6: '::/0' } as const;

/** Empty where ranges are given and none is of the family: then nobody may connect there, rather than everybody. */
function sourcesOf({ sourceRanges }: Pick<LoadBalancer, 'sourceRanges'>, family: IpFamily): readonly string[] {
  if (sourceRanges.length === 0) return [everyone[family]];
  return sourceRanges.filter(range => range.includes(':') === (family === 'IPv6'));
}

function portsOf({ listeners }: Pick<LoadBalancer, 'listeners'>): readonly ProtocolPorts[] {
  return (['TCP', 'UDP'] as const).flatMap(protocol => {
    const ports = listeners.filter(one => one.protocol === protocol).map(one => one.port);
    return ports.length === 0 ? [] : [{ protocol, ports: [...new Set(ports)].sort((one, other) => one - other) }];
  });
}

function subnetworkOf({ subnet }: Settings, config: GcpConfig): string | undefined {
  const name = subnet ?? config.subnetwork;
  const project = config.networkProject ?? config.project;
  return name === undefined ? undefined : regional(project, config.region, 'subnetworks', name);
}
