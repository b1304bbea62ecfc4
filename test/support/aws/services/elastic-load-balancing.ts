import { describeListenerAttributes, modifyListenerAttributes } from '../listeners/attributes.ts';
import {
  addListenerCertificates,
  describeListenerCertificates,
  removeListenerCertificates,
} from '../listeners/certificates.ts';
import { createListener } from '../listeners/create-listener.ts';
import { deleteListener, describeListeners, modifyListener } from '../listeners/listeners.ts';
import { describeLoadBalancerAttributes, modifyLoadBalancerAttributes } from '../load-balancers/attributes.ts';
import { createLoadBalancer } from '../load-balancers/create-load-balancer.ts';
import { deleteLoadBalancer, describeLoadBalancers } from '../load-balancers/load-balancers.ts';
import { setIpAddressType, setSecurityGroups, setSubnets } from '../load-balancers/set-load-balancer.ts';
import { describeTargetGroupAttributes, modifyTargetGroupAttributes } from '../target-groups/attributes.ts';
import { createTargetGroup } from '../target-groups/create-target-group.ts';
import { describeTargetHealth } from '../target-groups/health.ts';
import { deleteTargetGroup, describeTargetGroups, modifyTargetGroup } from '../target-groups/target-groups.ts';
import { deregisterTargets, registerTargets } from '../target-groups/targets.ts';
import { addTags, describeTags, removeTags } from './elb-tags.ts';
import type { Operation, Service } from './service.ts';

/** The account's quotas, by AWS's names. */
const describeAccountLimits: Operation = params => {
  params.within('PageSize', 1, 400);
  return ({ settings: { quotas } }) => ({
    Limits: Object.entries({
      'network-load-balancers': quotas.loadBalancers,
      'target-groups': quotas.targetGroups,
      'listeners-per-network-load-balancer': quotas.listenersPerLoadBalancer,
      'targets-per-network-load-balancer': quotas.targetsPerLoadBalancer,
      'targets-per-target-group': quotas.targetsPerTargetGroup,
    }).map(([Name, Max]) => ({ Name, Max })),
  });
};

export const elasticLoadBalancing: Service = {
  name: 'elasticloadbalancing',
  version: '2015-12-01',
  dialect: {
    listInfix: ['member'],
    malformed: 'ValidationError',
    missing: 'ValidationError',
    unknown: 'ValidationError',
  },
  operations: {
    AddListenerCertificates: addListenerCertificates,
    AddTags: addTags,
    CreateListener: createListener,
    CreateLoadBalancer: createLoadBalancer,
    CreateTargetGroup: createTargetGroup,
    DeleteListener: deleteListener,
    DeleteLoadBalancer: deleteLoadBalancer,
    DeleteTargetGroup: deleteTargetGroup,
    DeregisterTargets: deregisterTargets,
    DescribeAccountLimits: describeAccountLimits,
    DescribeListenerAttributes: describeListenerAttributes,
    DescribeListenerCertificates: describeListenerCertificates,
    DescribeListeners: describeListeners,
    DescribeLoadBalancerAttributes: describeLoadBalancerAttributes,
    DescribeLoadBalancers: describeLoadBalancers,
    DescribeTags: describeTags,
    DescribeTargetGroupAttributes: describeTargetGroupAttributes,
    DescribeTargetGroups: describeTargetGroups,
    DescribeTargetHealth: describeTargetHealth,
    ModifyListener: modifyListener,
    ModifyListenerAttributes: modifyListenerAttributes,
    ModifyLoadBalancerAttributes: modifyLoadBalancerAttributes,
    ModifyTargetGroup: modifyTargetGroup,
    ModifyTargetGroupAttributes: modifyTargetGroupAttributes,
    RegisterTargets: registerTargets,
    RemoveListenerCertificates: removeListenerCertificates,
    RemoveTags: removeTags,
    SetIpAddressType: setIpAddressType,
    SetSecurityGroups: setSecurityGroups,
    SetSubnets: setSubnets,
  },
};
