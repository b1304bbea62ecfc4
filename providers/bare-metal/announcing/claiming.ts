import { chooseMove, chooseReceiver } from './claims/choose-moves.ts';
import type { Hearing } from './claims/hearing.ts';
import { type Claim, judgeClaim, judgeOthers } from './claims/judge-claim.ts';
import { Orphans } from './claims/orphans.ts';
import type { OwnClaim, OwnClaims } from './claims/own-claims.ts';
import type { Peers } from './claims/peers.ts';
import { DueHeap } from './duties/due-heap.ts';
import type { SegmentAddress } from './segment-address.ts';
import type { Now, Settings } from './settings.ts';

export interface ClaimingParts {
  readonly node: string;
  readonly settings: Settings;
  readonly own: OwnClaims;
  readonly peers: Peers;
  readonly hearing: Hearing;
  /** Asks the segment who has the address. */
  probe(address: string): void;
  /** It is answered for from now on. */
  announced(address: string, now: number): void;
}

/** RFC 5227 in short, for wired segments: three questions, 100 ms apart, before the first announcement. */
const probes = 3;
const probeGapMs = 100;
/** After a conflict at the first probe. */
const blockedMs = 30_000;
/** An owner that is no candidate any more answers no longer than this while others should take over. */
const yieldMs = 10_000;
/** Nobody took what was given away to level out: it is kept. */
const giveAwayMs = 2_000;

/** Which addresses of a segment this node claims: judged anew for an address when something about it has changed, never for all in turn. */
export class Claiming {
  /** Everything has been heard: addresses may be taken. */
  isActive = false;
  isLeaving = false;
  readonly #parts: ClaimingParts;
  readonly #addresses = new Map<string, SegmentAddress>();
  readonly #orphans = new Orphans();
  readonly #dirty = new Set<string>();
  readonly #due = new DueHeap();
  readonly #intents = new Map<string, { probesLeft: number; at: number }>();
  readonly #givenAway = new Map<string, number>();
  /** Candidates → those of them that live. */
  #living = new Map<readonly string[], readonly string[]>();
  #isOtherChoice = false;
  /** Until then nodes that only listen are expected to take their share too: the whole cluster may have started at once. */
  #coldUntil = 0;

  constructor(parts: ClaimingParts) {
    this.#parts = parts;
  }

  get next(): number {
    return this.#dirty.size > 0 ? 0 : this.#due.next;
  }

  get orphanCount(): number {
    return this.#orphans.size;
  }

  address(address: string): SegmentAddress | undefined {
    return this.#addresses.get(address);
  }

  addresses(): IterableIterator<SegmentAddress> {
    return this.#addresses.values();
  }

  setAddress(address: SegmentAddress): void {
    this.#addresses.set(address.address, address);
    this.#orphans.delete(address.address);
    this.#dirty.add(address.address);
  }

  removeAddress(address: string): void {
    this.#addresses.delete(address);
    this.#forget(address);
    this.#parts.own.release(address);
  }

  /** It has been asked for and is not answered for yet: whoever has it is in conflict. */
  isProbing(address: string): boolean {
    const known = this.#addresses.get(address);
    return known !== undefined && this.#intents.has(address) && needsProbe(known);
  }

