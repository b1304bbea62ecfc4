import { chooseReceiver } from '../claims/choose-moves.ts';

/** One address a second: what moves does not disturb what stays. */
const paceMs = 1_000;

/**
 * Nothing moves because a node has come; but where the same nodes have stood beside each other for long and one of them carries much more
 * than another, it gives away one address at a time.
 */
export class Levelling {
  readonly #levelAfterMs: number;
  #since = 0;
  #nextAt = 0;

  constructor(levelAfterMs: number) {
    this.#levelAfterMs = levelAfterMs;
  }

  membershipChanged(now: number): void {
    this.#since = now;
  }

  /** The node that an address should be given to now. */
  take(now: number, own: number, loads: () => ReadonlyMap<string, number>): string | undefined {
    if (now < this.#since + this.#levelAfterMs || now < this.#nextAt || own === 0) return undefined;
    this.#nextAt = now + paceMs;
    return chooseReceiver(own, loads());
  }
}
