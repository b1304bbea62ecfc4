import { isIP } from 'node:net';
import { oneOf, partOf, textOf } from '../rules/fields.ts';
import { contains, familyOf } from '../rules/ip.ts';
import { allocate, instanceWith, reservationOf, rulesOn, type Tier, tierOf, type Wish } from '../rules/ip-space.ts';
import { subnetworkFor } from '../rules/subnetwork.ts';
import { checkLabels } from '../schema/names.ts';
import { urlOf } from '../schema/paths.ts';
import { ApiError, badRequest, internalIpConflict, invalid, ipConflict } from '../world/api-error.ts';
import type { Fields } from '../world/store.ts';
import type { GceWorld } from '../world/world.ts';
import type { KindRules } from './kind-rules.ts';

export const addresses: KindRules = {
  insert(world, fields, path) {
    checkLabels(partOf(fields, 'labels'));
    const wish = wishOf(world, fields, path);
    const asked = textOf(fields, 'address')?.split('/')[0];
    if (asked !== undefined) checkAsked(world, asked, wish);
    const address = asked ?? allocate(world, wish);
    return {
      ...fields,
      address,
      addressType: wish.type,
      ...(wish.version === 'IPV6' ? { ipVersion: 'IPV6', prefixLength: 96 } : {}),
      ...(wish.type === 'EXTERNAL'
        ? { networkTier: wish.tier }
        : { purpose: textOf(fields, 'purpose') ?? 'GCE_ENDPOINT' }),
      ...(wish.subnetwork === undefined
        ? {}
        : { subnetwork: urlOf(wish.subnetwork.path), network: wish.subnetwork.fields['network'] }),
    };
  },
  /** In use, it only ceases to be reserved: the rule keeps it as one of its own. */
  remove() {},
};

function wishOf(world: GceWorld, fields: Fields, path: string): Wish {
  const type = oneOf(fields, 'addressType', ['EXTERNAL', 'INTERNAL'], 'EXTERNAL') as Wish['type'];
  const asked = textOf(fields, 'address') ?? '';
  const version = textOf(fields, 'ipVersion') === 'IPV6' || familyOf(asked) === 6 ? 'IPV6' : 'IPV4';
  if (type === 'INTERNAL' && textOf(fields, 'networkTier') !== undefined && fields['networkTier'] !== 'PREMIUM')
    throw invalid("Invalid value for field 'resource.networkTier'. An internal address has none.");
  if (type === 'EXTERNAL' && textOf(fields, 'purpose') !== undefined)
    throw invalid("Invalid value for field 'resource.purpose'. Only for internal addresses.");
  if (type === 'EXTERNAL' && version === 'IPV4' && textOf(fields, 'subnetwork') !== undefined)
    throw invalid("Invalid value for field 'resource.subnetwork'. An external IPv4 address has none.");
  const tier = oneOf(fields, 'networkTier', ['PREMIUM', 'STANDARD'], 'PREMIUM') as Tier;
  const inSubnetwork = type === 'INTERNAL' || (version === 'IPV6' && asked === '');
  return { type, version, tier, subnetwork: inSubnetwork ? subnetworkFor(world, fields, path) : undefined };
}

/** An address with a value of its own: an external one has to be a rule's already, which so keeps it. */
function checkAsked(world: GceWorld, ip: string, wish: Wish): void {
  if (isIP(ip) === 0) throw invalid(`Invalid value for field 'resource.address': '${ip}'. Must be an IP address.`);
  const reserved = reservationOf(world, ip);
  if (reserved !== undefined) throw takenBy(reserved.path, ip, wish);
  const rules = rulesOn(world, ip);
  if (wish.type === 'EXTERNAL') {
    if (rules.length === 0)
      throw invalid(
        `Invalid value for field 'resource.address': '${ip}'. The IP address is not in use in this region, and so cannot be reserved.`,
      );
    if (tierOf(ip) !== wish.tier)
      throw invalid(`Invalid value for field 'resource.networkTier': '${wish.tier}'. The IP address is ${tierOf(ip)}.`);
    return;
  }
  const range =
    textOf(wish.subnetwork?.fields ?? {}, wish.version === 'IPV6' ? 'internalIpv6Prefix' : 'ipCidrRange') ?? '';
  if (range === '' || !contains(range, ip))
    throw badRequest('invalid', 'Requested internal IP address is outside the network/subnetwork range.');
  const instance = instanceWith(world, ip);
  if (instance !== undefined)
    throw internalIpConflict(`IP '${ip}' is already being used by another resource, '${instance.path}'.`);
}

/** Taken already: 409 for internal ones, 412 for external IPv6, 400 otherwise. */
function takenBy(path: string, ip: string, { type, version }: Wish): ApiError {
  const message = `Invalid value for field 'resource.address': '${ip}'. Specified IP address is already reserved by '${path}'.`;
  if (type === 'INTERNAL') return internalIpConflict(message);
  return version === 'IPV6'
    ? new ApiError({ http: 412, reason: 'conditionNotMet', message, late: true })
    : ipConflict(message);
}

/** Status and users, which follow from the rules there are. */
export function addressView(world: GceWorld, fields: Fields): Fields {
  const users = rulesOn(world, String(fields['address'])).map(({ path }) => urlOf(path));
  return { ...fields, status: users.length > 0 ? 'IN_USE' : 'RESERVED', ...(users.length > 0 ? { users } : {}) };
}
