import type { LogicalClock } from '../../../src/provider/adapter/logical-clock.ts';
import type { Ensured } from '../../../src/provider/provider.ts';
import { isNothing, type KnownBalancer, nothingKnown } from '../model/kinds.ts';
import type { Owner } from '../model/marks.ts';

/** What an ensure has come to, so that an equal one needs no request. */
export interface Settled {
  readonly fingerprint: string;
  readonly answer: Pick<Ensured, 'ingress'> & { readonly warnings: NonNullable<Ensured['warnings']> };
}

/** Everything that this process knows of one Service's parts, or of those that the cluster shares. Changed by the one call that runs for it. */
export class PartsRecord {
  /** `undefined`: the cluster's. */
  readonly owner: Owner | undefined;
  /** Names of its parts begin so. */
  readonly prefix: string;
  readonly #time: LogicalClock;
  #known: KnownBalancer = nothingKnown;
  #touchedAt = 0;
  /** A change may have been applied or not: nothing is decided before it has been read again. */
  isUnsure = false;
  settled: Settled | undefined;
  /** Of the last ensure that succeeded in this process: another one is a change by the user. */
  fingerprint: string | undefined;
  /** On the monotonic clock: when it was last compared with what there is. */
  verifiedMs = Number.NEGATIVE_INFINITY;
  /** Deletions that had to wait, in a row. */
  waits = 0;

  constructor(owner: Owner | undefined, prefix: string, time: LogicalClock) {
    this.owner = owner;
    this.prefix = prefix;
    this.#time = time;
  }

  get known(): KnownBalancer {
    return this.#known;
  }

  /** On the logical clock: whoever looked before it may not have seen the last change. */
  get touchedAt(): number {
    return this.#touchedAt;
  }

  get isNothing(): boolean {
    return isNothing(this.#known) && !this.isUnsure;
  }

  /** By a change of ours. */
  change(known: KnownBalancer): void {
    this.#known = known;
    this.#touchedAt = this.#time.next();
  }

  /** By a look at what there is, which began at `at`. */
  see(known: KnownBalancer, at: number, beganMs: number): void {
    if (at < this.#touchedAt) return;
    this.#known = known;
    this.isUnsure = false;
    this.settled = undefined;
    this.verifiedMs = beganMs;
  }

  doubt(): void {
    this.isUnsure = true;
    this.settled = undefined;
    this.#touchedAt = this.#time.next();
  }
}
