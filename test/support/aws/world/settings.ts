/** What a test may set, at any time: the account reads it anew at each request. Times are in milliseconds on the account's clock. */
export interface AwsSettings {
  /** A load balancer is `provisioning` until then. */
  provisioningMs: number;
  /** A target is `initial` until then, from the moment on that an active load balancer uses it. */
  healthyAfterMs: number;
  /** A target drains for so long; `undefined`: as its target group's `deregistration_delay.timeout_seconds` says. */
  drainingMs: number | undefined;
  /** Something just made is not seen by Describe* for so long. */
  consistencyMs: number;
  /** Network interfaces of a deleted load balancer, and the security groups on them, stay in use for so long. */
  interfaceLingerMs: number;
  /** A target group stays in use for so long after its last listener has gone. */
  targetGroupReleaseMs: number;
  /** How long a Describe* takes, and everything else. */
  readLatencyMs: number;
  writeLatencyMs: number;
  throttling: Throttling | undefined;
  quotas: Quotas;
}

/** Token buckets of the account, per category (reference §3.3). `speed` 25: twenty-five times the rates, so that a test ends. */
export interface Throttling {
  speed: number;
  buckets: Readonly<Record<BucketName, Bucket>>;
}

export interface Bucket {
  readonly burst: number;
  readonly perSecond: number;
}

/** For ELBv2 one bucket a category; for EC2 one bucket an action, of these sizes. */
export type BucketName =
  | 'elbDescribe'
  | 'elbTargets'
  | 'elbModify'
  | 'elbCreateDelete'
  | 'ec2DescribeAll'
  | 'ec2DescribeFiltered'
  | 'ec2Mutating';

/** The published figures; those of Create* and Delete* are not published and assumed. */
export const publishedBuckets: Readonly<Record<BucketName, Bucket>> = {
  elbDescribe: { burst: 200, perSecond: 50 },
  elbTargets: { burst: 20, perSecond: 4 },
  elbModify: { burst: 20, perSecond: 3 },
  elbCreateDelete: { burst: 20, perSecond: 3 },
  ec2DescribeAll: { burst: 50, perSecond: 10 },
  ec2DescribeFiltered: { burst: 100, perSecond: 20 },
  ec2Mutating: { burst: 50, perSecond: 5 },
};

export interface Quotas {
  loadBalancers: number;
  targetGroups: number;
  listenersPerLoadBalancer: number;
  targetsPerTargetGroup: number;
  targetsPerLoadBalancer: number;
  certificatesPerLoadBalancer: number;
  securityGroups: number;
  rulesPerSecurityGroup: number;
  securityGroupsPerInterface: number;
  addresses: number;
}

/** AWS's defaults (reference §3.5). */
export const defaultQuotas: Readonly<Quotas> = {
  loadBalancers: 50,
  targetGroups: 3_000,
  listenersPerLoadBalancer: 50,
  targetsPerTargetGroup: 1_000,
  targetsPerLoadBalancer: 3_000,
  certificatesPerLoadBalancer: 25,
  securityGroups: 2_500,
  rulesPerSecurityGroup: 60,
  securityGroupsPerInterface: 5,
  addresses: 5,
};

/** Everything at once, no limits but the quotas. */
export function defaultSettings(): AwsSettings {
  return {
    provisioningMs: 0,
    healthyAfterMs: 0,
    drainingMs: 0,
    consistencyMs: 0,
    interfaceLingerMs: 0,
    targetGroupReleaseMs: 0,
    readLatencyMs: 0,
    writeLatencyMs: 0,
    throttling: undefined,
    quotas: { ...defaultQuotas },
  };
}
