import { isIP } from 'node:net';
import { nameOf, parseReference, projectOf } from '../schema/paths.ts';
import { badRequest, internalIpConflict, invalid, ipConflict } from '../world/api-error.ts';
import type { Fields, StoredObject } from '../world/store.ts';
import type { GceWorld } from '../world/world.ts';
import { listOf, textOf } from './fields.ts';
import { contains, familyOf } from './ip.ts';
import { allocate, instanceWith, reservationOf, rulesOn, tierOf, type Wish } from './ip-space.ts';
import { overlap, parseRulePorts } from './rule-ports.ts';

/** The address of a new rule: the one that is asked for, if the rule may have it, or any. */
export function chooseRuleAddress(world: GceWorld, fields: Fields, wish: Wish, path: string): string {
  const asked = textOf(fields, 'IPAddress');
  if (asked === undefined) return withPrefix(allocate(world, wish), wish);
  const reserved = reservedFor(world, asked, path);
  const ip = textOf(reserved?.fields ?? {}, 'address') ?? asked.split('/')[0] ?? '';
  if (isIP(ip) === 0)
    throw invalid(`Invalid value for field 'resource.IPAddress': '${asked}'. Must be an IP address or the URL of one.`);
  if (familyOf(ip) !== (wish.version === 'IPV6' ? 6 : 4))
    throw invalid(
      `Invalid value for field 'resource.IPAddress': '${asked}'. It is of another family than ${wish.version}.`,
    );
  if (wish.type === 'EXTERNAL') checkExternal(reserved, ip, wish);
  else checkInternal(world, reserved, ip, wish);
  checkPorts(world, fields, ip, wish);
  return withPrefix(ip, wish);
}

const withPrefix = (ip: string, { version }: Wish): string => (version === 'IPV6' ? `${ip}/96` : ip);

/** The reserved address that is asked for, by value or by name. */
export function reservedFor(world: GceWorld, asked: string, path: string): StoredObject | undefined {
  if (isIP(asked.split('/')[0] ?? '') !== 0) return reservationOf(world, asked.split('/')[0] ?? '');
  return world.store.usable(parseReference(asked, 'resource.IPAddress', ['addresses'], projectOf(path)));
}

/** An external address is this project's only while it is reserved. */
function checkExternal(reserved: StoredObject | undefined, ip: string, { tier }: Wish): void {
  if (reserved === undefined)
    throw invalid(
      `Invalid value for field 'resource.IPAddress': '${ip}'. Specified IP address is not reserved in this region.`,
    );
  if (reserved.state === 'creating')
    throw badRequest('resourceNotReady', `The resource '${reserved.path}' is not ready`);
  if (reserved.fields['addressType'] !== 'EXTERNAL')
    throw invalid(
      `Invalid value for field 'resource.IPAddress': '${ip}'. Address ${nameOf(reserved.path)} is internal.`,
    );
  if (tierOf(ip) !== tier)
    throw invalid(
      `Invalid value for field 'resource.networkTier': '${tier}'. The network tier of the forwarding rule must match that of address ${nameOf(reserved.path)}, ${tierOf(ip)}.`,
    );
}

/** An internal one lies in the subnetwork, and has nobody else: of reserved ones only those for sharing take several rules. */
function checkInternal(world: GceWorld, reserved: StoredObject | undefined, ip: string, { subnetwork }: Wish): void {
  const range = textOf(subnetwork?.fields ?? {}, familyOf(ip) === 6 ? 'internalIpv6Prefix' : 'ipCidrRange') ?? '';
  if (range === '' || !contains(range, ip))
    throw badRequest('invalid', 'Requested internal IP address is outside the network/subnetwork range.');
  if (reserved !== undefined && reserved.fields['addressType'] !== 'INTERNAL')
    throw invalid(
      `Invalid value for field 'resource.IPAddress': '${ip}'. Address ${nameOf(reserved.path)} is external.`,
    );
  const holder = instanceWith(world, ip)?.path ?? (isShared(reserved) ? undefined : rulesOn(world, ip)[0]?.path);
  if (holder !== undefined)
    throw internalIpConflict(`IP '${ip}' is already being used by another resource, '${holder}'.`);
  if (isShared(reserved) && rulesOn(world, ip).length >= 10)
    throw internalIpConflict(`IP '${ip}' is shared by 10 forwarding rules already.`);
}

const isShared = (reserved: StoredObject | undefined): boolean =>
  reserved?.fields['purpose'] === 'SHARED_LOADBALANCER_VIP';

/** Of one address and protocol a port belongs to one rule. */
function checkPorts(world: GceWorld, fields: Fields, ip: string, { type }: Wish): void {
  const { ranges } = parseRulePorts(fields);
  for (const other of rulesOn(world, ip)) {
    if ((textOf(other.fields, 'IPProtocol') ?? 'TCP') !== (textOf(fields, 'IPProtocol') ?? 'TCP')) continue;
    // Of an internal rule the ports that were given come back, of an external one a single range stands for them as well.
    if (!overlap(ranges, parseRulePorts({ ...other.fields, ...portsOf(other.fields) }).ranges)) continue;
    if (type === 'INTERNAL')
      throw internalIpConflict(`IP '${ip}' is already being used by another resource, '${other.path}'.`);
    throw ipConflict(
      `Invalid value for field 'resource.IPAddress': '${ip}'. Specified IP address is in-use and would result in a conflict. Forwarding rule's port range is conflicting with forwarding rule '${other.path}'.`,
    );
  }
}

const portsOf = (fields: Fields): Fields => (listOf(fields, 'ports').length > 0 ? { portRange: undefined } : {});
