/**
 * As much of the objects of Compute Engine as this provider reads or writes, with the API's own names for the fields. A link to another object
 * is a path, `projects/p/regions/r/backendServices/x`: `links.ts` makes them, and the client turns them into URLs and back.
 */

/** What the API adds to every object. */
export interface Stored {
  readonly name: string;
  /** The path of the object itself. */
  readonly selfLink: string;
  readonly id?: string;
  readonly creationTimestamp?: string;
  /** Where an update has to name what it replaces: 412 otherwise. */
  readonly fingerprint?: string;
  readonly labelFingerprint?: string;
}

export type Labels = Readonly<Record<string, string>>;

export interface ForwardingRule {
  readonly name: string;
  readonly description?: string;
  /** An address, or the path of a reserved one; absent: any. IPv6 comes back as a CIDR. */
  readonly IPAddress?: string;
  readonly IPProtocol?: 'TCP' | 'UDP' | 'L3_DEFAULT';
  readonly ipVersion?: 'IPV4' | 'IPV6';
  readonly loadBalancingScheme?: 'EXTERNAL' | 'INTERNAL' | 'EXTERNAL_MANAGED' | 'INTERNAL_MANAGED';
  readonly networkTier?: NetworkTier;
  /** At most five; with `portRange` and `allPorts` exclusive. */
  readonly ports?: readonly string[];
  readonly portRange?: string;
  readonly allPorts?: boolean;
  readonly allowGlobalAccess?: boolean;
  readonly backendService?: string;
  /** The target proxy of the proxy variant; a target pool where another controller has made the rule. */
  readonly target?: string;
  readonly network?: string;
  readonly subnetwork?: string;
  readonly sourceIpRanges?: readonly string[];
  readonly labels?: Labels;
}

export type NetworkTier = 'PREMIUM' | 'STANDARD';

export interface BackendService {
  readonly name: string;
  readonly description?: string;
  readonly protocol?: 'TCP' | 'UDP' | 'UNSPECIFIED';
  readonly loadBalancingScheme?: 'EXTERNAL' | 'INTERNAL' | 'EXTERNAL_MANAGED' | 'INTERNAL_MANAGED';
  readonly network?: string;
  readonly backends?: readonly BackendGroup[];
  /** Paths; exactly one here. */
  readonly healthChecks?: readonly string[];
  readonly sessionAffinity?: 'NONE' | 'CLIENT_IP' | 'CLIENT_IP_PROTO' | 'CLIENT_IP_PORT_PROTO';
  readonly localityLbPolicy?: string;
  readonly connectionDraining?: { readonly drainingTimeoutSec?: number };
  readonly connectionTrackingPolicy?: {
    readonly trackingMode?: string;
    readonly connectionPersistenceOnUnhealthyBackends?: string;
    readonly idleTimeoutSec?: number;
    readonly enableStrongAffinity?: boolean;
  };
  readonly networkPassThroughLbTrafficPolicy?: {
    readonly zonalAffinity?: { readonly spillover?: string; readonly spilloverRatio?: number };
  };
  readonly logConfig?: { readonly enable?: boolean; readonly sampleRate?: number };
  /** Proxy variant only: which named port of the groups. */
  readonly portName?: string;
  readonly timeoutSec?: number;
}

export interface BackendGroup {
  /** The path of an instance group. */
  readonly group: string;
  readonly balancingMode?: 'CONNECTION' | 'UTILIZATION' | 'RATE';
  /** Proxy variant only. */
  readonly maxConnectionsPerInstance?: number;
  readonly capacityScaler?: number;
  readonly description?: string;
}

export interface HealthCheck {
  readonly name: string;
  readonly description?: string;
  readonly type?: 'HTTP' | 'HTTPS' | 'TCP';
  readonly checkIntervalSec?: number;
  readonly timeoutSec?: number;
  readonly healthyThreshold?: number;
  readonly unhealthyThreshold?: number;
  readonly httpHealthCheck?: PortCheck;
  readonly httpsHealthCheck?: PortCheck;
  readonly tcpHealthCheck?: PortCheck;
  readonly logConfig?: { readonly enable?: boolean };
}

