import { Refusal } from '../wire/refusal.ts';
import type { Account } from '../world/account.ts';
import type { NetworkInterface, Subnet } from '../world/ec2-model.ts';
import { addressAt, sizeOf } from './cidr.ts';

/** AWS keeps the first four addresses of a subnet and the last. */
const reserved = 5;

export function freeAddresses(account: Account, subnet: Subnet): number {
  return sizeOf(subnet.cidr) - reserved - usedIn(account, subnet).size;
}

export function isFree(account: Account, subnet: Subnet, address: string): boolean {
  return !usedIn(account, subnet).has(address);
}

/** Makes an interface in the subnet, at `privateIp` or the first free address. */
export function addInterface(
  account: Account,
  subnet: Subnet,
  made: Pick<NetworkInterface, 'owner' | 'description' | 'type' | 'securityGroups'> &
    Partial<Pick<NetworkInterface, 'privateIp' | 'ipv6' | 'allocationId'>>,
): void {
  account.addInterface({
    ...made,
    id: account.newId('eni'),
    tags: new Map(),
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    privateIp: made.privateIp ?? firstFree(account, subnet),
  });
}

function firstFree(account: Account, subnet: Subnet): string {
  const used = usedIn(account, subnet);
  for (let index = reserved - 1; index < sizeOf(subnet.cidr) - 1; index++) {
    const address = addressAt(subnet.cidr, index);
    if (!used.has(address)) return address;
  }
  throw new Refusal('InsufficientFreeAddressesInSubnet', `The subnet ${subnet.id} has no free address`);
}

function usedIn(account: Account, subnet: Subnet): ReadonlySet<string> {
  const here = account.interfaces().filter(({ subnetId }) => subnetId === subnet.id);
  return new Set(here.map(({ privateIp }) => privateIp));
}
