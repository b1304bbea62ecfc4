import type { Heartbeat } from '../wire/heartbeat.ts';
import type { Sighting } from '../wire/sighting.ts';
import type { Action, SegmentInterface } from './action.ts';
import { Claiming } from './claiming.ts';
import { hashOf } from './claims/hash.ts';
import { Hearing, type Nodes } from './claims/hearing.ts';
import { OwnClaims } from './claims/own-claims.ts';
import { Peers } from './claims/peers.ts';
import { Conflicts } from './duties/conflicts.ts';
import { FreeProber } from './duties/free-prober.ts';
import { Gratuitous } from './duties/gratuitous.ts';
import { Levelling } from './duties/levelling.ts';
import type { Now, Settings } from './settings.ts';

export interface SegmentContext {
  readonly node: string;
  readonly bootId: string;
  readonly settings: Settings;
  readonly nodes: Nodes;
  readonly random: () => number;
  /** Of the whole node: it grows with every heartbeat on any segment. */
  nextCounter(): number;
  act(action: Action): void;
  /** The report is different now. */
  changed(): void;
  membershipChanged(): void;
}

/** Changes that need more frames than these wait for the next tick: peers' receive buffers are finite. */
const mostHeartbeatsPerTick = 48;
/** Of a heartbeat with the longest name of a node, and of a claim of an IPv6 address: see wire/heartbeat.ts. */
const headSize = 340;
const claimSize = 23;
/** Between the parts of what does not fit into one tick. */
const burstGapMs = 5;
/** What is asked for now and then: who is mute, which conflicts are over. */
const checkMs = 1_000;

/**
 * One interface's broadcast domain, as one node takes part in it. `down` → `listening` (everything is heard, nothing answered) → `active`;
 * back to `listening` whenever its own heartbeats may have been missed by the peers: they may have taken over.
 */
export class Segment {
  readonly claiming: Claiming;
  readonly conflicts = new Conflicts();
  readonly prober = new FreeProber();
  readonly #context: SegmentContext;
  readonly #own: OwnClaims;
  readonly #peers = new Peers();
  readonly #hearing: Hearing;
  readonly #gratuitous: Gratuitous;
  readonly #levelling: Levelling;
  #interface: SegmentInterface;
  #phase: 'down' | 'listening' | 'active' = 'down';
  #listenUntil = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #mainUntil = Number.NEGATIVE_INFINITY;
  #nextHeartbeat = 0;
  #nextBurst = 0;
  #nextCheck = 0;

  constructor(context: SegmentContext, of: SegmentInterface) {
    this.#context = context;
    this.#interface = of;
    const { node, settings, nodes, random } = context;
    this.#own = new OwnClaims((address, isAnswering) => this.#answer(address, isAnswering));
    this.#hearing = new Hearing(node, settings, nodes, this.#peers);
    this.#gratuitous = new Gratuitous(random);
    this.#levelling = new Levelling(settings.levelAfterMs);
    this.claiming = new Claiming({
      node,
      settings,
      own: this.#own,
      peers: this.#peers,
      hearing: this.#hearing,
      probe: address => context.act({ kind: 'probe', interface: this.name, address }),
      announced: (address, now) => this.#gratuitous.start(address, now),
    });
  }

  get name(): string {
    return this.#interface.name;
  }

  get interface(): SegmentInterface {
    return this.#interface;
  }

  get isDown(): boolean {
    return this.#phase === 'down';
  }

  get isActive(): boolean {
    return this.#phase === 'active';
  }

  /** Nodes with a fresh Lease that are not heard here. */
  get mute(): ReadonlySet<string> {
    return this.#hearing.mute;
  }

