/** One address a second: what moves does not disturb what stays. */
const paceMs = 1_000;

/**
 * Nothing moves because a node has come; but where the same nodes have stood beside each other for long and one of them carries much more
 * than another, or what another is preferred for, it gives away one address at a time.
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

  /** True at most once a second: an address may be given away now. */
  take(now: number): boolean {
    if (now < this.#since + this.#levelAfterMs || now < this.#nextAt) return false;
    this.#nextAt = now + paceMs;
    return true;
  }
}