  /** These are claimed differently now. */
  changed(addresses: Iterable<string>): void {
    for (const address of addresses) if (this.#addresses.has(address)) this.#dirty.add(address);
  }

  changedAll(): void {
    this.changed(this.#addresses.keys());
  }

  /** Other nodes may take addresses now, or have to be waited for no more. */
  membershipChanged(): void {
    this.#living = new Map();
    this.#isOtherChoice = true;
    for (const [address] of this.#parts.own.entries()) this.#dirty.add(address);
  }

  becomeActive(now: Now): void {
    const { timeoutMs, intervalMs } = this.#parts.settings;
    this.isActive = true;
    this.#coldUntil = now.monotonic + timeoutMs + 2 * intervalMs;
    this.membershipChanged();
    this.changedAll();
  }

  /** Claims nothing any more, and takes nothing until it is active again. */
  becomeSilent(): void {
    this.isActive = false;
    this.#parts.own.releaseAll();
    for (const address of this.#addresses.keys()) this.#forget(address);
    this.#living = new Map();
  }

  leave(): void {
    this.isLeaving = true;
    this.membershipChanged();
    for (const address of this.#orphans.addresses()) this.#dirty.add(address);
  }

  /** Somebody else has the address that is being probed: it is left alone for a while. */
  block(address: SegmentAddress, now: Now): void {
    address.blockedUntil = now.monotonic + blockedMs;
    this.#parts.own.release(address.address);
    this.#intents.delete(address.address);
    this.#dirty.add(address.address);
  }

  /** What another node had better have: it is preferred for it, or has much less. */
  chooseMove(): string | undefined {
    const { node, own } = this.#parts;
    const held = [...own.entries()].filter(([, { state }]) => state === 'held');
    const addresses = held.flatMap(([address]) => this.#addresses.get(address) ?? []);
    const receiver = chooseReceiver(own.size, this.loads());
    return chooseMove(node, addresses, candidates => this.#livingOf(candidates), receiver);
  }

  /** Another node may take it now. */
  giveAway(address: string, now: Now): void {
    this.#givenAway.set(address, now.monotonic + giveAwayMs);
    this.#dirty.add(address);
  }

  tick(now: Now): void {
    for (let due = this.#due.take(now.monotonic); due !== undefined; due = this.#due.take(now.monotonic)) {
      this.#dirty.add(due);
    }
    if (this.#dirty.size === 0 && !this.#isOtherChoice) return;
    const judged = [...this.#dirty];
    this.#dirty.clear();
    for (const text of judged) {
      const address = this.#addresses.get(text);
      if (address !== undefined) this.#judge(address, now);
    }
    if (this.isActive) this.#assign(judged, now);
  }

  #forget(address: string): void {
    this.#orphans.delete(address);
    this.#intents.delete(address);
    this.#givenAway.delete(address);
    this.#due.delete(address);
  }

  #judge(address: SegmentAddress, now: Now): void {
    const own = this.#parts.own.get(address.address);
    const rivals = this.#rivals(address);
    if (rivals.some(({ state }) => state !== 'intended')) address.wasHeld = true;
    if (own !== undefined) this.#judgeOwn(address, own, rivals, now);
    else this.#judgeOther(address, rivals, now);
  }

  /** Those that are heard, and the records of those that cannot be. */
  #rivals({ address, recordedClaims }: SegmentAddress): readonly Claim[] {
    const { peers, hearing } = this.#parts;
    const heard = peers.claimsOf(address);
    if (hearing.mute.size === 0) return heard;
    const recorded = recordedClaims.filter(({ node }) => hearing.mute.has(node));
    return heard.concat(recorded.map(({ node, since }) => ({ node, since, state: 'held' as const })));
  }

  #judgeOwn(address: SegmentAddress, own: OwnClaim, rivals: readonly Claim[], now: Now): void {
    const { node, own: claims } = this.#parts;
    const isWanted = this.#isWanted(address) && !this.#isGivenAway(address.address, now);
    const hasTaker = this.#livingOf(address.candidates).some(candidate => candidate !== node);
    const verdict = judgeClaim({ node, ...own }, rivals, address.address, { isWanted, hasTaker });
    const isOverdue = own.state === 'yielding' && !this.isLeaving && now.monotonic >= own.yieldingFrom + yieldMs;
    if (verdict === 'drop' || (verdict === 'yield' && isOverdue)) this.#drop(address);
    else if (verdict === 'yield') this.#yield(address.address, own, now);
    else if (own.state === 'intended') this.#proceed(address, now);
    else claims.setState(address.address, 'held');
    if (verdict === 'keep' && rivals.some(({ state }) => state === 'held')) {
      this.#parts.announced(address.address, now.monotonic);
    }
  }

  #drop(address: SegmentAddress): void {
    this.#parts.own.release(address.address);
    this.#forget(address.address);
    this.#dirty.add(address.address);
  }

  #yield(address: string, own: OwnClaim, now: Now): void {
    if (own.state !== 'yielding') own.yieldingFrom = now.monotonic;
    this.#parts.own.setState(address, 'yielding');
    this.#due.set(address, this.#givenAway.get(address) ?? own.yieldingFrom + yieldMs);
  }

  /** Toward answering: the next question, or the last silence is over. */
  #proceed({ address }: SegmentAddress, now: Now): void {
    const intent = this.#intents.get(address);
    if (intent === undefined) return;
    if (now.monotonic < intent.at) {
      this.#due.set(address, intent.at);
    } else if (intent.probesLeft > 0) {
      this.#parts.probe(address);
      intent.probesLeft--;
      intent.at = now.monotonic + probeGapMs;
      this.#due.set(address, intent.at);
    } else {
      this.#intents.delete(address);
      this.#parts.own.setState(address, 'held');
      this.#parts.announced(address, now.monotonic);
    }
  }

  #judgeOther(address: SegmentAddress, rivals: readonly Claim[], now: Now): void {
    const isBlocked = now.monotonic < address.blockedUntil;
    if (!this.#isWanted(address) || isBlocked || judgeOthers(rivals) === 'settled') {
      this.#forget(address.address);
      if (isBlocked) this.#due.set(address.address, address.blockedUntil);
    } else this.#orphans.add(address);
  }

  #isWanted({ candidates }: SegmentAddress): boolean {
    return !this.isLeaving && candidates.includes(this.#parts.node);
  }

  #isGivenAway(address: string, now: Now): boolean {
    const until = this.#givenAway.get(address);
    if (until !== undefined && now.monotonic >= until) this.#givenAway.delete(address);
    return this.#givenAway.has(address);
  }

