import { type KubeClient, statusOf } from './client.ts';
import { type Clock, type Random, sleep } from './clock.ts';
import { type Leadership, Term } from './leadership.ts';
import { LeaseClient } from './lease-client.ts';
import { HolderWatch, isHeld } from './lease-record.ts';
import type { Lease } from './objects.ts';
import { retryDelay } from './retry-delay.ts';

export { type Leadership, LeadershipLost } from './leadership.ts';

export interface ElectionOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly namespace: string;
  readonly name: string;
  /** Who we are, for people. */
  readonly identity: string;
  /** How long others wait after our last renewal. Default 15,000. */
  readonly leaseDurationMs?: number;
  /** How long after the start of our last successful renewal we may act. Default 10,000; the difference is what a last write may take. */
  readonly renewDeadlineMs?: number;
  /** Between two renewals. Default 2,000. Whoever waits looks four times as often, so that a dead leader is replaced within a second of the Lease's end. */
  readonly retryPeriodMs?: number;
  /** Called at every gain. Returns soon after `leadership.signal` or `stopping` has aborted; only then is the Lease given up. */
  readonly lead: (leadership: Leadership, stopping: AbortSignal) => Promise<void>;
  readonly log?: (message: string, fields: Record<string, unknown>) => void;
  readonly onState?: (state: ElectionState) => void;
}

/** `suspended`: has led, lost the Lease without anybody else having taken it, and tries to regain it. */
export type ElectionState = 'waiting' | 'leading' | 'suspended' | 'stopped';

/** How long a `lead` that was told to end may hold up the next one. */
const leadGraceMs = 10_000;

/**
 * Leader election on a Lease, after client-go's algorithm, with deadlines on the monotonic clock only.
 *
 * Two never lead at once: we act until `renewDeadline` after the moment *before* our last renewal was sent; others wait `leaseDuration`
 * after the moment at which they *saw* it.
 *
 * Resolves with `stopped` after `signal` has aborted and the Lease was released, or with `replaced` when another holds a Lease that was
 * ours. Rejects only with what `lead` rejected with while it held the Lease.
 */
export function runElection(options: ElectionOptions, signal: AbortSignal): Promise<'stopped' | 'replaced'> {
  return new Election(options, signal).run();
}

/** How a leadership ended: `lead` returned, its time ran out, or another holds the Lease. */
type End = 'returned' | 'lost' | 'replaced';

class Election {
  readonly #options: ElectionOptions;
  readonly #signal: AbortSignal;
  readonly #client: LeaseClient;
  readonly #holder = new HolderWatch();
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  /** As last read or written; undefined: it has to be read. */
  #lease: Lease | undefined;
  #hasLed = false;
  /** Monotonic. */
  #lostAt = 0;

  constructor(options: ElectionOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000;
    this.#client = new LeaseClient({ ...options, leaseDurationMs: this.#leaseDurationMs });
  }

