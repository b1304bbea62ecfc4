import { BlockList, isIPv6 } from 'node:net';

/** Whether an address is in one of these CIDRs. Pure. What is no address or no CIDR is in nothing. */
export function isInside(address: string, cidrs: readonly string[]): boolean {
  return check(listOf(cidrs), address);
}

/** Where an address is, seen from a VPC: inside, outside, or nowhere that AWS would send to. */
export type PlaceOf = (address: string) => 'inside' | 'outside' | 'nowhere';

/** What AWS takes as an address outside the VPC: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html */
const reachableOutside = listOf(['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16']);

/** For many addresses. Pure. */
export function placesSeenFrom(subnetCidrs: readonly string[]): PlaceOf {
  const subnets = listOf(subnetCidrs);
  return address => {
    if (check(subnets, address)) return 'inside';
    return check(reachableOutside, address) ? 'outside' : 'nowhere';
  };
}

function listOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [base = '', bits = ''] = cidr.split('/');
    const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
    const isSix = isIPv6(base);
    if (prefix <= (isSix ? 128 : 32)) list.addSubnet(base, prefix, isSix ? 'ipv6' : 'ipv4');
  }
  return list;
}

function check(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
