import type { Heartbeat } from '../../wire/heartbeat.ts';
import type { Claim, OwnState } from './judge-claim.ts';

interface PeerClaim extends Claim {
  /** Number, among those that were heard, of the heartbeat that told it last. */
  readonly toldIn: number;
}

/** Of those who claim more than this, the rest is not remembered: nobody has so many addresses on one segment. */
const mostClaims = 65_536;
const mostRetired = 8;
/** Least claims of a heartbeat that belong to the rotation, where the sender has so many and its MTU is the least: see `OwnClaims`. */
const rotationPerHeartbeat = 3;

/** A node that has been heard on a segment. It is remembered after it has fallen silent: its counter must not be heard again. */
export class Peer {
  readonly node: string;
  mac: string;
  heardAt: number;
  isAlive = true;
  isLeaving = false;
  isListening = false;
  /** Since when claims of it are missing here; `undefined` while all are known. */
  incompleteSince: number | undefined;
  total = 0;
  readonly claims = new Map<string, PeerClaim>();
  #bootId: string;
  #counter: number;
  /** How many heartbeats have been heard, and from which of them on none was missed. */
  #heard = 0;
  #unbrokenFrom = Number.POSITIVE_INFINITY;
  readonly #retired: string[] = [];

  constructor(heartbeat: Heartbeat, now: number) {
    this.node = heartbeat.node;
    this.mac = heartbeat.mac;
    this.heardAt = now;
    this.#bootId = heartbeat.bootId;
    this.#counter = heartbeat.counter - 1;
  }

  /**
   * Whether a heartbeat is to be believed: forged ones have been refused before, this is about those that were recorded.
   *
   * | boot id                | counter         | the Lease names it | →       |
   * |------------------------|-----------------|--------------------|---------|
   * | the same               | above the last  |                    | yes     |
   * | another                | above the last  |                    | yes     | (restarted)
   * | another                | not above       | yes                | yes     | (restarted, and its clock was set back)
   * | another, ended already |                 |                    | no      |
   * | any                    | not above       | no                 | no      |
   */
  believes({ bootId, counter }: Heartbeat, leaseBootId: string | undefined): boolean {
    if (this.#retired.includes(bootId)) return false;
    return counter > this.#counter || (bootId !== this.#bootId && bootId === leaseBootId);
  }

  /** Takes over what it tells; returns the addresses whose claims are different now. */
  hear(heartbeat: Heartbeat, now: number): readonly string[] {
    const changed: string[] = [];
    if (heartbeat.bootId !== this.#bootId) changed.push(...this.#restarted(heartbeat.bootId));
    this.#heard++;
    if (heartbeat.counter !== this.#counter + 1) this.#unbrokenFrom = this.#heard;
    this.#counter = heartbeat.counter;
    this.mac = heartbeat.mac;
    this.heardAt = now;
    this.isAlive = true;
    this.isLeaving = heartbeat.isLeaving;
    this.isListening = heartbeat.isListening;
    this.total = heartbeat.total;
    if (this.total === 0) changed.push(...this.forget());
    else this.#learn(heartbeat, changed);
    this.#judgeCompleteness(now, changed);
    return changed;
  }

  /** It claims nothing any more, as far as is known. Returns what it claimed. */
  forget(): readonly string[] {
    const addresses = [...this.claims.keys()];
    this.claims.clear();
    this.#unbrokenFrom = Number.POSITIVE_INFINITY;
    return addresses;
  }

  #restarted(bootId: string): readonly string[] {
    this.#retired.push(this.#bootId);
    if (this.#retired.length > mostRetired) this.#retired.shift();
    this.#bootId = bootId;
    return this.forget();
  }

  #learn({ claims }: Heartbeat, changed: string[]): void {
    for (const { address, since, state } of claims) {
      const known = this.claims.get(address);
      if (state === 'released') {
        if (this.claims.delete(address)) changed.push(address);
      } else if (known !== undefined || this.claims.size < mostClaims) {
        this.claims.set(address, { node: this.node, since, state: state satisfies OwnState, toldIn: this.#heard });
        if (known?.since !== since || known.state !== state) changed.push(address);
      }
    }
  }

  /**
   * Too few: some have not been heard yet. Too many: a release was lost. What two whole rotations have not told, nothing of them missed, is
   * not claimed any more; where some of it was missed, what eight have not.
   */
  #judgeCompleteness(now: number, changed: string[]): void {
    if (this.claims.size >= this.total) this.incompleteSince = undefined;
    else this.incompleteSince ??= now;
    if (this.claims.size <= this.total) return;
    const rotation = Math.ceil(this.total / rotationPerHeartbeat) + 1;
    const isUnbroken = this.#unbrokenFrom <= this.#heard - 2 * rotation;
    const since = this.#heard - (isUnbroken ? 2 : 8) * rotation;
    for (const [address, { toldIn }] of this.claims) {
      if (toldIn < since && this.claims.delete(address)) changed.push(address);
    }
  }
}
