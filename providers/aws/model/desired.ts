import type { ServiceIdentity } from '../../../src/provider/provider.ts';

/** What should exist at AWS for one Service: a function of the Service, the operator's configuration, and what the network is like. */

export type Scheme = 'internet-facing' | 'internal';
export type AddressType = 'ipv4' | 'dualstack';
/** As AWS has it: pods, and nodes without an EC2 id, are both `ip`. */
export type TargetType = 'instance' | 'ip';
export type AwsProtocol = 'TCP' | 'UDP' | 'TLS' | 'TCP_UDP';

export interface DesiredBalancer {
  /** The contract's id of the Service: the key of everything that is remembered about it. */
  readonly id: string;
  readonly cluster: string;
  readonly service: ServiceIdentity;
  /** At most 32 characters, letters, digits and hyphens, without `--` and not beginning with `internal-`. */
  readonly name: string;
  readonly scheme: Scheme;
  readonly addressType: AddressType;
  readonly vpcId: string;
  /** One for each availability zone, sorted by subnet id. */
  readonly subnets: readonly SubnetMapping[];
  readonly securityGroups: DesiredSecurityGroups;
  /** Those that are asked for. */
  readonly attributes: Readonly<Record<string, string>>;
  /** On every part: the marks of ownership (`tags.ts`) and the user's; the role of a part is added where the part is made. */
  readonly tags: Readonly<Record<string, string>>;
  /** Sorted by port. */
  readonly listeners: readonly DesiredListener[];
  /** Sorted by name. */
  readonly targetGroups: readonly DesiredTargetGroup[];
}

export interface SubnetMapping {
  readonly subnetId: string;
  readonly zone: string;
  /** An elastic address. */
  readonly allocationId?: string;
  readonly privateIpv4?: string;
  readonly ipv6?: string;
}

/**
 * `own`: one for this balancer, with these rules. `given`: the user's, whose rules are the user's too. `none`: a balancer without.
 * `backend`: whether the cluster's shared group is attached, by which nodes know the balancer.
 */
export type DesiredSecurityGroups =
  | { readonly kind: 'own'; readonly name: string; readonly rules: readonly IngressRule[]; readonly backend: boolean }
  | { readonly kind: 'given'; readonly ids: readonly string[]; readonly backend: boolean }
  | { readonly kind: 'none' };

/** One permission of a security group, in. */
export interface IngressRule {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'icmpv6';
  /** With ICMP: the type. */
  readonly fromPort: number;
  /** With ICMP: the code. */
  readonly toPort: number;
  readonly source: RuleSource;
}

export type RuleSource =
  | { readonly cidr: string }
  | { readonly prefixList: string }
  | { readonly securityGroup: string };

export interface DesiredListener {
  /** Alone it names the listener: TCP and UDP of one port are one listener of TCP_UDP. */
  readonly port: number;
  readonly protocol: AwsProtocol;
  /** The default one first; empty without TLS. */
  readonly certificates: readonly string[];
  readonly sslPolicy?: string;
  readonly alpnPolicy?: string;
  /** Name of the target group that takes its traffic. */
  readonly targetGroup: string;
}

export interface DesiredTargetGroup {
  /** Made of what cannot be changed, and only of that: another name means another target group. */
  readonly name: string;
  readonly protocol: AwsProtocol;
  /** Of the group; each target has its own. */
  readonly port: number;
  readonly targetType: TargetType;
  readonly addressType: 'ipv4' | 'ipv6';
  readonly vpcId: string;
  readonly healthCheck: HealthCheck;
  readonly attributes: Readonly<Record<string, string>>;
  /** Sorted by id, then port. Not part of the fingerprint of a balancer: targets have a way of their own. */
  readonly targets: readonly Target[];
}

export interface HealthCheck {
  readonly protocol: 'TCP' | 'HTTP' | 'HTTPS';
  /** `traffic-port` or a number in a string. */
  readonly port: string;
  /** HTTP and HTTPS only. */
  readonly path?: string;
  readonly successCodes?: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

export interface Target {
  /** An instance's id or an address. */
  readonly id: string;
  readonly port: number;
  /** `all` for an address outside the VPC. */
  readonly zone?: string;
}
