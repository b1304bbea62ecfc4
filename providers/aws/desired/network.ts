import type { ObservedLoadBalancer, ObservedSecurityGroup, ObservedSubnet } from '../model/observed.ts';

/** What the network is like, as far as a balancer depends on it. */
export interface Network {
  /** All of the VPC, or of the region where the operator names no VPC: also those without a role, which tell what is inside. */
  readonly subnets: readonly ObservedSubnet[];
  /** Needed only where a Service names groups by tag: see `groupNamesOf`. */
  readonly securityGroups?: readonly Pick<ObservedSecurityGroup, 'id' | 'vpcId' | 'tags'>[];
}

/** What exists of a balancer already: it binds what can be desired, since it cannot be changed, or only with a loss. */
export interface Present
  extends Pick<
    ObservedLoadBalancer,
    'name' | 'scheme' | 'addressType' | 'vpcId' | 'subnetIds' | 'addresses' | 'securityGroupIds'
  > {
  readonly targetGroupNames: readonly string[];
}
