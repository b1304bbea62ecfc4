import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { region } from './clients.mjs';

/**
 * @typedef {import('@aws-sdk/client-ec2').EC2Client} EC2Client
 * @typedef {{ readonly id: string, readonly zone: string, readonly privateIp: string }} SeededInstance
 * @typedef {{ vpcId: string, subnetIds: readonly string[], nodeSecurityGroup: string, instances: readonly SeededInstance[] }} SeededNetwork
 */

const zones = ['a', 'b'].map(letter => `${region}${letter}`);

/**
 * What a cluster on AWS stands in, and whoever makes clusters makes: a VPC, a public subnet in each of two zones, tagged for internet-facing
 * balancers, instances for nodes, and their security group with the cluster's tag.
 * @param {EC2Client} ec2
 * @param {{ clusterName: string, instances: number }} options
 * @returns {Promise<SeededNetwork>}
 */
export async function seedNetwork(ec2, { clusterName, instances: count }) {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const vpcId = known(Vpc?.VpcId);
  /** @type {string[]} */
  const subnetIds = [];
  for (const [index, zone] of zones.entries()) subnetIds.push(await makeSubnet(ec2, vpcId, index, zone));
  await makePublic(ec2, vpcId, subnetIds);
  const nodeSecurityGroup = await makeNodeGroup(ec2, vpcId, clusterName, `${clusterName}-nodes`);
  /** @type {SeededInstance[]} */
  const instances = [];
  for (let index = 0; index < count; index++)
    instances.push(await runInstance(ec2, known(subnetIds[index % subnetIds.length]), nodeSecurityGroup));
  return { vpcId, subnetIds, nodeSecurityGroup, instances };
}

/**
 * @param {EC2Client} ec2
 * @param {string} vpcId
 * @param {number} index
 * @param {string} zone
 */
async function makeSubnet(ec2, vpcId, index, zone) {
  const { Subnet } = await ec2.send(
    new CreateSubnetCommand({
      VpcId: vpcId,
      CidrBlock: `10.0.${index}.0/24`,
      AvailabilityZone: zone,
      TagSpecifications: [{ ResourceType: 'subnet', Tags: [{ Key: 'kubernetes.io/role/elb', Value: '1' }] }],
    }),
  );
  return known(Subnet?.SubnetId);
}

/**
 * An internet gateway, and a route to it from the subnets.
 * @param {EC2Client} ec2
 * @param {string} vpcId
 * @param {readonly string[]} subnetIds
 */
export async function makePublic(ec2, vpcId, subnetIds) {
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const gateway = known(InternetGateway?.InternetGatewayId);
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: gateway, VpcId: vpcId }));
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId: vpcId }));
  const table = known(RouteTable?.RouteTableId);
  await ec2.send(
    new CreateRouteCommand({ RouteTableId: table, DestinationCidrBlock: '0.0.0.0/0', GatewayId: gateway }),
  );
  for (const subnetId of subnetIds)
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId: table, SubnetId: subnetId }));
}

/**
 * The security group of the cluster's nodes.
 * @param {EC2Client} ec2
 * @param {string} vpcId
 * @param {string} clusterName
 * @param {string} name
 */
export async function makeNodeGroup(ec2, vpcId, clusterName, name) {
  const Tags = [{ Key: `kubernetes.io/cluster/${clusterName}`, Value: 'owned' }];
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: name,
      Description: 'nodes',
      VpcId: vpcId,
      TagSpecifications: [{ ResourceType: 'security-group', Tags }],
    }),
  );
  return known(GroupId);
}

/**
 * A node's instance.
 * @param {EC2Client} ec2
 * @param {string} subnetId
 * @param {string} groupId
 * @returns {Promise<SeededInstance>}
 */
export async function runInstance(ec2, subnetId, groupId) {
  const { Instances } = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12c6146b',
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnetId,
      SecurityGroupIds: [groupId],
    }),
  );
  const made = Instances?.[0];
  return {
    id: known(made?.InstanceId),
    zone: known(made?.Placement?.AvailabilityZone),
    privateIp: known(made?.PrivateIpAddress),
  };
}

/**
 * What an emulator's answer must hold.
 * @param {string | undefined} value
 */
export function known(value) {
  if (value === undefined) throw new Error('the emulator made something and did not say what');
  return value;
}
