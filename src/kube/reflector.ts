import { type KubeClient, KubeError } from './client.ts';
import { type Clock, type Random, sleep } from './clock.ts';
import { listPages } from './list-pages.ts';
import { ListWishes } from './list-wishes.ts';
import { isNewer, type KubeObject, type Status, type WatchEvent } from './objects.ts';
import { retryDelay } from './retry-delay.ts';
import type { Replacement, Store } from './store.ts';

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  /** Of the collection: `/api/v1/services`. */
  readonly path: string;
  /** `labelSelector`, `fieldSelector`: what of the collection. An object that stops matching is removed. */
  readonly query?: Readonly<Record<string, string>>;
  readonly store: Store<T>;
  readonly log?: (message: string, fields: Record<string, unknown>) => void;
  /** Told of every failed list or watch and of every object that cannot be used; none of them ends anything. */
  readonly onError?: (error: unknown, during: 'list' | 'watch' | 'object') => void;
  /** Told after the store holds another complete list. */
  readonly onListed?: () => void;
  /** Objects in one page of a list. Default 500. */
  readonly pageSize?: number;
}

const delays = { firstMs: 100, mostMs: 30_000 };
/** Bookmarks come about every minute. */
const idleDeadlineMs = 90_000;
/** A watch that ended sooner and said nothing counts as failed: a server that ends them all at once must not be asked without pause. */
const shortWatchMs = 1_000;
/** So many watches in a row without even a bookmark: our version may be one that the server has never had (etcd restored from a backup). */
const mostSilentWatches = 2;

/** What is being done now, and how to stop it. */
interface Work {
  readonly kind: 'list' | 'watch' | 'pause';
  readonly abort: AbortController;
}

