import type { Heartbeat } from '../../wire/heartbeat.ts';
import type { Claim } from './judge-claim.ts';
import { Peer } from './peer.ts';

/** Bounds the memory that a segment without a key can be made to use. */
const mostPeers = 1_024;

export interface HeardNews {
  /** Addresses whose claims are different now. */
  readonly changed: readonly string[];
  /** It was not there before. */
  readonly isNew: boolean;
  /** Who may take addresses is different now. */
  readonly isOtherMembership: boolean;
}

/** The other nodes of one segment, as heard. */
export class Peers {
  readonly #peers = new Map<string, Peer>();
  /** Address → who claims it, of the living. */
  readonly #claimants = new Map<string, Set<Peer>>();

  get(node: string): Peer | undefined {
    return this.#peers.get(node);
  }

  *alive(): IterableIterator<Peer> {
    for (const peer of this.#peers.values()) if (peer.isAlive) yield peer;
  }

  claimsOf(address: string): readonly Claim[] {
    const claimants = this.#claimants.get(address);
    if (claimants === undefined) return [];
    return [...claimants].flatMap(peer => {
      const claim = peer.claims.get(address);
      if (claim === undefined) return [];
      // Who leaves yields everything.
      return peer.isLeaving && claim.state === 'held' ? [{ ...claim, state: 'yielding' as const }] : [claim];
    });
  }

  hasMac(mac: string): boolean {
    for (const peer of this.#peers.values()) if (peer.mac === mac) return true;
    return false;
  }

  /** `undefined`: not believed. */
  hear(heartbeat: Heartbeat, now: number, leaseBootId: string | undefined): HeardNews | undefined {
    let peer = this.#peers.get(heartbeat.node);
    if (peer === undefined) {
      if (this.#peers.size >= mostPeers && !this.#forgetOne()) return undefined;
      peer = new Peer(heartbeat, now);
      this.#peers.set(heartbeat.node, peer);
      peer.isAlive = false;
    } else if (!peer.believes(heartbeat, leaseBootId)) return undefined;
    const before = { isAlive: peer.isAlive, isLeaving: peer.isLeaving, isListening: peer.isListening };
    const changed = peer.hear(heartbeat, now);
    this.#index(peer, changed);
    const isOtherMembership =
      !before.isAlive || before.isLeaving !== peer.isLeaving || before.isListening !== peer.isListening;
    const leftNow = before.isLeaving === peer.isLeaving ? [] : [...peer.claims.keys()];
    return {
      changed: leftNow.length > 0 ? leftNow.concat(changed) : changed,
      isNew: !before.isAlive,
      isOtherMembership,
    };
  }

  /** Who has been silent for the timeout is gone, and claims nothing. `undefined` where nobody has gone. */
  expire(now: number, timeoutMs: number): readonly string[] | undefined {
    let changed: string[] | undefined;
    for (const peer of this.alive()) {
      if (now - peer.heardAt < timeoutMs) continue;
      peer.isAlive = false;
      const claimed = peer.forget();
      this.#index(peer, claimed);
      changed = (changed ?? []).concat(claimed);
    }
    return changed;
  }

  /** When the next one is gone if it stays silent. */
  nextExpiry(timeoutMs: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const peer of this.alive()) next = Math.min(next, peer.heardAt + timeoutMs);
    return next;
  }

  #index(peer: Peer, changed: readonly string[]): void {
    for (const address of changed) {
      const claimants = this.#claimants.get(address);
      if (peer.claims.has(address)) {
        if (claimants === undefined) this.#claimants.set(address, new Set([peer]));
        else claimants.add(peer);
      } else if (claimants?.delete(peer) === true && claimants.size === 0) this.#claimants.delete(address);
    }
  }

  /** Makes room: the one that has been silent for the longest. */
  #forgetOne(): boolean {
    let oldest: Peer | undefined;
    for (const peer of this.#peers.values()) {
      if (!peer.isAlive && (oldest === undefined || peer.heardAt < oldest.heardAt)) oldest = peer;
    }
    return oldest !== undefined && this.#peers.delete(oldest.node);
  }
}
