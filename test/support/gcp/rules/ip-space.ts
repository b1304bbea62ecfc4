import { ipConflict } from '../world/api-error.ts';
import type { StoredObject } from '../world/store.ts';
import type { GceWorld } from '../world/world.ts';
import { partsOf, textOf } from './fields.ts';
import { contains, nthAddress } from './ip.ts';

/** Which addresses belong to whom. External ones come from ranges for measurements, so that no real one is ever named. */
const external = { PREMIUM: '198.18.0.0/16', STANDARD: '198.19.0.0/16' } as const;
export type Tier = keyof typeof external;

/** What an address is wanted for. */
export interface Wish {
  readonly type: 'EXTERNAL' | 'INTERNAL';
  readonly version: 'IPV4' | 'IPV6';
  readonly tier: Tier;
  /** The subnetwork that internal addresses, and all of IPv6, come from. */
  readonly subnetwork: StoredObject | undefined;
}

export function tierOf(ip: string): Tier {
  return contains(external.STANDARD, ip) ? 'STANDARD' : 'PREMIUM';
}

/** The reserved address with this value, in whichever state. */
export function reservationOf(world: GceWorld, ip: string): StoredObject | undefined {
  return world.store.all('addresses').find(({ fields }) => fields['address'] === ip);
}

export function rulesOn(world: GceWorld, ip: string): readonly StoredObject[] {
  return world.store.all('forwardingRules').filter(({ fields }) => textOf(fields, 'IPAddress')?.split('/')[0] === ip);
}

export function instanceWith(world: GceWorld, ip: string): StoredObject | undefined {
  return world.store
    .all('instances')
    .find(({ fields }) => partsOf(fields, 'networkInterfaces').some(one => one['networkIP'] === ip));
}

/** One that nobody has. */
export function allocate(world: GceWorld, wish: Wish): string {
  for (let n = 2; n < 60_000; n++) {
    const ip = candidate(wish, n);
    if (isFree(world, ip)) return ip;
  }
  throw ipConflict('There are no free addresses.');
}

export function isFree(world: GceWorld, ip: string): boolean {
  return (
    reservationOf(world, ip) === undefined && rulesOn(world, ip).length === 0 && instanceWith(world, ip) === undefined
  );
}

function candidate({ type, version, tier, subnetwork }: Wish, n: number): string {
  const fields = subnetwork?.fields ?? {};
  if (version === 'IPV6') {
    const prefix = textOf(fields, type === 'EXTERNAL' ? 'externalIpv6Prefix' : 'internalIpv6Prefix') ?? '2001:db8::/64';
    return `${prefix.split('::')[0]}:8000:${n.toString(16)}::`;
  }
  return nthAddress(type === 'EXTERNAL' ? external[tier] : (textOf(fields, 'ipCidrRange') ?? '10.0.0.0/20'), n);
}
