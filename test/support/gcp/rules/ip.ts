import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** A bare address is a range of one. */
export const isRange = (text: string): boolean => isIP(text) !== 0 || isCidr(text);

const isCidr = (text: string): boolean => {
  const [address = '', prefix = ''] = text.split('/');
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= most;
};

export const familyOf = (text: string): 4 | 6 => (isIP(text.split('/')[0] ?? '') === 6 ? 6 : 4);

export function contains(cidr: string, address: string): boolean {
  const [base = '', prefix = ''] = cidr.split('/');
  const family = familyOf(base) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || (isIPv6(address) ? 'ipv6' : 'ipv4') !== family) return false;
  const block = new BlockList();
  block.addSubnet(base, prefix === '' ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
  return block.check(address, family);
}

/** The n-th address of a range of IPv4. */
export function nthAddress(cidr: string, n: number): string {
  const [base = ''] = cidr.split('/');
  const number = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + n;
  return [24, 16, 8, 0].map(shift => Math.floor(number / 2 ** shift) % 256).join('.');
}
