/** What the account keeps of EC2. */
interface Tagged {
  readonly id: string;
  readonly tags: Map<string, string>;
}

export interface Vpc extends Tagged {
  readonly cidr: string;
  readonly ipv6Cidr?: string | undefined;
}

export interface Subnet extends Tagged {
  readonly vpcId: string;
  readonly zone: string;
  readonly cidr: string;
  readonly ipv6Cidr?: string | undefined;
}

export interface SecurityGroup extends Tagged {
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  readonly createdAt: number;
  /** By what makes two rules the same: everything but the description. */
  readonly ingress: Map<string, Rule>;
}

export interface Rule {
  readonly id: string;
  readonly protocol: string;
  readonly fromPort?: number | undefined;
  readonly toPort?: number | undefined;
  readonly source: RuleSource;
  readonly description?: string | undefined;
}

export interface RuleSource {
  readonly kind: 'ipv4' | 'ipv6' | 'prefixList' | 'securityGroup';
  /** The range, or the id. */
  readonly value: string;
}

export interface Instance extends Tagged {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly type: string;
  readonly image: string;
  state: 'running' | 'stopped' | 'terminated';
}

/** Of an instance or of a load balancer in one of its zones. */
export interface NetworkInterface extends Tagged {
  readonly owner: string;
  readonly description: string;
  readonly type: 'interface' | 'network_load_balancer';
  readonly subnetId: string;
  readonly vpcId: string;
  readonly privateIp: string;
  readonly ipv6?: string | undefined;
  readonly allocationId?: string | undefined;
  securityGroups: readonly string[];
  /** Its owner has been deleted: gone from then on. */
  goneAt?: number;
}

export interface Address extends Tagged {
  readonly publicIp: string;
}

export interface InternetGateway extends Tagged {
  vpcId: string | undefined;
}

export interface RouteTable extends Tagged {
  readonly vpcId: string;
  readonly main: boolean;
  readonly routes: { readonly destination: string; readonly gatewayId: string }[];
  readonly associations: { readonly id: string; readonly subnetId: string }[];
}
