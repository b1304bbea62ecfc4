import { isIPv4 } from 'node:net';
import type { Call, IpFamily, LoadBalancer, Warning } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import { annotationTable } from '../annotations/annotation-table.ts';
import { faultsText } from '../annotations/parse-settings.ts';
import type { GceApi } from '../client/gce-api.ts';
import { nameOf } from '../client/links.ts';
import type { Address } from '../client/resources.ts';
import type { DesiredBalancer } from '../desired/desired-balancer.ts';
import type { KnownBalancer } from '../model/kinds.ts';
import { parseMark } from '../model/marks.ts';
import { together } from '../writing/together.ts';

/** An address that the user asks for. */
export interface AskedAddress {
  readonly family: IpFamily;
  /** As a forwarding rule takes it. */
  readonly ip: string;
}

export interface AskedAddresses {
  readonly asked: readonly AskedAddress[];
  readonly warnings: readonly Warning[];
}

export interface AskInput {
  readonly api: GceApi;
  readonly loadBalancer: LoadBalancer;
  readonly names: readonly string[];
  readonly desired: DesiredBalancer;
  readonly known: KnownBalancer;
}

/** Looks up what is asked for, by name or by value, and judges it before anything is made. Throws everything that is wrong with it. */
export async function observeAskedAddresses(input: AskInput, call: Call): Promise<AskedAddresses> {
  const { api, loadBalancer, names } = input;
  const values = names.length > 0 ? [] : loadBalancer.requestedAddresses;
  const looks = [
    ...names.map(async name => ({ what: name, found: await api.get('addresses', { name }, call) })),
    ...values.map(async value => ({ what: value, found: await reservedAs(api, value, call) })),
  ];
  const judged = (await together(looks)).map(({ what, found }) => judge(what, found, input));
  const faults = judged.flatMap(one => ('fault' in one ? [one.fault] : []));
  if (faults.length > 0) throw new ProviderError('rejected', faultsText(faults));
  const both = names.length > 0 && loadBalancer.requestedAddresses.length > 0;
  return {
    asked: judged.flatMap(one => ('fault' in one ? [] : [one])),
    warnings: both
      ? [{ reason: 'MixedStaticIP', message: `spec.loadBalancerIP: no effect beside ${annotationTable.addresses.key}` }]
      : [],
  };
}

async function reservedAs(api: GceApi, value: string, call: Call): Promise<Address | undefined> {
  const [found] = await api.list('addresses', { filter: `address = "${value}"` }, call);
  return found;
}

type Judged = AskedAddress | { readonly fault: string };

/**
 * Whether a forwarding rule can have it. Pure.
 *
 * | asked for                                       | →                                     |
 * |-------------------------------------------------|---------------------------------------|
 * | reserved in the region, fits, free or ours       | taken                                 |
 * | a value, internal, not reserved                 | taken: the API judges                 |
 * | a value, on a rule of the Service               | taken                                 |
 * | not reserved in the region                      | fault: a global one cannot be used    |
 * | of another type, tier or subnet                 | fault                                 |
 * | in use by something else                        | fault                                 |
 * | kept for a Service of another namespace         | fault                                 |
 * | of a family that the Service has not            | fault                                 |
 */
export function judge(what: string, found: Address | undefined, input: Omit<AskInput, 'api' | 'names'>): Judged {
  const { desired, known, loadBalancer } = input;
  const value = found?.address ?? what;
  const isValue = value.includes(':') || isIPv4(value);
  const family: IpFamily = value.includes(':') ? 'IPv6' : 'IPv4';
  const onRule = known.forwardingRules.some(
    ({ IPAddress }) => IPAddress !== undefined && bare(IPAddress) === bare(value),
  );
  if (isValue && !loadBalancer.ipFamilies.includes(family))
    return { fault: `the address ${what} is of ${family}, which the Service has not` };
  if (onRule) return { family, ip: value };
  if (found === undefined) {
    if (isValue && desired.scheme === 'INTERNAL') return { family, ip: value };
    return {
      fault: `the address ${what} is not reserved in the region: reserve a regional one of type ${desired.scheme}; a global one cannot be used`,
    };
  }
  const fault = misfit(found, family, input);
  return fault === undefined ? { family, ip: value } : { fault: `the address ${what} ${fault}` };
}

function misfit(
  { name, addressType = 'EXTERNAL', networkTier, subnetwork, users = [], description }: Address,
  family: IpFamily,
  { desired, loadBalancer }: Pick<AskInput, 'desired' | 'loadBalancer'>,
): string | undefined {
  const { scheme, tier } = desired;
  const mark = parseMark(description);
  const other = users.find(path => !nameOf(path).startsWith(desired.names.prefix));
  if (addressType !== scheme) return `is ${addressType}, and the Service is ${scheme}: reserve one of that type`;
  if (scheme === 'EXTERNAL' && family === 'IPv4' && (networkTier ?? 'PREMIUM') !== tier)
    return `is of tier ${networkTier ?? 'PREMIUM'}, and the Service of ${tier}: set ${annotationTable.tier.key}, or reserve another`;
  if (scheme === 'INTERNAL' && desired.subnetwork !== undefined && subnetwork !== desired.subnetwork)
    return `is not in the subnetwork ${nameOf(desired.subnetwork)}: reserve one there, or set ${annotationTable.subnet.key}`;
  if (other !== undefined) return `is in use by ${nameOf(other)}: free it, or reserve another`;
  if (mark?.owner !== undefined && mark.owner.service.namespace !== loadBalancer.service.namespace)
    return `was kept for a Service of another namespace: delete ${name}, or reserve another`;
  return undefined;
}

/** IPv6 comes as a range. */
export function bare(address: string): string {
  return address.replace(/\/\d+$/, '');
}
