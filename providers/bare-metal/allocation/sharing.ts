import type { Holding } from '../ledger/ledger.ts';
import type { AddressRequest, SharingTerms } from './address-request.ts';

/**
 * Why two Services cannot have one address, for people; undefined: they can. The rules are MetalLB's. Pure.
 *
 * | keys                 | backends (policy Local: the selectors) | protocol and port | →               |
 * |----------------------|----------------------------------------|-------------------|-----------------|
 * | one has none         |                                        |                   | cannot          |
 * | unequal              |                                        |                   | cannot          |
 * | equal                | unequal                                |                   | cannot          |
 * | equal                | equal                                  | one in common     | cannot          |
 * | equal                | equal                                  | none in common    | can             |
 */
export function whyNotShared(one: SharingTerms, other: SharingTerms): string | undefined {
  if (one.key === '' || other.key === '') return 'it is not shared by both';
  if (one.key !== other.key) return 'its sharing keys differ';
  if (one.backends !== other.backends)
    return 'under externalTrafficPolicy Local only Services with the same selector can share';
  const port = one.ports.find(each => other.ports.includes(each));
  return port === undefined ? undefined : `both have the port ${port}`;
}

/** Why a Service cannot come in beside those who hold an address: across namespaces it is shared only where its pool says so. */
export function whyNotJoined(request: AddressRequest, { pool, holders }: Holding): string | undefined {
  for (const { id, request: other } of holders) {
    if (id === request.id) continue;
    if (other.namespace !== request.namespace && pool?.sharedAcrossNamespaces !== true)
      return 'it is not shared across namespaces';
    const why = whyNotShared(request.sharing, other.sharing);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Why two Services that both have an address published cannot both keep it: what is shared across namespaces already is not parted. */
export function whyNotHeldTogether(request: AddressRequest, holding: Holding | undefined): string | undefined {
  for (const other of holding?.holders ?? []) {
    const why = whyNotShared(request.sharing, other.request.sharing);
    if (why !== undefined) return why;
  }
  return undefined;
}
