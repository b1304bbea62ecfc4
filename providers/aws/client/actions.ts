/**
 * Every action of AWS that this provider uses; `Aws.send` takes no other. The IAM policy is printed from it (`../iam/policy.ts`), and the lane
 * in which a request waits is read off it.
 */

export type AwsService = 'elasticloadbalancing' | 'ec2';

/** Requests that AWS counts together, and so wait together: see `lane-limits.ts`. */
export type Lane = 'describe' | 'targets' | 'modify' | 'create-and-delete' | 'ec2-describe' | 'ec2-change';

/** In a lane the most urgent first: a node that goes must leave the balancers before a new Service gets one. */
export const priorities = ['deregister', 'register', 'change', 'create', 'verify'] as const;
export type Priority = (typeof priorities)[number];

/**
 * On what the policy allows it. `any`: reads, which AWS cannot restrict. `created`: what the request itself marks with the cluster's tag.
 * `created-in-owned`: that, inside of what carries the tag. `owned`: what carries the tag. `tags-of-owned`: as `owned`, except for the tag itself.
 * `owned-or-node-group`: the security group of the nodes as well.
 */
export type Scope = 'any' | 'created' | 'created-in-owned' | 'owned' | 'tags-of-owned' | 'owned-or-node-group';

export interface Action {
  readonly service: AwsService;
  readonly lane: Lane;
  readonly priority: Priority;
  /** Checks the Lease right before it goes out, and is never sent again once AWS may have applied it. */
  readonly mutating: boolean;
  readonly scope: Scope;
  /** What the policy names, after `arn:*:<service>:*:*:`; none for reads. */
  readonly resources: readonly string[];
  readonly purpose: string;
}

const loadBalancer = ['loadbalancer/net/*/*'];
const targetGroup = ['targetgroup/*/*'];
const listener = ['listener/net/*/*/*'];
const securityGroup = ['security-group/*'];
const taggable = [...loadBalancer, ...targetGroup, ...listener];

const read = (purpose: string) => elb('describe', 'verify', 'any', [], purpose);
const modify = (resources: readonly string[], purpose: string) => elb('modify', 'change', 'owned', resources, purpose);
const remove = (resources: readonly string[], purpose: string) =>
  elb('create-and-delete', 'change', 'owned', resources, purpose);

export const actions = {
  DescribeLoadBalancers: read('the sweep; whether a new one is active'),
  DescribeLoadBalancerAttributes: read('drift of the attributes that are asked for'),
  DescribeListeners: read('drift of listeners'),
  DescribeListenerCertificates: read('certificates beside the default one'),
  DescribeTargetGroups: read('the sweep'),
  DescribeTargetGroupAttributes: read('drift of the attributes that are asked for'),
  DescribeTargetHealth: read('targets and their health'),
  DescribeTags: read('whose a load balancer or target group is'),
  DescribeAccountLimits: read('the quota of load balancers, once it seems to be reached'),

  CreateLoadBalancer: elb('create-and-delete', 'create', 'created', loadBalancer, 'a Service'),
  CreateTargetGroup: elb('create-and-delete', 'create', 'created', targetGroup, 'a port of a Service'),
  CreateListener: elb('create-and-delete', 'create', 'created-in-owned', loadBalancer, 'a port of a Service'),
  DeleteLoadBalancer: remove(loadBalancer, 'a Service that goes'),
  DeleteTargetGroup: remove(targetGroup, 'a port that goes'),
  DeleteListener: remove(listener, 'a port that goes'),

  SetSubnets: modify(loadBalancer, 'the annotation of subnets; a new zone'),
  SetSecurityGroups: modify(loadBalancer, 'the annotation of security groups'),
  SetIpAddressType: modify(loadBalancer, 'a Service that gets a second family'),
  AddListenerCertificates: modify(listener, 'certificates beside the default one'),
  RemoveListenerCertificates: modify(listener, 'certificates beside the default one'),
  AddTags: elb('modify', 'change', 'tags-of-owned', taggable, 'the annotation of tags'),
  RemoveTags: elb('modify', 'change', 'tags-of-owned', taggable, 'the annotation of tags'),

  ModifyListener: modify(listener, 'protocol, certificate, target group of a port'),
  ModifyTargetGroup: modify(targetGroup, 'health checks'),
  ModifyTargetGroupAttributes: modify(targetGroup, 'attributes that are asked for'),
  ModifyLoadBalancerAttributes: modify(loadBalancer, 'attributes that are asked for'),

  RegisterTargets: elb('targets', 'register', 'owned', targetGroup, 'nodes or pods that come'),
  DeregisterTargets: elb('targets', 'deregister', 'owned', targetGroup, 'nodes or pods that go'),

  DescribeSubnets: ec2('ec2-describe', 'verify', 'any', [], 'where a load balancer can stand'),
  DescribeVpcs: ec2('ec2-describe', 'verify', 'any', [], 'which addresses lie in the VPC'),
  DescribeSecurityGroups: ec2('ec2-describe', 'verify', 'any', [], 'the sweep; the group of the nodes'),
  CreateSecurityGroup: ec2('ec2-change', 'create', 'created', securityGroup, 'who may connect to a Service'),
  DeleteSecurityGroup: ec2('ec2-change', 'change', 'owned', securityGroup, 'a Service that goes'),
  AuthorizeSecurityGroupIngress: ec2(
    'ec2-change',
    'change',
    'owned-or-node-group',
    securityGroup,
    'source ranges; the way from the load balancers to the nodes',
  ),
  RevokeSecurityGroupIngress: ec2(
    'ec2-change',
    'change',
    'owned-or-node-group',
    securityGroup,
    'source ranges; the way from the load balancers to the nodes',
  ),
  CreateTags: ec2('ec2-change', 'change', 'tags-of-owned', securityGroup, 'the annotation of tags'),
  DeleteTags: ec2('ec2-change', 'change', 'tags-of-owned', securityGroup, 'the annotation of tags'),
} as const satisfies Readonly<Record<string, Action>>;

export type ActionName = keyof typeof actions;

function elb(lane: Lane, priority: Priority, scope: Scope, resources: readonly string[], purpose: string): Action {
  return { service: 'elasticloadbalancing', lane, priority, mutating: scope !== 'any', scope, resources, purpose };
}

function ec2(lane: Lane, priority: Priority, scope: Scope, resources: readonly string[], purpose: string): Action {
  return { service: 'ec2', lane, priority, mutating: scope !== 'any', scope, resources, purpose };
}
