import { makeSecurityGroup } from '../security-groups/security-groups.ts';
import { describeEc2 } from '../services/describe-ec2.ts';
import { readTagSpecification, tagSet } from '../services/ec2-tags.ts';
import type { Operation } from '../services/service.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Answer } from '../wire/xml.ts';
import type { Account } from '../world/account.ts';
import type { Vpc } from '../world/ec2-model.ts';
import { canonicalCidr, sizeOf } from './cidr.ts';

/** Comes with its default security group and its main route table. */
export const createVpc: Operation = params => {
  const cidr = params.required('CidrBlock');
  const wantsIpv6 = params.flag('AmazonProvidedIpv6CidrBlock') ?? false;
  const tags = readTagSpecification(params, 'vpc');
  if (canonicalCidr(cidr, 'ipv4') !== cidr || sizeOf(cidr) < 16 || sizeOf(cidr) > 65_536)
    throw new Refusal('InvalidVpc.Range', `The CIDR '${cidr}' is invalid.`);
  return account => {
    const ipv6Cidr = wantsIpv6 ? `2600:1f14:${account.newHex(3)}:${account.newHex(1)}00::/56` : undefined;
    const vpc: Vpc = { id: account.newId('vpc'), cidr, ipv6Cidr, tags };
    account.vpcs.set(vpc.id, vpc);
    makeSecurityGroup(account, { name: 'default', description: 'default VPC security group', vpcId: vpc.id });
    const table = {
      id: account.newId('rtb'),
      vpcId: vpc.id,
      main: true,
      routes: [],
      associations: [],
      tags: new Map(),
    };
    account.routeTables.set(table.id, table);
    return { vpc: vpcXml(account, vpc) };
  };
};

export const describeVpcs = describeEc2<Vpc>({
  idParam: 'VpcId',
  notFound: 'InvalidVpcID.NotFound',
  resultSet: 'vpcSet',
  all: account => account.vpcs.values(),
  filters: () => ({ 'vpc-id': vpc => [vpc.id], cidr: vpc => [vpc.cidr], state: () => ['available'] }),
  xml: vpcXml,
});

export function vpcAt(account: Account, id: string): Vpc {
  const vpc = account.vpcs.get(id);
  if (vpc === undefined) throw new Refusal('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`);
  return vpc;
}

function vpcXml(account: Account, { id, cidr, ipv6Cidr, tags }: Vpc): Answer {
  const ipv6 = { ipv6CidrBlock: ipv6Cidr, ipv6CidrBlockState: { state: 'associated' } };
  return {
    vpcId: id,
    ownerId: account.id,
    state: 'available',
    cidrBlock: cidr,
    cidrBlockAssociationSet: [{ cidrBlock: cidr, cidrBlockState: { state: 'associated' } }],
    ipv6CidrBlockAssociationSet: ipv6Cidr === undefined ? [] : [ipv6],
    isDefault: false,
    tagSet: tagSet(tags),
  };
}
