import type { Service } from '../../kube/objects.ts';
import { normalAddress } from '../cidr.ts';
import { publishedIngress } from '../ingress.ts';
import { everything, type LabelSelector, parseLabelSelector } from '../label-selector.ts';
import { ownerOf } from '../ownership.ts';
import { annotations, conditionTypes } from '../words.ts';

/** What a speaker has to know of a Service. */
export interface AnnouncedService {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Those that the provider reads. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Published by us, normalised, each once. */
  readonly addresses: readonly string[];
  readonly policy: 'Cluster' | 'Local';
  /** Its own; it narrows the operator's. */
  readonly selector: LabelSelector;
  /** When it began to be served, RFC 3339; undefined: nobody knows. */
  readonly servingSince: string | undefined;
}

/** Thousands share it. */
const none: Readonly<Record<string, string>> = Object.freeze({});

/** A Service has one address a family; what is beyond that in a status was not written by us. */
const mostAddresses = 16;

/**
 * What to announce for a Service, by what stands on it; undefined: nothing. Pure.
 *
 * | on the Service                                            | →                                                                |
 * |-----------------------------------------------------------|------------------------------------------------------------------|
 * | no mark of this instance                                  | undefined: an address without it is foreign                      |
 * | our mark, no address                                      | undefined                                                        |
 * | our mark, addresses                                       | those that are IP addresses of ipMode VIP                        |
 * | is being deleted, or has left the type                    | as long as the status stands: the controller takes the address away |
 * | a node selector that cannot be read                       | none of its own: the controller reports it, and what exists stays |
 */
export function announcedService(
  service: Service,
  instance: string,
  annotationPrefixes: readonly string[] = [],
): AnnouncedService | undefined {
  if (ownerOf(service)?.instance !== instance) return undefined;
  const addresses = addressesIn(service);
  if (addresses.length === 0) return undefined;
  const { namespace = '', name, uid, labels = none, annotations: given = none } = service.metadata;
  const own = Object.entries(given).filter(([key]) => annotationPrefixes.some(prefix => key.startsWith(prefix)));
  const selector = given[annotations.nodeSelector.key];
  return {
    namespace,
    name,
    uid,
    labels,
    annotations: own.length === 0 ? none : Object.fromEntries(own),
    addresses,
    policy: service.spec.externalTrafficPolicy ?? 'Cluster',
    selector: (selector === undefined ? everything : parseLabelSelector(selector)) ?? everything,
    servingSince: servingSince(service),
  };
}

function addressesIn(service: Service): readonly string[] {
  const found = new Set<string>();
  for (const { ip, ipMode = 'VIP' } of publishedIngress(service).slice(0, mostAddresses)) {
    const address = ip === undefined || ipMode !== 'VIP' ? undefined : normalAddress(ip);
    if (address !== undefined) found.add(address);
  }
  return [...found];
}

function servingSince({ status }: Service): string | undefined {
  const condition = status?.conditions?.find(({ type }) => type === conditionTypes.serving.type);
  return condition?.status === 'True' ? condition.lastTransitionTime : undefined;
}
