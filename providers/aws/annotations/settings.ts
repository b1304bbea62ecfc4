import type { AddressType, Scheme } from '../model/desired.ts';
import type { Entries } from './value-syntax.ts';

/** `ip`: pods. `node-ip`: nodes by their addresses, at their node ports. */
export type TargetKind = 'instance' | 'ip' | 'node-ip';

/** What the annotations of one Service ask for; older spellings are resolved. What is absent was not asked for. */
export interface Settings {
  readonly scheme?: Scheme;
  readonly targetKind?: TargetKind;
  readonly name?: string;
  readonly addressType?: AddressType;
  /** Ids or values of `Name` tags, in the user's order. */
  readonly subnets?: readonly string[];
  readonly elasticAddresses?: readonly string[];
  readonly privateIpv4?: readonly string[];
  readonly ipv6?: readonly string[];
  /** Ids or values of `Name` tags. */
  readonly securityGroups?: readonly string[];
  readonly manageBackendRules: boolean;
  readonly withoutSecurityGroups: boolean;
  readonly prefixLists: readonly string[];
  readonly pathMtuDiscovery: boolean;
  readonly attributes: Entries;
  readonly tags: Entries;
  readonly targetGroupAttributes: Entries;
  /** By port, in decimal: those of one port win over those of all. */
  readonly targetGroupAttributesOf: Readonly<Record<string, Entries>>;
  readonly proxyProtocol: 'all' | 'none' | { readonly ports: readonly string[] };
  readonly tls?: TlsSettings;
  /** Absent: merged where it can be; `false` forbids it. */
  readonly mergeTcpUdp: boolean;
  readonly healthCheck: HealthCheckSettings;
}

export interface TlsSettings {
  /** The default one first; never empty. */
  readonly certificates: readonly string[];
  /** Numbers and names; absent: every TCP port. */
  readonly ports?: readonly string[];
  readonly sslPolicy?: string;
  readonly encryptsTargets: boolean;
  readonly alpnPolicy?: string;
}

export interface HealthCheckSettings {
  readonly protocol?: 'TCP' | 'HTTP' | 'HTTPS';
  /** `traffic-port`, a number, or a port's name. */
  readonly port?: string;
  readonly path?: string;
  readonly successCodes?: string;
  readonly intervalSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly healthyThreshold?: number;
  readonly unhealthyThreshold?: number;
}
