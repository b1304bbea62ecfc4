import type { AnnouncedAddress, AnnouncerView, SpeakerNode } from '../../../src/provider/announcer.ts';
import type { ViewChanges } from '../announcing/announcing.ts';

/**
 * Keeps the last view, to tell the worker only what is different: of 5,000 addresses one or two are.
 *
 * | then      | now            | in the changes             |
 * |-----------|----------------|----------------------------|
 * |           | an address     | `set`                      |
 * | an address| the same       |                            |
 * | an address| with other values | `set`                   |
 * | an address|                | `removed`                  |
 * | nodes     | the same values |                           |
 * | nodes     | other values   | `nodes`, all of them       |
 */
export class ViewMemory {
  #addresses: ReadonlyMap<string, AnnouncedAddress> = new Map();
  #nodes: readonly SpeakerNode[] | undefined;

  /** `undefined` where nothing is different. */
  changesTo(view: AnnouncerView): ViewChanges | undefined {
    const addresses = new Map(view.addresses.map(address => [address.address, address]));
    const set = view.addresses.filter(address => !isSameAddress(this.#addresses.get(address.address), address));
    const removed = [...this.#addresses.keys()].filter(address => !addresses.has(address));
    const isSameNodes = this.#nodes !== undefined && sameAll(this.#nodes, view.nodes, isSameNode);
    this.#addresses = addresses;
    this.#nodes = view.nodes;
    if (set.length === 0 && removed.length === 0 && isSameNodes) return undefined;
    return { set, removed, ...(isSameNodes ? {} : { nodes: view.nodes }) };
  }
}

function isSameAddress(a: AnnouncedAddress | undefined, b: AnnouncedAddress): boolean {
  if (a === b) return true;
  return (
    a !== undefined &&
    a.announcedBefore === b.announcedBefore &&
    sameAll(a.candidates, b.candidates, Object.is) &&
    (a.preferences === undefined) === (b.preferences === undefined) &&
    sameAll(a.preferences ?? [], b.preferences ?? [], Object.is) &&
    (a.interfaces === undefined) === (b.interfaces === undefined) &&
    sameAll(a.interfaces ?? [], b.interfaces ?? [], Object.is) &&
    sameAll(a.recordedClaims, b.recordedClaims, (x, y) => x.node === y.node && x.since === y.since)
  );
}

function isSameNode(a: SpeakerNode, b: SpeakerNode): boolean {
  return a.node === b.node && a.lease === b.lease && a.bootId === b.bootId;
}

function sameAll<Value>(a: readonly Value[], b: readonly Value[], same: (x: Value, y: Value) => boolean): boolean {
  return a === b || (a.length === b.length && a.every((value, index) => same(value, b[index] as Value)));
}