  /** The fence: nothing is answered, and no address told of, from this monotonic time on. To be read right before each frame. */
  get answersUntil(): number {
    return Math.min(this.#sentAt + this.#context.settings.timeoutMs, this.#mainUntil);
  }

  claims(): readonly { readonly address: string; readonly interface: string; readonly since: number }[] {
    return [...this.#own.entries()].flatMap(([address, { since, state }]) =>
      state === 'intended' ? [] : [{ address, interface: this.name, since }],
    );
  }

  claimCount(): number {
    return this.#own.size;
  }

  /** Who of the heard holds the address. */
  holderOf(address: string): string | undefined {
    return this.#peers.claimsOf(address)[0]?.node;
  }

  waitsFor(candidates: readonly string[]): string | undefined {
    return this.#hearing.waitsFor(candidates);
  }

  hasBeenHeard(node: string): boolean {
    return this.#peers.get(node) !== undefined;
  }

  setInterface(of: SegmentInterface, now: Now): void {
    const isOtherMac = of.mac !== this.#interface.mac;
    this.#interface = of;
    if (this.isDown) {
      // Peers hear it only after two intervals: until then it may turn out that another interface of this node is on the same segment.
      this.#hearing.start(now.monotonic);
      this.#listen(now, 2 * this.#context.settings.intervalMs);
    } else if (isOtherMac) {
      this.#nextHeartbeat = now.monotonic;
      for (const [address, { state }] of this.#own.entries()) {
        if (state !== 'intended') this.#gratuitous.start(address, now.monotonic);
      }
    }
  }

  setDown(): void {
    if (this.isDown) return;
    this.#phase = 'down';
    this.claiming.becomeSilent();
    this.prober.stop();
    this.#context.changed();
  }

  removeAddress(address: string): void {
    this.claiming.removeAddress(address);
    this.conflicts.delete(address);
  }

  leave(): void {
    this.claiming.leave();
  }

  /** Who has a fresh Lease may be different now. */
  leasesChanged(): void {
    this.#nextCheck = 0;
    this.claiming.membershipChanged();
  }

  /** A heartbeat of another node, authenticated. False: it is not believed. */
  hear(heartbeat: Heartbeat, now: Now): boolean {
    if (this.isDown) return false;
    const { node } = heartbeat;
    const wasIncomplete = this.#peers.get(node)?.incompleteSince !== undefined;
    const news = this.#peers.hear(heartbeat, now.monotonic, this.#context.nodes.get(node)?.bootId);
    if (news === undefined) return false;
    this.#hearing.heard(node);
    this.claiming.changed(news.changed);
    const isCompleteNow = wasIncomplete && this.#peers.get(node)?.incompleteSince === undefined;
    if (news.isOtherMembership || isCompleteNow) this.claiming.membershipChanged();
    if (news.isOtherMembership) this.#membershipChanged(now);
    if (news.isNew) this.#own.retell();
    return true;
  }

  /** A host says that it has an address, or asks whether it may. True where that was news. */
  saw({ address, mac, kind }: Sighting, now: Now): boolean {
    if (this.isDown) return false;
    const known = this.claiming.address(address);
    if (known === undefined) {
      const isNews = kind === 'uses' && this.prober.saw(address, mac);
      if (isNews) this.#context.changed();
      return isNews;
    }
    const isProbing = this.claiming.isProbing(address);
    const isConflict = isProbing || (kind === 'uses' && this.#isAnswering(address));
    if (!isConflict || this.#peers.hasMac(mac)) return false;
    this.#note(address, mac, isProbing, now);
    if (isProbing) this.claiming.block(known, now);
    else if (this.conflicts.mayDefend(address, now.monotonic)) {
      this.#context.act({ kind: 'gratuitous', interface: this.name, address });
    }
    return true;
  }

  /** A heartbeat has been handed to the kernel; `at` is from before that. */
  sent(at: number): void {
    this.#sentAt = Math.max(this.#sentAt, at);
  }

  /** `mainUntil`: how long the main thread's last word is good for. */
  tick(now: Now, mainUntil: number): void {
    if (this.isDown) return;
    this.#mainUntil = mainUntil;
    this.#fence(now);
    const gone = this.#peers.expire(now.monotonic, this.#context.settings.timeoutMs);
    if (gone !== undefined) {
      this.claiming.changed(gone);
      this.claiming.membershipChanged();
      this.#membershipChanged(now);
    }
    if (now.monotonic >= this.#nextCheck) this.#check(now);
    this.claiming.tick(now);
    if (this.isActive) this.#doDuties(now);
    this.#tell(now);
  }

  /** When `tick` must be called at the latest. */
  get next(): number {
    if (this.isDown) return Number.POSITIVE_INFINITY;
    return Math.min(
      this.#nextHeartbeat,
      this.#own.hasUntold ? this.#nextBurst : Number.POSITIVE_INFINITY,
      this.#phase === 'listening' ? this.#listenUntil : this.answersUntil,
      this.#peers.nextExpiry(this.#context.settings.timeoutMs),
      this.claiming.next,
      this.isActive ? this.#gratuitous.next : Number.POSITIVE_INFINITY,
    );
  }

  /** A last word, so that peers need not wait for the timeout. */
  farewell(): void {
    if (this.isDown) return;
    this.claiming.becomeSilent();
    this.#heartbeat([]);
  }

  #listen(now: Now, silentMs: number): void {
    this.#phase = 'listening';
    this.#listenUntil = now.monotonic + this.#context.settings.timeoutMs;
    this.#nextHeartbeat = now.monotonic + silentMs;
    this.#levelling.membershipChanged(now.monotonic);
    this.#context.changed();
  }

  #membershipChanged(now: Now): void {
    this.#levelling.membershipChanged(now.monotonic);
    this.#context.membershipChanged();
  }

  /** Peers may have taken over, or nobody watches over this thread: silent at once. */
  #fence(now: Now): void {
    const isFenced = now.monotonic >= this.answersUntil;
    if (this.isActive && isFenced) {
      this.claiming.becomeSilent();
      this.prober.stop();
      this.#listen(now, 0);
    } else if (this.#phase === 'listening' && now.monotonic >= this.#listenUntil) {
      if (isFenced) this.#listenUntil = now.monotonic + this.#context.settings.intervalMs;
      else this.#activate(now);
    }
  }

  #activate(now: Now): void {
    this.#phase = 'active';
    this.claiming.becomeActive(now);
    this.#nextHeartbeat = now.monotonic;
    this.#context.changed();
  }

