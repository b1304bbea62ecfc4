import { type KubeClient, KubeError, objectPath, patchType, statusOf } from './client.ts';
import { type Clock, type Random, sleep } from './clock.ts';
import {
  cutToBytes,
  type EventContent,
  type EventSubject,
  eventBody,
  eventName,
  type InvolvedObject,
  involvedObjectOf,
  namespaceOf,
  occurrencesPatch,
} from './event-body.ts';
import { EventBudget } from './event-budget.ts';
import { EventQueue } from './event-queue.ts';
import { retryDelay } from './retry-delay.ts';

/** `full`: the queue; `limited`: the object has used up its share; `failed`: the API server refused it, or did not answer for too long. */
export type DropReason = 'full' | 'limited' | 'failed';

export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly component: string;
  /** Which replica. */
  readonly identity: string;
  /** While true, at most 4 Events a second are sent, one after the other: what the API server does for them it does not do for others. */
  readonly isBusy?: () => boolean;
  readonly onDropped?: (reason: DropReason, event: EventContent) => void;
}

/** One Event as it is, or will be, on the API server. */
interface Entry {
  readonly about: InvolvedObject;
  readonly content: EventContent;
  readonly type: EventContent['type'];
  readonly firstMs: number;
  lastMs: number;
  count: number;
  /** Monotonic, of the last occurrence. */
  seenAt: number;
  /** Monotonic, of the last success. */
  sentAt: number;
  name: string;
  isPosted: boolean;
  state: 'idle' | 'waiting' | 'sending';
  failures: number;
}

const repeatWithinMs = 600_000;
/** A repeat is written at most so often. */
const patchPauseMs = 10_000;
const mostWaiting = 10_000;
const mostRemembered = 10_000;
const mostFailures = 5;
const parallel = 4;
const busyPauseMs = 250;
const delays = { firstMs: 500, mostMs: 10_000 };
const path = '/api/v1/namespaces';

