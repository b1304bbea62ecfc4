import type { IpFamily } from '../../../src/provider/provider.ts';
import { gceFaultOf, isAlreadyExists } from '../client/classify-error.ts';
import type { Address } from '../client/resources.ts';
import type { Writer } from '../writing/writer.ts';
import { bare } from './addresses.ts';
import type { Making } from './own-parts.ts';

/** Of an address held or kept; `undefined`: there is none. */
export function ownAddress({ desired, writer }: Making, family: IpFamily): string | undefined {
  const names = [desired.names.heldAddress(family), desired.names.keptAddress(family)];
  return names.map(name => writer.find('addresses', name)?.address).find(one => one !== undefined);
}

/** Makes the address one that stays while rules come and go. Returns it. */
export async function holdAddress(
  making: Making,
  family: IpFamily,
  address: string | undefined,
): Promise<string | undefined> {
  const { api, call, writer, desired } = making;
  const name = desired.names.heldAddress(family);
  const found = writer.find('addresses', name);
  if (found?.address !== undefined) return found.address;
  try {
    await writer.insert('addresses', addressBody(making, name, family, address));
    return address ?? (await readAddress(writer, name));
  } catch (error) {
    if (address === undefined || !isAddressRefused(error)) throw error;
    // It is reserved already, by the user: nothing is to be done.
    const reserved = await api.list('addresses', { filter: `address = "${bare(address)}"` }, call);
    if (reserved.length === 0) throw error;
    return address;
  }
}

async function readAddress(writer: Writer, name: string): Promise<string> {
  const made = await writer.read('addresses', name);
  if (made?.address === undefined) throw new Error(`the address ${name} is not there yet`);
  return made.address;
}

/** The address that outlives the Service; `undefined`: it is the user's own, and does so anyway. */
export async function keepAddress(
  making: Making,
  family: IpFamily,
  address: string | undefined,
): Promise<string | undefined> {
  const { writer, desired, asked } = making;
  const name = desired.names.keptAddress(family);
  const found = writer.find('addresses', name);
  if (found?.address !== undefined) return found.address;
  if (address !== undefined && asked.some(({ ip }) => bare(ip) === bare(address))) return undefined;
  if (found === undefined) await writer.insert('addresses', addressBody(making, name, family, address));
  return readAddress(writer, name);
}

function addressBody(making: Making, name: string, family: IpFamily, address: string | undefined): Address {
  const { desired } = making;
  const isExternal = desired.scheme === 'EXTERNAL';
  const isNewV6 = family === 'IPv6' && address === undefined;
  const needsSubnet = !isExternal || isNewV6;
  return {
    name,
    description: desired.description,
    labels: desired.labels,
    addressType: desired.scheme,
    ...(address === undefined ? {} : { address: bare(address) }),
    ...(family === 'IPv6' && address !== undefined && isExternal ? { prefixLength: 96 } : {}),
    ...(isNewV6 ? { ipVersion: 'IPV6' } : {}),
    ...(isNewV6 && isExternal ? { ipv6EndpointType: 'NETLB' } : {}),
    ...(isExternal ? { networkTier: desired.tier } : {}),
    ...(needsSubnet && desired.subnetwork !== undefined ? { subnetwork: desired.subnetwork } : {}),
  };
}

/** As a firewall rule has it: a forwarding rule of IPv6 has 2^32 addresses. */
export function rangeOf(address: string): string {
  return address.includes('/') ? address : `${address}/${address.includes(':') ? 96 : 32}`;
}

/** The API has said no to the address, and not to the name or the quota. */
export function isAddressRefused(error: unknown): boolean {
  const fault = gceFaultOf(error);
  return (
    fault !== undefined &&
    [400, 409, 412].includes(fault.http) &&
    !isAlreadyExists(error) &&
    /address|\bIP\b/i.test(fault.message)
  );
}