  #check(now: Now): void {
    this.#nextCheck = now.monotonic + checkMs;
    if (this.#hearing.update(now.monotonic)) {
      this.claiming.changedAll();
      this.claiming.membershipChanged();
      this.#context.changed();
    }
    if (this.conflicts.expire(now.monotonic)) this.#context.changed();
  }

  #doDuties(now: Now): void {
    for (const address of this.#gratuitous.take(now.monotonic)) {
      this.#context.act({ kind: 'gratuitous', interface: this.name, address });
    }
    this.#probeFree(now);
    this.#level(now);
  }

  /** The node of the lowest rank among those that are heard does it for all. */
  #probeFree(now: Now): void {
    const rank = hashOf(this.#context.node);
    for (const { node } of this.#peers.alive()) {
      if (hashOf(node) >= rank) continue;
      if (this.prober.stop()) this.#context.changed();
      return;
    }
    const { address, isOther } = this.prober.take(now.monotonic);
    if (isOther) this.#context.changed();
    if (address !== undefined) this.#context.act({ kind: 'probe', interface: this.name, address });
  }

  #level(now: Now): void {
    const isDue = this.claiming.orphanCount === 0 && this.#own.size > 0 && this.#levelling.take(now.monotonic);
    const address = isDue ? this.claiming.chooseMove() : undefined;
    if (address !== undefined) this.claiming.giveAway(address, now);
  }

  #tell(now: Now): void {
    const isBurst = this.#own.hasUntold && now.monotonic >= this.#nextBurst && this.isActive;
    const isDue = now.monotonic >= this.#nextHeartbeat;
    if (!isBurst && !isDue) return;
    this.#nextBurst = now.monotonic + burstGapMs;
    const { intervalMs } = this.#context.settings;
    if (isDue) this.#nextHeartbeat = Math.max(this.#nextHeartbeat + intervalMs, now.monotonic + intervalMs / 2);
    for (const claims of this.#own.pages(this.#claimsPerHeartbeat, mostHeartbeatsPerTick)) {
      this.#heartbeat(claims);
    }
  }

  get #claimsPerHeartbeat(): number {
    const fitting = Math.floor((this.#interface.mtu - headSize) / claimSize);
    return Math.max(1, Math.min(fitting, this.#context.settings.claimsPerHeartbeat));
  }

  #heartbeat(claims: Heartbeat['claims']): void {
    const { node, bootId } = this.#context;
    const heartbeat: Heartbeat = {
      node,
      bootId,
      counter: this.#context.nextCounter(),
      isLeaving: this.claiming.isLeaving,
      isListening: !this.isActive,
      mac: this.#interface.mac,
      total: this.#own.size,
      claims,
    };
    this.#context.act({ kind: 'heartbeat', interface: this.name, heartbeat });
  }

  #answer(address: string, isAnswering: boolean): void {
    if (!isAnswering) this.#gratuitous.stop(address);
    this.#context.act({ kind: isAnswering ? 'answer' : 'silence', interface: this.name, address });
    this.#context.changed();
  }

  #isAnswering(address: string): boolean {
    const state = this.#own.get(address)?.state;
    return state !== undefined && state !== 'intended';
  }

  #note(address: string, mac: string, isFirst: boolean, now: Now): void {
    const known = this.conflicts.get(address);
    this.conflicts.note(address, { mac, isFirst, seenAt: now.monotonic });
    if (known?.mac !== mac || known.isFirst !== isFirst) this.#context.changed();
  }
}