/** Writes Events in the background: `record` returns at once and never throws. A repeat within 10 minutes raises the count of the first. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #budget: EventBudget;
  readonly #queue = new EventQueue<Entry>(mostWaiting);
  /** By what makes two occurrences the same Event; the one that occurred longest ago first. */
  readonly #known = new Map<string, Entry>();
  /** Waiting for their time, with what cancels it. */
  readonly #delayed = new Map<Entry, () => void>();
  #changed = Promise.withResolvers<void>();
  #sending = 0;
  #unique: bigint;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#budget = new EventBudget(options.clock);
    // Two replicas may write about one object in one millisecond.
    this.#unique = BigInt(Math.floor(options.random() * 1_000_000));
  }

  record(object: EventSubject, event: EventContent): void {
    const { type, reason, message } = event;
    const entry = this.#entry(object, { type, reason, message: cutToBytes(message, 1_024) });
    if (entry.state !== 'idle') return;
    if (this.#budget.take(entry.about.uid)) this.#schedule(entry);
    else this.#options.onDropped?.('limited', entry.content);
  }

  /** Sends until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#notify(), { once: true });
    while (!signal.aborted) {
      const isBusy = this.#options.isBusy?.() === true;
      const entry = this.#sending < (isBusy ? 1 : parallel) ? this.#queue.take() : undefined;
      if (entry === undefined) {
        await this.#changed.promise;
        continue;
      }
      void this.#send(entry);
      if (isBusy) await sleep(this.#options.clock, busyPauseMs, signal);
    }
  }

  /** At shutdown: sends what waits, without pauses. Resolves when all is written, or after `deadlineMs`. */
  async flush(deadlineMs: number): Promise<void> {
    const { clock } = this.#options;
    const until = clock.monotonic() + deadlineMs;
    const cancel = clock.after(deadlineMs, () => this.#notify());
    for (const entry of this.#delayed.keys()) this.#enqueue(entry);
    while (clock.monotonic() < until && this.#queue.size + this.#sending + this.#delayed.size > 0) {
      const entry = this.#sending < parallel ? this.#queue.take() : undefined;
      if (entry === undefined) await this.#changed.promise;
      else void this.#send(entry);
    }
    cancel();
  }

  #entry(object: EventSubject, content: EventContent): Entry {
    const { clock } = this.#options;
    const [seenAt, now] = [clock.monotonic(), clock.now()];
    const key = [object.metadata.uid, content.type, content.reason, content.message].join('\n');
    const known = this.#known.get(key);
    this.#known.delete(key);
    const isRepeat = known !== undefined && seenAt - known.seenAt < repeatWithinMs;
    const entry: Entry = isRepeat
      ? Object.assign(known, { count: known.count + 1, lastMs: now, seenAt })
      : {
          about: involvedObjectOf(object),
          content,
          type: content.type,
          firstMs: now,
          lastMs: now,
          count: 1,
          seenAt,
          sentAt: Number.NEGATIVE_INFINITY,
          name: '',
          isPosted: false,
          state: 'idle',
          failures: 0,
        };
    this.#known.set(key, entry);
    if (this.#known.size > mostRemembered) this.#forgetOldest();
    return entry;
  }

  #forgetOldest(): void {
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }

  #schedule(entry: Entry): void {
    const wait = entry.sentAt + patchPauseMs - this.#options.clock.monotonic();
    if (wait > 0) this.#delay(entry, wait);
    else this.#enqueue(entry);
  }

  #delay(entry: Entry, ms: number): void {
    entry.state = 'waiting';
    this.#delayed.set(
      entry,
      this.#options.clock.after(ms, () => this.#enqueue(entry)),
    );
  }

  #enqueue(entry: Entry): void {
    this.#delayed.get(entry)?.();
    this.#delayed.delete(entry);
    entry.state = 'waiting';
    const dropped = this.#queue.add(entry);
    if (dropped !== undefined) this.#drop(dropped, 'full');
    this.#notify();
  }

  #drop(entry: Entry, reason: DropReason): void {
    entry.state = 'idle';
    entry.failures = 0;
    this.#options.onDropped?.(reason, entry.content);
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #send(entry: Entry): Promise<void> {
    this.#sending += 1;
    entry.state = 'sending';
    const { count } = entry;
    try {
      await this.#write(entry);
      this.#sent(entry, count);
    } catch (error) {
      this.#failed(entry, error);
    } finally {
      this.#sending -= 1;
      this.#notify();
    }
  }

  #sent(entry: Entry, count: number): void {
    Object.assign(entry, { isPosted: true, state: 'idle', failures: 0, sentAt: this.#options.clock.monotonic() });
    if (entry.count > count && this.#budget.take(entry.about.uid)) this.#schedule(entry);
  }

  async #write(entry: Entry): Promise<void> {
    const { client, clock, component, identity } = this.#options;
    const base = objectPath(path, namespaceOf(entry.about), 'events');
    if (entry.isPosted) {
      const patched = {
        method: 'PATCH',
        path: objectPath(base, entry.name),
        contentType: patchType.merge,
        body: occurrencesPatch(entry),
      } as const;
      await client.request(patched);
      return;
    }
    if (entry.name === '')
      entry.name = eventName(
        entry.about.name,
        BigInt(Math.floor(clock.now())) * 1_000_000n + (this.#unique++ % 1_000_000n),
      );
    const body = eventBody(entry.name, entry.about, entry.content, entry, { component, identity });
    try {
      await client.request({ method: 'POST', path: base, body });
    } catch (error) {
      // After a lost answer: it was written then.
      if (statusOf(error) !== 409 || entry.failures === 0) throw error;
    }
  }

  #failed(entry: Entry, error: unknown): void {
    const status = statusOf(error) ?? 0;
    if (isNamespaceGone(error) && !entry.isPosted) {
      entry.state = 'idle';
      return;
    }
    entry.failures += 1;
    // A PATCH of an Event that has expired, or a name that somebody else has: a new one.
    const isStale = (status === 404 && entry.isPosted) || status === 409;
    if (isStale) Object.assign(entry, { isPosted: false, name: '' });
    const isWorthRetrying = isStale || status === 0 || status === 429 || status >= 500;
    if (!isWorthRetrying || entry.failures >= mostFailures) this.#drop(entry, 'failed');
    else this.#delay(entry, retryDelay(entry.failures, delays, this.#options.random, error));
  }
}

/** Nobody is left to read it. */
function isNamespaceGone(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  if (error.status === 404) return true;
  const isTerminating = error.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true;
  return error.status === 403 && (isTerminating || error.message.includes('being terminated'));
}
