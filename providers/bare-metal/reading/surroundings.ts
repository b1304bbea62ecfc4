import type { Resource } from '../../../src/provider/provider.ts';
import { type Address, parseAddress } from '../address/address.ts';

/** Who has an address that is not ours to give. */
export interface Blocker {
  /** For people: what the address is. */
  readonly by: string;
  /** Who answers for it on the wire; absent where that was known beforehand. */
  readonly mac?: string;
}

/** What other hosts have of the addresses around us. */
export interface Surroundings {
  /** By the address's text. */
  readonly blockers: ReadonlyMap<string, Blocker>;
  /** The same addresses, parsed. */
  readonly addresses: readonly Address[];
  /** Addresses of Services that another host had before they were ever announced, with its MAC. */
  readonly firstConflicts: ReadonlyMap<string, string>;
}

/** A speaker reports what it finds in pools; one that writes more than this is broken. */
const mostFound = 10_000;
const mostAddresses = 100;

/**
 * Which addresses belong to others, by the status of nodes and of our speakers. Pure; entries that cannot be read are passed over.
 *
 * | an address is                                                              | →                            |
 * |----------------------------------------------------------------------------|------------------------------|
 * | a node's own                                                               | not given                    |
 * | occupied, says a speaker                                                   | not given                    |
 * | in a first conflict, and no speaker claims it or had it before             | not given, and given up       |
 * | in a conflict, and announced by a speaker at some time                     | nothing: it stays in service |
 */
export function readSurroundings(nodes: readonly Resource[], speakers: readonly Resource[]): Surroundings {
  const blockers = new Map<string, Blocker>();
  const addresses: Address[] = [];
  const block = (address: Address, blocker: Blocker): void => {
    if (blockers.has(address.text)) return;
    blockers.set(address.text, blocker);
    addresses.push(address);
  };
  for (const { name, status } of nodes)
    for (const { address } of entries(status, 'addresses', mostAddresses))
      block(address, { by: `an address of node ${name}` });
  for (const { status } of speakers)
    for (const { address, mac } of entries(status, 'occupied')) block(address, { by: `in use by ${mac}`, mac });
  const firstConflicts = new Map<string, string>();
  const announced = announcedBy(speakers);
  for (const { status } of speakers) {
    for (const { address, mac, isFirst } of entries(status, 'conflicts')) {
      if (!isFirst || announced.has(address.text)) continue;
      firstConflicts.set(address.text, mac);
      block(address, { by: `in use by ${mac}`, mac });
    }
  }
  return { blockers, addresses, firstConflicts };
}

/** What some speaker answers for, or did when another host came. */
function announcedBy(speakers: readonly Resource[]): ReadonlySet<string> {
  return new Set(
    speakers.flatMap(({ status }) => [
      ...entries(status, 'claims').map(({ address }) => address.text),
      ...entries(status, 'conflicts').flatMap(({ address, isFirst }) => (isFirst ? [] : [address.text])),
    ]),
  );
}

interface Entry {
  readonly address: Address;
  readonly mac: string;
  readonly isFirst: boolean;
}

function entries(status: unknown, field: string, most = mostFound): readonly Entry[] {
  const list = property(status, field);
  return Array.isArray(list) ? list.slice(0, most).flatMap(readEntry) : [];
}

function readEntry(entry: unknown): readonly Entry[] {
  const text = property(entry, 'address');
  const address = typeof text === 'string' ? parseAddress(text) : undefined;
  if (address === undefined) return [];
  const mac = property(entry, 'mac');
  const isMac = typeof mac === 'string' && /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(mac);
  return [{ address, mac: isMac ? mac.toLowerCase() : 'an unknown MAC', isFirst: property(entry, 'isFirst') === true }];
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
