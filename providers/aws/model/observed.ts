import type {
  AddressType,
  AwsProtocol,
  HealthCheck,
  IngressRule,
  Scheme,
  SubnetMapping,
  Target,
  TargetType,
} from './desired.ts';

/** What AWS has, in our words; what is `undefined` has not been read. */

export type Tags = Readonly<Record<string, string>>;

export interface ObservedLoadBalancer {
  readonly arn: string;
  readonly name: string;
  readonly hostname: string;
  readonly scheme: Scheme;
  readonly addressType: AddressType;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** Subnets with the addresses that were asked for there; absent where AWS does not say (moto never does). */
  readonly addresses?: readonly SubnetMapping[];
  readonly securityGroupIds: readonly string[];
  /** `provisioning`, `active`, `active_impaired`, `failed`. */
  readonly state: string;
}

export interface ObservedTargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly protocol: AwsProtocol;
  readonly port: number;
  readonly targetType: TargetType;
  readonly vpcId: string;
  /** Those whose listeners use it; moto keeps them after that has ended. */
  readonly loadBalancerArns: readonly string[];
  readonly healthCheck: HealthCheck;
}

export interface ObservedListener {
  readonly arn: string;
  readonly port: number;
  readonly protocol: AwsProtocol;
  /** The default certificate. */
  readonly certificate?: string;
  readonly sslPolicy?: string;
  readonly alpnPolicy?: string;
  /** Target groups that take its traffic, with their weights. */
  readonly forwards: readonly { readonly targetGroupArn: string; readonly weight: number }[];
}

export interface ObservedSecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly vpcId: string;
  readonly tags: Tags;
  readonly rules: readonly ObservedRule[];
}

export interface ObservedRule extends IngressRule {
  readonly description: string;
}

export interface ObservedTarget extends Target {
  /** `initial`, `healthy`, `unhealthy`, `unused`, `draining`, `unavailable`. */
  readonly state: string;
  /** Why it is in that state, e.g. `Target.NotRegistered`. */
  readonly reason?: string;
}

export interface ObservedSubnet {
  readonly id: string;
  readonly zone: string;
  readonly zoneType?: string;
  readonly vpcId: string;
  readonly cidr: string;
  readonly ipv6Cidrs: readonly string[];
  readonly freeAddresses: number;
  readonly tags: Tags;
}

export interface ObservedVpc {
  readonly id: string;
  /** Of both families. */
  readonly cidrs: readonly string[];
  readonly tags: Tags;
}