  #assign(judged: readonly string[], now: Now): void {
    if (this.#orphans.size === 0) {
      this.#isOtherChoice = false;
      return;
    }
    if (this.#isMissingClaims(now)) {
      this.#isOtherChoice = true;
      return;
    }
    const addresses = this.#isOtherChoice ? [...this.#orphans.addresses()] : judged;
    this.#isOtherChoice = false;
    const chosen = this.#orphans.assign(this.#notWaiting(addresses), {
      now: now.monotonic,
      patienceMs: 2 * this.#parts.settings.intervalMs,
      loads: this.loads(),
      livingOf: orphan => this.#takersOf(orphan.address, orphan.candidates, now),
      waitsUntil: node => (this.#parts.peers.get(node)?.isListening === true ? this.#coldUntil : 0),
    });
    for (const { address, node, until } of chosen) {
      if (node === this.#parts.node) this.#claim(address, now);
      else this.#due.set(address, until);
    }
  }

  /** Some peer has just told that it claims more than has been heard of: what it will tell next may be what would be taken here. */
  #isMissingClaims(now: Now): boolean {
    const patienceMs = 4 * this.#parts.settings.intervalMs;
    for (const { incompleteSince } of this.#parts.peers.alive()) {
      if (incompleteSince !== undefined && now.monotonic - incompleteSince < patienceMs) return true;
    }
    return false;
  }

  #notWaiting(addresses: readonly string[]): readonly string[] {
    const waits = new Map<readonly string[], boolean>();
    return addresses.filter(text => {
      const candidates = this.#addresses.get(text)?.candidates;
      if (candidates === undefined) return false;
      let isWaiting = waits.get(candidates);
      if (isWaiting === undefined) {
        isWaiting = this.#parts.hearing.waitsFor(candidates) !== undefined;
        waits.set(candidates, isWaiting);
      }
      return !isWaiting;
    });
  }

  #claim(text: string, now: Now): void {
    const { settings, own, peers } = this.#parts;
    const address = this.#addresses.get(text);
    if (address === undefined) return;
    this.#orphans.delete(text);
    if (peers.claimsOf(text).length > 0) {
      // Its owner answers until it hears this: no gap, and nothing to wait for.
      own.add(text, now.wall, 'held');
      this.#parts.announced(text, now.monotonic);
      return;
    }
    own.add(text, now.wall, 'intended');
    const intent = needsProbe(address)
      ? { probesLeft: probes, at: now.monotonic }
      : { probesLeft: 0, at: now.monotonic + settings.settleMs };
    this.#intents.set(text, intent);
    this.#proceed(address, now);
  }

  /** How many addresses each living node claims. */
  loads(): ReadonlyMap<string, number> {
    const loads = new Map([[this.#parts.node, this.#parts.own.size]]);
    for (const { node, total } of this.#parts.peers.alive()) loads.set(node, total);
    return loads;
  }

  /** Candidates that live and may take addresses. */
  #livingOf(candidates: readonly string[]): readonly string[] {
    let living = this.#living.get(candidates);
    if (living === undefined) {
      living = candidates.filter(node => {
        if (node === this.#parts.node) return this.isActive && !this.isLeaving;
        const peer = this.#parts.peers.get(node);
        return peer?.isAlive === true && !peer.isLeaving && !peer.isListening;
      });
      this.#living.set(candidates, living);
    }
    return living;
  }

  #takersOf(text: string, candidates: readonly string[], now: Now): readonly string[] {
    const living = this.#livingOf(candidates);
    if (now.monotonic >= this.#coldUntil || this.#addresses.get(text)?.wasHeld === true) return living;
    const listening = candidates.filter(node => {
      const peer = this.#parts.peers.get(node);
      return peer?.isAlive === true && peer.isListening && !peer.isLeaving;
    });
    return living.concat(listening);
  }
}

/** Only what nobody has announced yet may turn out to be another host's: the other way round, that host is the intruder. */
function needsProbe({ announcedBefore, wasHeld }: SegmentAddress): boolean {
  return !announcedBefore && !wasHeld;
}
