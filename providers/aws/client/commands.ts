/**
 * The SDK at run time: the only file that imports it as more than types, and itself imported by `import()` once this provider has been chosen.
 * By name, so that a bundle holds these commands and none of the 700 others of EC2.
 */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DeleteTagsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import {
  AddListenerCertificatesCommand,
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  RemoveListenerCertificatesCommand,
  RemoveTagsCommand,
  SetIpAddressTypeCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ActionName, AwsService } from './actions.ts';

export const clients = { elasticloadbalancing: ElasticLoadBalancingV2Client, ec2: EC2Client } as const satisfies Record<
  AwsService,
  unknown
>;

export const commands = {
  DescribeLoadBalancers: DescribeLoadBalancersCommand,
  DescribeLoadBalancerAttributes: DescribeLoadBalancerAttributesCommand,
  DescribeListeners: DescribeListenersCommand,
  DescribeListenerCertificates: DescribeListenerCertificatesCommand,
  DescribeTargetGroups: DescribeTargetGroupsCommand,
  DescribeTargetGroupAttributes: DescribeTargetGroupAttributesCommand,
  DescribeTargetHealth: DescribeTargetHealthCommand,
  DescribeTags: DescribeTagsCommand,
  CreateLoadBalancer: CreateLoadBalancerCommand,
  CreateTargetGroup: CreateTargetGroupCommand,
  CreateListener: CreateListenerCommand,
  DeleteLoadBalancer: DeleteLoadBalancerCommand,
  DeleteTargetGroup: DeleteTargetGroupCommand,
  DeleteListener: DeleteListenerCommand,
  SetSubnets: SetSubnetsCommand,
  SetSecurityGroups: SetSecurityGroupsCommand,
  SetIpAddressType: SetIpAddressTypeCommand,
  AddListenerCertificates: AddListenerCertificatesCommand,
  RemoveListenerCertificates: RemoveListenerCertificatesCommand,
  AddTags: AddTagsCommand,
  RemoveTags: RemoveTagsCommand,
  ModifyListener: ModifyListenerCommand,
  ModifyTargetGroup: ModifyTargetGroupCommand,
  ModifyTargetGroupAttributes: ModifyTargetGroupAttributesCommand,
  ModifyLoadBalancerAttributes: ModifyLoadBalancerAttributesCommand,
  RegisterTargets: RegisterTargetsCommand,
  DeregisterTargets: DeregisterTargetsCommand,
  DescribeSubnets: DescribeSubnetsCommand,
  DescribeVpcs: DescribeVpcsCommand,
  DescribeSecurityGroups: DescribeSecurityGroupsCommand,
  CreateSecurityGroup: CreateSecurityGroupCommand,
  DeleteSecurityGroup: DeleteSecurityGroupCommand,
  AuthorizeSecurityGroupIngress: AuthorizeSecurityGroupIngressCommand,
  RevokeSecurityGroupIngress: RevokeSecurityGroupIngressCommand,
  CreateTags: CreateTagsCommand,
  DeleteTags: DeleteTagsCommand,
} as const satisfies Record<ActionName, unknown>;

export type Commands = typeof commands;
