import { createHash } from 'node:crypto';
import { type KubeClient, statusOf } from '../../kube/client.ts';
import type { Clock, Random } from '../../kube/clock.ts';
import type { EndpointSlice } from '../../kube/objects.ts';
import { Reflector } from '../../kube/reflector.ts';
import { type Change, Store } from '../../kube/store.ts';
import { trimEndpointSlice } from '../../kube/trim.ts';
import { endpointsFrom, type KnownEndpoints, packSlice } from '../../plan/endpoints.ts';
import { deepFreeze } from '../../plan/load-balancer.ts';
import type { Log } from '../log.ts';
import { SliceIndex } from './slice-index.ts';
import { serviceOf, slicesPath, slicesQuery } from './slices.ts';

export interface EndpointWatchOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly pageSize: number;
  /** The endpoints of a Service may be others now. */
  readonly changed: (service: string) => void;
  /** What was awaited is there, or is known not to come: who asked in vain asks again. */
  readonly known: () => void;
}

type Listed = Extract<KnownEndpoints, { state: 'listed' }>;
type Slice = EndpointSlice & { readonly packed?: string };

/**
 * The endpoints of all Services, listed and watched from the moment on when somebody needs those of one; until then it costs nothing, and
 * no right. Once it runs it goes on between leaderships like the other watches, and each begins with a list that was taken after it was
 * gained: until that has come nothing is known. Nobody else waits for it.
 */
export class EndpointWatch {
  readonly #options: EndpointWatchOptions;
  readonly #stop = new AbortController();
  readonly #index = new SliceIndex<string, Listed>({ same: (a, b) => a === b, gather });
  /** Undefined until the first need. */
  #reflector: Reflector<Slice> | undefined;
  /** Of the present leadership; undefined before the first. */
  #over: AbortSignal | undefined;
  #isListed = false;
  #problem: string | undefined;
  /** Settled when something is known, or the leadership is over. */
  #answer = Promise.withResolvers<void>();

  constructor(options: EndpointWatchOptions) {
    this.#options = options;
  }

  of(service: string): KnownEndpoints {
    if (this.#isListed) return this.#index.of(service);
    return this.#problem === undefined ? { state: 'awaited' } : { state: 'closed', problem: this.#problem };
  }

  /** A leadership has begun, and is over when the signal aborts. */
  begin(over: AbortSignal): void {
    this.#over = over;
    this.#isListed = false;
    this.#problem = undefined;
    this.#answer = Promise.withResolvers<void>();
    if (this.#reflector !== undefined) void this.#list(this.#reflector, over);
  }

  /** Somebody needs endpoints. Resolves when they are listed, or known not to come, or the leadership is over. */
  need(): Promise<void> {
    if (this.#reflector === undefined && this.#over !== undefined) {
      this.#reflector = this.#reflect();
      void this.#reflector.run(this.#stop.signal);
      void this.#list(this.#reflector, this.#over);
    }
    return this.#answer.promise;
  }

  /** After the last leadership. */
  close(): void {
    this.#stop.abort();
  }

  #reflect(): Reflector<Slice> {
    const { client, clock, random, log, pageSize } = this.#options;
    const store = new Store<Slice>({
      keep: keptSlice,
      onChange: change => this.#changed(change),
      onFault: (error, key) => log.warn({ err: error, key }, 'fault in the store'),
    });
    return new Reflector({
      client,
      clock,
      random,
      pageSize,
      path: slicesPath,
      query: slicesQuery,
      store,
      log: (message, fields) => log.warn(fields, message),
      onError: (error, during) => this.#failed(error, during),
    });
  }

  async #list(reflector: Reflector<Slice>, over: AbortSignal): Promise<void> {
    const { resolve } = this.#answer;
    try {
      await reflector.refresh(over);
    } catch {
      return resolve();
    }
    // Another leadership may have begun in the meantime, and awaits a list of its own.
    if (over !== this.#over) return;
    this.#isListed = true;
    this.#problem = undefined;
    this.#tell();
  }

  /** What was listed once in this leadership stays in force; a refusal before it is told, and passes when a list succeeds. */
  #failed(error: unknown, during: 'list' | 'watch' | 'object'): void {
    const isRefusal = [401, 403, 404].includes(statusOf(error) ?? 0);
    if (during !== 'list' || this.#isListed || this.#problem !== undefined || !isRefusal) return;
    this.#problem = error instanceof Error ? error.message : String(error);
    this.#tell();
  }

  #tell(): void {
    this.#answer.resolve();
    this.#options.known();
  }

  #changed({ key, previous, current }: Change<Slice>): void {
    for (const service of new Set([previous, current].flatMap(slice => (slice ? [serviceOf(slice)] : [])))) {
      const part = current !== undefined && serviceOf(current) === service ? (current.packed ?? '') : undefined;
      if (this.#index.set(service, key, part)) this.#options.changed(service);
    }
  }
}

function keptSlice(slice: Slice): Slice {
  const { metadata } = trimEndpointSlice(slice);
  return { metadata, packed: packSlice(slice) };
}

function gather(packed: Iterable<string>): Listed {
  const endpoints = deepFreeze(endpointsFrom(packed));
  const version = createHash('sha256').update(JSON.stringify(endpoints)).digest('base64url').slice(0, 22);
  return { state: 'listed', endpoints, version };
}
