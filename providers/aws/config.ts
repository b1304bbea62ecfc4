import type { TargetKind } from './annotations/settings.ts';
import type { Scheme } from './model/desired.ts';

/** What the operator may write into `config`, with the defaults filled in. */
export interface AwsConfig {
  /** Absent: the one VPC whose subnets carry a role tag. */
  readonly vpcId?: string;
  /** As in tags `kubernetes.io/cluster/<name>`: knows the cluster's subnets and nodes' security group, and marks what is made. */
  readonly clusterName?: string;
  /** Ids or values of `Name` tags, where a Service names none. Absent: discovered by tag. */
  readonly subnets?: readonly string[];
  /** Absent: the one tagged `kubernetes.io/cluster/<clusterName>`. */
  readonly nodeSecurityGroup?: string;
  /** Nodes let the traffic in already: no shared security group is made. */
  readonly preauthorised: boolean;
  readonly defaultTargetType?: TargetKind;
  readonly defaultScheme: Scheme;
  /** Whether a hostname is published once the balancer is active, or as soon as it has one. */
  readonly publish: 'active' | 'at-once';
  /** On everything that is made; they win over a Service's. */
  readonly tags: Readonly<Record<string, string>>;
  /** How long a balancer that was looked at counts as looked at. */
  readonly verifySeconds: number;
  /** Requests per second, where they differ from the published ones. */
  readonly limits: Readonly<Partial<Record<LimitName, RateLimit>>>;
  readonly quotas: Quotas;
}

export const limitNames = ['describe', 'modify', 'targets', 'create', 'delete', 'ec2-describe', 'ec2-modify'] as const;
export type LimitName = (typeof limitNames)[number];

/** A token bucket. */
export interface RateLimit {
  readonly burst: number;
  readonly perSecond: number;
}

/** The account's quotas in the region, where they differ from AWS's defaults. */
export interface Quotas {
  readonly loadBalancers: number;
  readonly targetGroups: number;
  readonly targetsPerGroup: number;
  readonly rulesPerSecurityGroup: number;
}
