import { unlessAborted } from '../../../src/provider/adapter/unless-aborted.ts';
import type { Call, ProviderClock } from '../../../src/provider/provider.ts';
import type { Aws } from '../client/aws.ts';
import type { ObservedLoadBalancer } from '../model/observed.ts';
import { observeLoadBalancersByArn } from '../resources/load-balancers.ts';

/** AWS takes a minute or more, a fake nothing: looked at early, then ever more seldom. */
const firstMs = 250;
const longestMs = 15_000;

interface Waiting {
  readonly dueMs: number;
  readonly waitMs: number;
}

export interface Progress {
  /** As it was last seen; `undefined`: nobody has looked since, or it is gone. */
  readonly seen: ObservedLoadBalancer | undefined;
  /** Until the next look. */
  readonly retryAfterMs: number;
}

/**
 * The one poller for all balancers that AWS is still making: whoever asks when a look is due looks for everybody whose look is due soon, 20 a request.
 * It runs inside the calls of the core and never beside them, so that nothing is asked by a process that does not lead.
 */
export class Provisioning {
  readonly #aws: Aws;
  readonly #clock: ProviderClock;
  readonly #waiting = new Map<string, Waiting>();
  readonly #seen = new Map<string, ObservedLoadBalancer>();
  #looking: Promise<void> | undefined;

  constructor(aws: Aws, clock: ProviderClock) {
    this.#aws = aws;
    this.#clock = clock;
  }

  reset(): void {
    this.#waiting.clear();
    this.#seen.clear();
  }

  /** It is ready, or gone. */
  forget(arn: string): void {
    this.#waiting.delete(arn);
    this.#seen.delete(arn);
  }

  async progress(arn: string, call: Call): Promise<Progress> {
    const known = this.#waiting.get(arn);
    if (known === undefined) this.#waiting.set(arn, { dueMs: this.#clock.monotonic() + firstMs, waitMs: firstMs });
    while (this.#isDue(arn)) {
      if (this.#looking === undefined) await this.#look(call);
      else await unlessAborted(this.#looking, call.signal);
    }
    const due = this.#waiting.get(arn)?.dueMs ?? 0;
    return { seen: this.#seen.get(arn), retryAfterMs: Math.max(1, Math.ceil(due - this.#clock.monotonic())) };
  }

  #isDue(arn: string): boolean {
    return (this.#waiting.get(arn)?.dueMs ?? Number.POSITIVE_INFINITY) <= this.#clock.monotonic();
  }

  async #look(call: Call): Promise<void> {
    const looking = this.#lookAtDue(call);
    // Who waits for it is told by its own signal; the error is this call's.
    this.#looking = looking.catch(() => undefined).finally(() => (this.#looking = undefined));
    await looking;
  }

  async #lookAtDue(call: Call): Promise<void> {
    const now = this.#clock.monotonic();
    const due = [...this.#waiting].filter(([, { dueMs, waitMs }]) => dueMs <= now + waitMs / 2);
    const found = await observeLoadBalancersByArn(
      this.#aws,
      due.map(([arn]) => arn),
      call,
    );
    const byArn = new Map(found.map(one => [one.arn, one]));
    const seenMs = this.#clock.monotonic();
    for (const [arn, { waitMs }] of due) {
      if (!this.#waiting.has(arn)) continue;
      const next = Math.min(waitMs * 2, longestMs);
      this.#waiting.set(arn, { dueMs: seenMs + next, waitMs: next });
      const one = byArn.get(arn);
      if (one === undefined) this.#seen.delete(arn);
      else this.#seen.set(arn, one);
    }
  }
}
