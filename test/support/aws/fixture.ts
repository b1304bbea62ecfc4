import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  type EC2Client,
  type ResourceType,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';

/** A network with nodes, as a cluster on AWS has it (reference §5). */
export interface Fixture {
  readonly cluster: string;
  readonly vpcId: string;
  /** `a` and `b` are public, tagged for internet-facing balancers, `c` and `d` for internal ones; zones 2a, 2b, 2a, 2b. */
  readonly subnets: Readonly<Record<'a' | 'b' | 'c' | 'd', string>>;
  /** i1 … in `a` and `b` in turn. */
  readonly instances: readonly FixtureInstance[];
  /** On all instances, tagged `kubernetes.io/cluster/<cluster>=owned`. */
  readonly nodeSecurityGroup: string;
}

export interface FixtureInstance {
  readonly id: string;
  readonly zone: string;
  readonly privateIp: string;
}

export interface FixtureOptions {
  readonly cluster?: string;
  readonly instances?: number;
  /** Of the subnets: /24 has room for 251 balancers and instances, less than a test of 500 Services needs. */
  readonly prefix?: 20 | 24;
  readonly dualStack?: boolean;
}

/** Makes it through the SDK, on whatever endpoint. */
export async function seedFixture(ec2: EC2Client, options: FixtureOptions = {}): Promise<Fixture> {
  const { cluster = 'test', instances: count = 3 } = options;
  const { Vpc } = await ec2.send(
    new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: options.dualStack ?? false }),
  );
  const vpcId = known(Vpc?.VpcId);
  const subnets = await makeSubnets(ec2, vpcId, Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock, options);
  await makePublic(ec2, vpcId, [subnets.a, subnets.b]);
  const nodeSecurityGroup = await makeNodeGroup(ec2, vpcId, cluster);
  const instances: FixtureInstance[] = [];
  for (let index = 0; index < count; index++)
    instances.push(await runInstance(ec2, index % 2 === 0 ? subnets.a : subnets.b, nodeSecurityGroup));
  return { cluster, vpcId, subnets, instances, nodeSecurityGroup };
}

async function makeSubnets(
  ec2: EC2Client,
  vpcId: string,
  ipv6: string | undefined,
  { prefix = 24 }: FixtureOptions,
): Promise<Fixture['subnets']> {
  const make = async (index: number, zone: string, role: string) => {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId: vpcId,
        CidrBlock: `10.0.${index * (prefix === 24 ? 1 : 16)}.0/${prefix}`,
        ...(ipv6 !== undefined && { Ipv6CidrBlock: ipv6.replace(/00::\/56$/, `0${index}::/64`) }),
        AvailabilityZone: zone,
        TagSpecifications: [tagged('subnet', { [`kubernetes.io/role/${role}`]: '1' })],
      }),
    );
    return known(Subnet?.SubnetId);
  };
  return {
    a: await make(0, 'us-west-2a', 'elb'),
    b: await make(1, 'us-west-2b', 'elb'),
    c: await make(2, 'us-west-2a', 'internal-elb'),
    d: await make(3, 'us-west-2b', 'internal-elb'),
  };
}

async function makePublic(ec2: EC2Client, vpcId: string, subnetIds: readonly string[]): Promise<void> {
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const gatewayId = known(InternetGateway?.InternetGatewayId);
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: gatewayId, VpcId: vpcId }));
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId: vpcId }));
  const tableId = known(RouteTable?.RouteTableId);
  const route = { RouteTableId: tableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: gatewayId };
  await ec2.send(new CreateRouteCommand(route));
  for (const subnetId of subnetIds)
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId: tableId, SubnetId: subnetId }));
}

async function makeNodeGroup(ec2: EC2Client, vpcId: string, cluster: string): Promise<string> {
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: 'node-sg',
      Description: 'nodes',
      VpcId: vpcId,
      TagSpecifications: [tagged('security-group', { [`kubernetes.io/cluster/${cluster}`]: 'owned' })],
    }),
  );
  return known(GroupId);
}

/** Another node. */
export async function runInstance(ec2: EC2Client, subnetId: string, groupId: string): Promise<FixtureInstance> {
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
  const [made] = Instances ?? [];
  return {
    id: known(made?.InstanceId),
    zone: known(made?.Placement?.AvailabilityZone),
    privateIp: known(made?.PrivateIpAddress),
  };
}

function tagged(ResourceType: ResourceType, tags: Readonly<Record<string, string>>) {
  return { ResourceType, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}

function known(value: string | undefined): string {
  if (value === undefined) throw new Error('The endpoint made something and did not say what');
  return value;
}
