import type { IpFamily, LoadBalancer, Warning } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import { faultsText } from '../annotations/parse-settings.ts';
import type { HealthCheckSettings, Scheme } from '../annotations/settings.ts';
import { regional } from '../client/links.ts';
import type { BackendService, Firewall, Labels, NetworkTier } from '../client/resources.ts';
import { markLabels, markText } from '../model/marks.ts';
import { type Names, namesOf, sharedNames } from '../model/names.ts';
import { firewallBase, networkOf, sourcesOf } from './firewall-base.ts';
import { type Check, ownCheck, portOf, probeFirewall } from './health-checks.ts';
import { type DesiredInput, faultsOf, modeOf, subnetworkOf, warningsOf } from './judge-wishes.ts';
import { choosePortLayout, layoutWarning, type PortLayout, type ProtocolPorts } from './port-layout.ts';
import { portRanges } from './port-ranges.ts';

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

type Part = Pick<DesiredBalancer, 'names' | 'description' | 'scheme'>;

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

function portsOf({ listeners }: Pick<LoadBalancer, 'listeners'>): readonly ProtocolPorts[] {
  return (['TCP', 'UDP'] as const).flatMap(protocol => {
    const ports = listeners.filter(one => one.protocol === protocol).map(one => one.port);
    return ports.length === 0 ? [] : [{ protocol, ports: [...new Set(ports)].sort((one, other) => one - other) }];
  });
}
