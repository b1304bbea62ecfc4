import { describeEc2 } from '../services/describe-ec2.ts';
import { readTagSpecification, tagSet } from '../services/ec2-tags.ts';
import type { Operation } from '../services/service.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Account } from '../world/account.ts';
import type { Address } from '../world/ec2-model.ts';

export const allocateAddress: Operation = params => {
  if ((params.optional('Domain') ?? 'vpc') !== 'vpc')
    throw new Refusal('InvalidParameterValue', 'Addresses are of the domain vpc');
  const tags = readTagSpecification(params, 'elastic-ip');
  return account => {
    if (account.addresses.size >= account.settings.quotas.addresses)
      throw new Refusal('AddressLimitExceeded', 'The maximum number of addresses has been reached.');
    const hex = account.newHex(6);
    const octets = [0, 2, 4].map(at => Number.parseInt(hex.slice(at, at + 2), 16));
    const address: Address = { id: account.newId('eipalloc'), publicIp: ['52', ...octets].join('.'), tags };
    account.addresses.set(address.id, address);
    return { allocationId: address.id, publicIp: address.publicIp, domain: 'vpc' };
  };
};

export const releaseAddress: Operation = params => {
  const id = params.required('AllocationId');
  return account => {
    if (!account.addresses.has(id))
      throw new Refusal('InvalidAllocationID.NotFound', `The allocation ID '${id}' does not exist`);
    if (userOf(account, id) !== undefined)
      throw new Refusal('InvalidIPAddress.InUse', `The address with allocation ID '${id}' is in use`);
    account.addresses.delete(id);
    return { return: true };
  };
};

export const describeAddresses = describeEc2<Address>({
  idParam: 'AllocationId',
  notFound: 'InvalidAllocationID.NotFound',
  resultSet: 'addressesSet',
  all: account => account.addresses.values(),
  filters: account => ({
    'allocation-id': address => [address.id],
    'public-ip': address => [address.publicIp],
    'network-interface-id': address => [userOf(account, address.id)?.id],
    domain: () => ['vpc'],
  }),
  xml(account, { id, publicIp, tags }) {
    const user = userOf(account, id);
    return {
      allocationId: id,
      publicIp,
      domain: 'vpc',
      associationId: user === undefined ? undefined : id.replace('eipalloc', 'eipassoc'),
      networkInterfaceId: user?.id,
      privateIpAddress: user?.privateIp,
      tagSet: tagSet(tags),
    };
  },
});

function userOf(account: Account, allocationId: string) {
  return account.interfaces().find(one => one.allocationId === allocationId);
}