/**
 * Keeps a store equal to a collection of the API server: a list, then watches from where it was taken, for ever, through every failure.
 * All of it happens in `run`, one thing after the other; so no watch moves the store while a list is being taken.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #wishes = new ListWishes();
  /** Where the next watch begins; undefined: a list has to be taken first. */
  #version: string | undefined;
  /** The newest version that a watch or a list has told of. */
  #newest = '';
  #work: Work | undefined;
  readonly #failures = { list: 0, watch: 0 };
  #silentWatches = 0;
  /** Whether the last failure was that nobody answered. */
  #wasAway = false;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
  }

  /** Lists and watches until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    // One turn of the event loop later, so that a refresh asked for right after the start shares its list.
    await sleep(this.#options.clock, 0, signal);
    while (!signal.aborted) {
      const kind = this.#version === undefined || this.#wishes.isOpen ? 'list' : 'watch';
      try {
        await (kind === 'list' ? this.#list(signal) : this.#watch(signal));
      } catch (error) {
        if (!signal.aborted && !this.#isStopped()) await this.#pauseAfter(error, kind, signal);
      }
    }
    this.#wishes.rejectAll(signal.reason);
  }

  /**
   * Resolves when the store holds a list that was begun after this call. `run` does the work, so it has to be running; it tries until
   * the list succeeds. Rejects with the signal's reason when that aborts first.
   */
  refresh(signal: AbortSignal): Promise<void> {
    // A list that somebody else waits for goes on; anything else would now be done in vain.
    const isWanted = this.#work?.kind === 'list' && this.#wishes.hasWaiters;
    const fulfilled = this.#wishes.wish(signal);
    this.#failures.list = 0;
    if (!isWanted && !signal.aborted) this.#work?.abort.abort();
    return fulfilled;
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, path, query = {}, store, pageSize = 500 } = this.#options;
    const wish = this.#wishes.newest;
    let version = '';
    let replacement: Replacement<T> | undefined;
    for await (const page of listPages<T>({ client, path, query, pageSize, signal: this.#begin('list', signal) })) {
      version = page.metadata.resourceVersion;
      // No watch runs meanwhile, so a list older than what was told before can only be of another history.
      replacement ??= store.replacement(version, isNewer(this.#newest, version));
      replacement.add(page.items.filter(item => this.#isUsable(item)));
    }
    if (replacement === undefined || this.#isStopped()) return;
    replacement.commit();
    this.#version = version;
    this.#newest = version;
    this.#silentWatches = 0;
    this.#failures.list = 0;
    this.#options.onListed?.();
    this.#wishes.fulfil(wish);
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, clock, random, path } = this.#options;
    const query = {
      ...this.#options.query,
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#version ?? '',
      timeoutSeconds: String(Math.floor(300 + 300 * random())),
    };
    const begun = clock.monotonic();
    try {
      for await (const event of client.watch<T>({
        path,
        query,
        signal: this.#begin('watch', signal),
        idleDeadlineMs,
      })) {
        this.#take(event);
        this.#failures.watch = 0;
        this.#silentWatches = 0;
      }
    } finally {
      if (clock.monotonic() - begun >= shortWatchMs) this.#failures.watch = 0;
    }
    const isShort = clock.monotonic() - begun < shortWatchMs;
    if (isShort && !signal.aborted && !this.#isStopped())
      throw new KubeError(0, 'ShortWatch', 'the API server ended the watch at once');
  }

  #take(event: WatchEvent<T>): void {
    if (event.type === 'ERROR') throw errorOf(event.object);
    const { object } = event;
    const version: unknown = object?.metadata?.resourceVersion;
    if (event.type !== 'BOOKMARK' && this.#isUsable(object)) {
      if (event.type === 'DELETED') this.#options.store.remove(object);
      else this.#options.store.put(object);
    }
    if (isText(version)) {
      this.#version = version;
      this.#newest = version;
    }
  }

  /** Whether the object has what everything here relies on. One that has not is reported and left out; the others count on. */
  #isUsable(object: T | null | undefined): object is T {
    const { name, uid, resourceVersion } = (object?.metadata ?? {}) as Readonly<Record<string, unknown>>;
    if (isText(name) && isText(uid) && isText(resourceVersion)) return true;
    this.#report(new Error(`an object without name, uid or resourceVersion is left out: ${String(name)}`), 'object');
    return false;
  }

  async #pauseAfter(error: unknown, kind: 'list' | 'watch', signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    const isAway = error instanceof KubeError && (error.reason === 'Unreachable' || error.reason === 'Timeout');
    // A server that is back, and has forgotten our version meanwhile, need not be spared for the time that it was away.
    if (this.#wasAway && !isAway) this.#failures[kind] = 0;
    this.#wasAway = isAway;
    this.#failures[kind] += 1;
    if (error instanceof KubeError && error.reason === 'Timeout' && kind === 'watch') this.#silentWatches += 1;
    // A version that is gone, or that the server has not reached, is of no use any more, and neither is one of a collection that is
    // gone or closed to us: only a new list leads on.
    if (kind === 'watch' && (isUselessVersion(error) || this.#silentWatches >= mostSilentWatches))
      this.#version = undefined;
    this.#report(error, kind);
    await sleep(clock, retryDelay(this.#failures[kind], delays, random, error), this.#begin('pause', signal));
  }

  /** A signal that ends with the run, or when `refresh` wants something else to be done. */
  #begin(kind: Work['kind'], signal: AbortSignal): AbortSignal {
    const abort = new AbortController();
    this.#work = { kind, abort };
    return AbortSignal.any([signal, abort.signal]);
  }

  #isStopped(): boolean {
    return this.#work?.abort.signal.aborted === true;
  }

  #report(error: unknown, during: 'list' | 'watch' | 'object'): void {
    const { onError, log, path } = this.#options;
    onError?.(error, during);
    log?.(`${during} failed`, { path, error: error instanceof Error ? error.message : String(error) });
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function errorOf({ code, reason, message, details }: Status): KubeError {
  const retryAfterMs = details?.retryAfterSeconds === undefined ? undefined : details.retryAfterSeconds * 1_000;
  return new KubeError(code ?? 500, reason ?? 'Unknown', message ?? 'the watch failed', {
    causes: details?.causes,
    retryAfterMs,
  });
}

function isUselessVersion(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  return (
    [403, 404, 410].includes(error.status) ||
    error.reason === 'Expired' ||
    error.causes?.some(({ reason }) => reason === 'ResourceVersionTooLarge') === true
  );
}
