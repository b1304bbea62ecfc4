import { CreateSubnetCommand, CreateVpcCommand, type EC2Client } from '@aws-sdk/client-ec2';
import {
  known,
  makeNodeGroup,
  makePublic,
  runInstance,
  type SeededInstance,
} from '../../../deploy/local-cluster/aws/seed-network.mjs';

/** A network with nodes, as a cluster on AWS has it (reference §5). */
export interface Fixture {
  readonly cluster: string;
  readonly vpcId: string;
  /** `a` and `b` are public, tagged for internet-facing balancers, `c` and `d` for internal ones; zones 2a, 2b, 2a, 2b. */
  readonly subnets: Readonly<Record<'a' | 'b' | 'c' | 'd', string>>;
  /** i1 … in `a` and `b` in turn. */
  readonly instances: readonly SeededInstance[];
  /** On all instances, tagged `kubernetes.io/cluster/<cluster>=owned`. */
  readonly nodeSecurityGroup: string;
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
  const nodeSecurityGroup = await makeNodeGroup(ec2, vpcId, cluster, 'node-sg');
  const instances: SeededInstance[] = [];
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
        TagSpecifications: [{ ResourceType: 'subnet', Tags: [{ Key: `kubernetes.io/role/${role}`, Value: '1' }] }],
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
