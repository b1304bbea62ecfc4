import { allocateAddress, describeAddresses, releaseAddress } from '../network/addresses.ts';
import {
  describeInstances,
  runInstances,
  startInstances,
  stopInstances,
  terminateInstances,
} from '../network/instances.ts';
import { describeNetworkInterfaces } from '../network/interfaces.ts';
import {
  associateRouteTable,
  attachInternetGateway,
  createInternetGateway,
  createRoute,
  createRouteTable,
  describeRouteTables,
} from '../network/routes.ts';
import { createSubnet, describeAvailabilityZones, describeSubnets } from '../network/subnets.ts';
import { createVpc, describeVpcs } from '../network/vpcs.ts';
import { authorizeSecurityGroupIngress, revokeSecurityGroupIngress } from '../security-groups/rules.ts';
import {
  createSecurityGroup,
  deleteSecurityGroup,
  describeSecurityGroups,
} from '../security-groups/security-groups.ts';
import { createTags, deleteTags } from './ec2-tags.ts';
import type { Service } from './service.ts';

export const ec2: Service = {
  name: 'ec2',
  version: '2016-11-15',
  dialect: {
    listInfix: [],
    malformed: 'InvalidParameterValue',
    missing: 'MissingParameter',
    unknown: 'UnknownParameter',
  },
  operations: {
    AllocateAddress: allocateAddress,
    AssociateRouteTable: associateRouteTable,
    AttachInternetGateway: attachInternetGateway,
    AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress,
    CreateInternetGateway: createInternetGateway,
    CreateRoute: createRoute,
    CreateRouteTable: createRouteTable,
    CreateSecurityGroup: createSecurityGroup,
    CreateSubnet: createSubnet,
    CreateTags: createTags,
    CreateVpc: createVpc,
    DeleteSecurityGroup: deleteSecurityGroup,
    DeleteTags: deleteTags,
    DescribeAddresses: describeAddresses,
    DescribeAvailabilityZones: describeAvailabilityZones,
    DescribeInstances: describeInstances,
    DescribeNetworkInterfaces: describeNetworkInterfaces,
    DescribeRouteTables: describeRouteTables,
    DescribeSecurityGroups: describeSecurityGroups,
    DescribeSubnets: describeSubnets,
    DescribeVpcs: describeVpcs,
    ReleaseAddress: releaseAddress,
    RevokeSecurityGroupIngress: revokeSecurityGroupIngress,
    RunInstances: runInstances,
    StartInstances: startInstances,
    StopInstances: stopInstances,
    TerminateInstances: terminateInstances,
  },
};
