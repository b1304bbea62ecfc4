import { describeEc2 } from '../services/describe-ec2.ts';
import { tagSet } from '../services/ec2-tags.ts';
import type { NetworkInterface } from '../world/ec2-model.ts';

/** Those of instances and of load balancers; the latter's stay for a while when their owner has gone. */
export const describeNetworkInterfaces = describeEc2<NetworkInterface>({
  idParam: 'NetworkInterfaceId',
  notFound: 'InvalidNetworkInterfaceID.NotFound',
  resultSet: 'networkInterfaceSet',
  all: account => account.interfaces(),
  filters: account => ({
    'network-interface-id': one => [one.id],
    'vpc-id': one => [one.vpcId],
    'subnet-id': one => [one.subnetId],
    'group-id': one => one.securityGroups,
    'interface-type': one => [one.type],
    'attachment.instance-id': one => [account.instances.get(one.owner)?.id],
    'private-ip-address': one => [one.privateIp],
    description: one => [one.description],
    status: () => ['in-use'],
  }),
  xml: (account, one) => ({
    networkInterfaceId: one.id,
    subnetId: one.subnetId,
    vpcId: one.vpcId,
    availabilityZone: account.subnets.get(one.subnetId)?.zone,
    description: one.description,
    ownerId: account.id,
    requesterId: one.type === 'network_load_balancer' ? 'amazon-elb' : undefined,
    requesterManaged: one.type === 'network_load_balancer',
    interfaceType: one.type,
    status: 'in-use',
    privateIpAddress: one.privateIp,
    groupSet: one.securityGroups.map(id => ({ groupId: id, groupName: account.securityGroups.get(id)?.name })),
    ipv6AddressesSet: one.ipv6 === undefined ? [] : [{ ipv6Address: one.ipv6 }],
    attachment: account.instances.has(one.owner) ? { instanceId: one.owner, status: 'attached' } : undefined,
    association:
      one.allocationId === undefined
        ? undefined
        : { allocationId: one.allocationId, publicIp: account.addresses.get(one.allocationId)?.publicIp },
    tagSet: tagSet(one.tags),
  }),
});
