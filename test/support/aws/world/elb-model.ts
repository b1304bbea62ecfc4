/** What the account keeps of Elastic Load Balancing. */
export interface Made {
  readonly createdAt: number;
  readonly tags: Map<string, string>;
}

export interface LoadBalancer extends Made {
  readonly arn: string;
  readonly name: string;
  readonly hostname: string;
  readonly scheme: 'internet-facing' | 'internal';
  readonly vpcId: string;
  addressType: 'ipv4' | 'dualstack';
  zones: readonly Zone[];
  securityGroups: readonly string[];
  prefixForIpv6SourceNat: 'on' | 'off';
  enforceOnPrivateLink: 'on' | 'off';
  readonly attributes: Map<string, string>;
  /** From then on `active`. */
  activeAt: number;
}

/** One subnet of a load balancer, with its addresses where they were asked for. */
export interface Zone {
  readonly zone: string;
  readonly subnetId: string;
  readonly allocationId?: string | undefined;
  readonly privateIpv4?: string | undefined;
  readonly ipv6?: string | undefined;
  readonly sourceNatPrefix?: string | undefined;
}

export type ElbProtocol = (typeof elbProtocols)[number];
export const elbProtocols = ['TCP', 'UDP', 'TLS', 'TCP_UDP', 'QUIC', 'TCP_QUIC'] as const;

export interface TargetGroup extends Made {
  readonly arn: string;
  readonly name: string;
  readonly protocol: ElbProtocol;
  readonly port: number;
  readonly vpcId: string;
  readonly targetType: 'instance' | 'ip';
  readonly addressType: 'ipv4' | 'ipv6';
  healthCheck: HealthCheck;
  readonly attributes: Map<string, string>;
  /** By id and port. */
  readonly targets: Map<string, Target>;
  /** When its last listener went. */
  releasedAt: number;
}

export interface HealthCheck {
  readonly protocol: 'TCP' | 'HTTP' | 'HTTPS';
  readonly port: string;
  readonly path?: string | undefined;
  readonly matcher?: string | undefined;
  readonly interval: number;
  readonly timeout: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

export interface Target {
  readonly id: string;
  readonly port: number;
  readonly zone?: string | undefined;
  readonly registeredAt: number;
  /** Deregistered: gone when it has drained. */
  readonly drainedAt?: number;
}

export interface Listener extends Made {
  readonly arn: string;
  readonly loadBalancerArn: string;
  port: number;
  protocol: ElbProtocol;
  /** The default one; with TLS only. */
  certificate: string | undefined;
  readonly furtherCertificates: Set<string>;
  sslPolicy: string | undefined;
  alpnPolicy: string | undefined;
  action: ForwardAction;
  readonly attributes: Map<string, string>;
  /** When it began to use its present target groups. */
  usedSince: ReadonlyMap<string, number>;
}

export interface ForwardAction {
  readonly targetGroups: readonly { readonly arn: string; readonly weight: number | undefined }[];
  readonly stickiness?: { readonly enabled: boolean; readonly seconds: number | undefined } | undefined;
}
