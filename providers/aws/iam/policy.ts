import { type Action, type ActionName, type AwsService, actions, type Scope } from '../client/actions.ts';
import { tagKeys } from '../model/tags.ts';

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** To be replaced by the operator: the `kubernetes.io/cluster/<name>` tag of the nodes' security group. */
export const clusterNamePlaceholder = 'CLUSTER_NAME';

/**
 * What AWS asks of the caller of an action beside the action itself
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-permissions.html).
 */
const askedBeside: Readonly<Partial<Record<ActionName, readonly string[]>>> = {
  CreateLoadBalancer: [
    'ec2:DescribeAccountAttributes',
    'ec2:DescribeAddresses',
    'ec2:DescribeInternetGateways',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeSubnets',
    'ec2:DescribeVpcs',
  ],
  CreateTargetGroup: ['ec2:DescribeInternetGateways', 'ec2:DescribeVpcs'],
  RegisterTargets: ['ec2:DescribeInstances', 'ec2:DescribeInternetGateways', 'ec2:DescribeSubnets', 'ec2:DescribeVpcs'],
  SetIpAddressType: ['ec2:DescribeSubnets'],
  SetSubnets: ['ec2:DescribeSubnets'],
};

const marked = { [`aws:RequestTag/${tagKeys.cluster}`]: 'false' };
const owned = { [`aws:ResourceTag/${tagKeys.cluster}`]: 'false' };
/** Whose a thing is cannot be changed by tagging it. */
const notTheMarks = { 'ForAllValues:StringNotEquals': { 'aws:TagKeys': [tagKeys.cluster, tagKeys.uid] } };

/**
 * The least that fairlead needs: reads of everything, creates only with the cluster's tag in the request, changes only of what carries it. Pure, of
 * the table of actions.
 */
export function iamPolicy(): Policy {
  return {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'Read', Effect: 'Allow', Action: reads(), Resource: '*' },
      allow('Create', 'elasticloadbalancing', ['created'], { Null: marked }),
      allow('CreateInOwned', 'elasticloadbalancing', ['created-in-owned'], { Null: { ...marked, ...owned } }),
      tagsOfCreates('TagWhatIsCreated', 'elasticloadbalancing', 'AddTags'),
      allow('ChangeOwned', 'elasticloadbalancing', ['owned'], { Null: owned }),
      allow('TagOwned', 'elasticloadbalancing', ['tags-of-owned'], { Null: owned, ...notTheMarks }),
      allow('CreateGroup', 'ec2', ['created'], { Null: marked }),
      {
        Sid: 'CreateGroupInVpc',
        Effect: 'Allow',
        Action: actionsOf('ec2', ['created']),
        Resource: 'arn:*:ec2:*:*:vpc/*',
      },
      tagsOfCreates('TagGroupThatIsCreated', 'ec2', 'CreateTags'),
      allow('ChangeOwnedGroup', 'ec2', ['owned', 'owned-or-node-group'], { Null: owned }),
      allow('TagOwnedGroup', 'ec2', ['tags-of-owned'], { Null: owned, ...notTheMarks }),
      allow('LetLoadBalancersReachNodes', 'ec2', ['owned-or-node-group'], {
        StringEquals: { [`aws:ResourceTag/kubernetes.io/cluster/${clusterNamePlaceholder}`]: ['owned', 'shared'] },
      }),
      serviceLinkedRole,
    ],
  };
}

/** As the file that is shipped. */
export function iamPolicyText(): string {
  return `${JSON.stringify(iamPolicy(), null, 2)}\n`;
}

/** The first load balancer of an account makes it. */
const serviceLinkedRole: Statement = {
  Sid: 'FirstLoadBalancerOfAccount',
  Effect: 'Allow',
  Action: ['iam:CreateServiceLinkedRole'],
  Resource: 'arn:*:iam::*:role/aws-service-role/elasticloadbalancing.amazonaws.com/*',
  Condition: { StringEquals: { 'iam:AWSServiceName': 'elasticloadbalancing.amazonaws.com' } },
};

function reads(): readonly string[] {
  const own = rows()
    .filter(([, { scope }]) => scope === 'any')
    .map(([name, { service }]) => `${service}:${name}`);
  return [...new Set([...own, ...Object.values(askedBeside).flat()])].toSorted();
}

function allow(
  Sid: string,
  service: AwsService,
  scopes: readonly Scope[],
  Condition: NonNullable<Statement['Condition']>,
): Statement {
  return {
    Sid,
    Effect: 'Allow',
    Action: actionsOf(service, scopes),
    Resource: resourcesOf(service, scopes),
    Condition,
  };
}

/** A create that carries tags is also asked for the right to tag, for this one moment. */
function tagsOfCreates(Sid: string, service: AwsService, action: ActionName): Statement {
  const creates = rows()
    .filter(([, row]) => row.service === service && row.scope.startsWith('created'))
    .map(([name]) => name);
  return {
    Sid,
    Effect: 'Allow',
    Action: [`${service}:${action}`],
    Resource: resourcesOf(service, ['tags-of-owned']),
    Condition: { StringEquals: { [`${service}:CreateAction`]: creates }, Null: marked },
  };
}

function actionsOf(service: AwsService, scopes: readonly Scope[]): readonly string[] {
  return rows()
    .filter(([, row]) => row.service === service && scopes.includes(row.scope))
    .map(([name]) => `${service}:${name}`)
    .toSorted();
}

function resourcesOf(service: AwsService, scopes: readonly Scope[]): readonly string[] {
  const named = rows()
    .filter(([, row]) => row.service === service && scopes.includes(row.scope))
    .flatMap(([, { resources }]) => resources);
  return [...new Set(named)].toSorted().map(resource => `arn:*:${service}:*:*:${resource}`);
}

function rows(): readonly (readonly [string, Action])[] {
  return Object.entries(actions);
}