export interface PortCheck {
  readonly port?: number;
  readonly portSpecification?: 'USE_FIXED_PORT' | 'USE_NAMED_PORT' | 'USE_SERVING_PORT';
  readonly portName?: string;
  /** HTTP and HTTPS only. */
  readonly requestPath?: string;
  readonly host?: string;
  readonly proxyHeader?: 'NONE' | 'PROXY_V1';
}

export interface Firewall {
  readonly name: string;
  readonly description?: string;
  readonly network?: string;
  readonly direction?: 'INGRESS' | 'EGRESS';
  readonly priority?: number;
  readonly disabled?: boolean;
  readonly sourceRanges?: readonly string[];
  readonly destinationRanges?: readonly string[];
  readonly targetTags?: readonly string[];
  readonly targetServiceAccounts?: readonly string[];
  readonly allowed?: readonly PortRule[];
  readonly denied?: readonly PortRule[];
  readonly logConfig?: { readonly enable?: boolean };
}

export interface PortRule {
  /** `tcp`, `udp`, `icmp`, …: in small letters comes back what was sent so. */
  readonly IPProtocol: string;
  /** `80` or `80-90`; absent: every port. */
  readonly ports?: readonly string[];
}

export interface Address {
  readonly name: string;
  readonly description?: string;
  readonly address?: string;
  readonly addressType?: 'EXTERNAL' | 'INTERNAL';
  readonly ipVersion?: 'IPV4' | 'IPV6';
  readonly ipv6EndpointType?: 'NETLB' | 'VM';
  readonly prefixLength?: number;
  readonly networkTier?: NetworkTier;
  readonly network?: string;
  readonly subnetwork?: string;
  readonly purpose?: string;
  /** `RESERVED` or `IN_USE`; only in what comes back, as `users` is. */
  readonly status?: string;
  /** Paths of what uses it. */
  readonly users?: readonly string[];
  readonly labels?: Labels;
}

export interface InstanceGroup {
  readonly name: string;
  readonly description?: string;
  readonly network?: string;
  readonly subnetwork?: string;
  readonly namedPorts?: readonly NamedPort[];
  /** How many instances are in it; only in what comes back. */
  readonly size?: number;
  readonly zone?: string;
}

export interface NamedPort {
  readonly name: string;
  readonly port: number;
}

/** Proxy variant only. */
export interface TargetTcpProxy {
  readonly name: string;
  readonly description?: string;
  /** The path of a backend service. */
  readonly service?: string;
  readonly proxyHeader?: 'NONE' | 'PROXY_V1';
  readonly loadBalancingScheme?: 'EXTERNAL_MANAGED' | 'INTERNAL_MANAGED';
}

/** Read only. */
export interface Subnetwork {
  readonly name: string;
  readonly network?: string;
  readonly ipCidrRange?: string;
  readonly purpose?: string;
  readonly role?: string;
  readonly stackType?: 'IPV4_ONLY' | 'IPV4_IPV6' | 'IPV6_ONLY';
  readonly ipv6AccessType?: 'EXTERNAL' | 'INTERNAL';
}

/** Read only. */
export interface Region {
  readonly name: string;
  /** Paths. */
  readonly zones?: readonly string[];
}

/** Every kind of object, by its word in the API's paths; backend services, health checks and target proxies are the regional ones. */
export interface Resources {
  readonly forwardingRules: ForwardingRule;
  readonly backendServices: BackendService;
  readonly healthChecks: HealthCheck;
  readonly targetTcpProxies: TargetTcpProxy;
  readonly addresses: Address;
  readonly firewalls: Firewall;
  readonly instanceGroups: InstanceGroup;
  readonly subnetworks: Subnetwork;
  readonly regions: Region;
}

export type Kind = keyof Resources;

/** What the API holds. Empty texts, lists and maps are left out; `false` and 0 are not. Fields that are not named above are there as well. */
export type StoredOf<K extends Kind> = Stored & Resources[K];