  async run(): Promise<'stopped' | 'replaced'> {
    try {
      for (;;) {
        this.#options.onState?.(this.#hasLed ? 'suspended' : 'waiting');
        const gained = await this.#gain();
        if (!(gained instanceof Term)) return gained;
        const end = await this.#lead(gained);
        if (end === 'replaced') return 'replaced';
        if (end === 'returned' || this.#signal.aborted) return 'stopped';
        // What the lost leadership has sent may be on the wire for so long; the next one must not overtake it.
        const spentMs = this.#options.clock.monotonic() - this.#lostAt;
        await this.#sleep(this.#leaseDurationMs - this.#renewDeadlineMs - spentMs);
      }
    } finally {
      this.#options.onState?.('stopped');
    }
  }

  /** Tries until the Lease is ours. */
  async #gain(): Promise<Term | 'stopped' | 'replaced'> {
    let failures = 0;
    while (!this.#signal.aborted) {
      try {
        const lease = await this.#client.read(this.#requestMs(), this.#signal);
        if (lease !== undefined && this.#hasLed && this.#isAnothers(lease)) return 'replaced';
        const term = await this.#takeWhenFree(lease);
        if (term !== undefined) return term;
        failures = 0;
      } catch (error) {
        failures += 1;
        if (statusOf(error) !== 409) this.#log('the Lease cannot be read or written', { error: textOf(error) });
        await this.#sleep(
          retryDelay(failures, { firstMs: 100, mostMs: this.#retryPeriodMs }, this.#options.random, error),
        );
      }
    }
    return 'stopped';
  }

  /** Waits until the Lease may be taken, but not longer than until the next look at it. */
  async #takeWhenFree(lease: Lease | undefined): Promise<Term | undefined> {
    const now = this.#options.clock.monotonic();
    const wait = this.#freeAt(lease, now) - now;
    const pollMs = (this.#retryPeriodMs / 4) * (1 + this.#options.random() / 2);
    if (wait > 0) await this.#sleep(Math.min(wait, pollMs));
    if (wait > pollMs || this.#signal.aborted) return undefined;
    return this.#take(lease);
  }

  #freeAt(lease: Lease | undefined, now: number): number {
    if (lease === undefined) return this.#holder.expiryOfAbsent(now, this.#leaseDurationMs);
    if (this.#isAnothers(lease)) return this.#holder.expiryOf(lease.spec, now, this.#leaseDurationMs);
    this.#holder.forget();
    return now;
  }

  #isAnothers(lease: Lease): boolean {
    return isHeld(lease.spec) && !this.#client.isOurs(lease);
  }

  async #take(lease: Lease | undefined): Promise<Term | undefined> {
    const { clock, identity } = this.#options;
    const deadline = clock.monotonic() + this.#renewDeadlineMs;
    this.#lease = await this.#client.take(lease, this.#requestMs());
    this.#holder.forget();
    if (clock.monotonic() >= deadline) return undefined;
    const epoch = this.#lease.metadata.resourceVersion;
    this.#log('gained the Lease', { identity, epoch });
    return new Term(epoch, deadline, clock);
  }

  async #lead(term: Term): Promise<End> {
    this.#hasLed = true;
    this.#options.onState?.('leading');
    const stopping = new AbortController();
    const stop = (): void => stopping.abort();
    this.#signal.addEventListener('abort', stop, { once: true });
    if (this.#signal.aborted) stop();
    const returned = new AbortController();
    let failure: { readonly error: unknown } | undefined;
    const leading = (async () => this.#options.lead(term, stopping.signal))()
      .catch((error: unknown) => (failure = { error }))
      .finally(() => returned.abort());
    const end = await this.#renewUntil(returned.signal, term);
    if (end !== 'returned') {
      this.#lostAt = this.#options.clock.monotonic();
      this.#log(end === 'lost' ? 'the Lease was not renewed in time' : 'another has taken the Lease', {
        epoch: term.epoch,
      });
      this.#options.onState?.('suspended');
      await Promise.race([leading, sleep(this.#options.clock, leadGraceMs, returned.signal)]);
    }
    this.#signal.removeEventListener('abort', stop);
    // Before the Lease is given up: the next one may lead at that moment.
    term.end();
    // A loss by time tells nobody that we are going; only where another holds the Lease there is nothing to give up.
    const isOver = end === 'returned' || (end === 'lost' && this.#signal.aborted && returned.signal.aborted);
    if (isOver) await this.#release();
    if (end === 'returned' && failure !== undefined) throw failure.error;
    return end;
  }

  /** Renews until `lead` has returned or the term is over. The term has ended when this returns anything but `returned`. */
  async #renewUntil(returned: AbortSignal, term: Term): Promise<End> {
    const over = AbortSignal.any([returned, term.signal]);
    let failures = 0;
    let pause = this.#retryPeriodMs;
    for (;;) {
      await sleep(this.#options.clock, pause, over);
      // Who returns because the time was up has lost the Lease: a renewal that was out meanwhile must not make it a return.
      if (returned.aborted && term.leftMs > 0) return 'returned';
      const begun = this.#options.clock.monotonic();
      try {
        const end = term.leftMs > 0 ? await this.#renew(term) : 'lost';
        if (end !== undefined) {
          term.end();
          return end;
        }
        failures = 0;
        pause = Math.max(begun + this.#retryPeriodMs - this.#options.clock.monotonic(), 0);
      } catch (error) {
        failures += 1;
        this.#log('the Lease was not renewed', { error: textOf(error), leftMs: Math.round(term.leftMs) });
        pause = retryDelay(
          failures,
          { firstMs: this.#retryPeriodMs / 8, mostMs: this.#retryPeriodMs },
          this.#options.random,
          error,
        );
      }
    }
  }

  /** One renewal. Returns how the term has ended, if it has. */
  async #renew(term: Term): Promise<End | undefined> {
    const deadlineMs = Math.min(term.leftMs, this.#requestMs());
    const deadline = this.#options.clock.monotonic() + this.#renewDeadlineMs;
    try {
      if (this.#lease === undefined) {
        const lease = await this.#client.read(deadlineMs);
        if (lease === undefined || !isHeld(lease.spec)) return 'lost';
        if (!this.#client.isOurs(lease)) return 'replaced';
        this.#lease = lease;
        return term.leftMs > 0 ? this.#renew(term) : 'lost';
      }
      this.#lease = await this.#client.renew(this.#lease, deadlineMs);
      return term.extend(deadline) ? undefined : 'lost';
    } catch (error) {
      const status = statusOf(error);
      if (status === 404) return 'lost';
      // Written by somebody else, or by a renewal of ours whose answer was lost: a look tells which.
      if (status === 409) this.#lease = undefined;
      throw error;
    }
  }

  /** Lets the next one in without waiting. Nothing more than that is lost when it fails. */
  async #release(): Promise<void> {
    try {
      const lease = this.#lease ?? (await this.#client.read(this.#requestMs()));
      if (lease === undefined || !this.#client.isOurs(lease)) return;
      await this.#client.release(lease, this.#requestMs());
      this.#log('released the Lease', { identity: this.#options.identity });
    } catch (error) {
      this.#log('the Lease was not released: the next leader waits until it has run out', { error: textOf(error) });
    }
  }

  /** Several attempts fit into the time that a renewal has. */
  #requestMs(): number {
    return this.#renewDeadlineMs / 3;
  }

  #sleep(ms: number): Promise<void> {
    return sleep(this.#options.clock, ms, this.#signal);
  }

  #log(message: string, fields: Record<string, unknown>): void {
    this.#options.log?.(message, fields);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
