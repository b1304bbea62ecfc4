import { type KubeClient, KubeError, type KubeRequest, type WatchRequest } from '../../src/kube/client.ts';
import type { Clock } from '../../src/kube/clock.ts';
import type { KubeObject, WatchEvent } from '../../src/kube/objects.ts';

export interface Thing extends KubeObject {
  readonly data?: string;
}

interface Stream {
  readonly push: (event: WatchEvent<Thing>) => void;
  readonly end: (error?: Error) => void;
}

/**
 * A collection with its history, served to one reflector: lists in pages, watches from any version that is not compacted. A test
 * scripts refusals; everything that was asked stands in `lists` and `watches`.
 */
export class CollectionServer implements KubeClient {
  readonly lists: Readonly<Record<string, string>>[] = [];
  readonly watches: Readonly<Record<string, string>>[] = [];
  /** Monotonic times of all requests. */
  readonly times: number[] = [];
  /** Milliseconds that a list page takes. */
  pageMs = 1;
  /** Asked before each page and each watch; a throw is the answer. */
  refuse: (what: 'list' | 'watch', query: Readonly<Record<string, string>>) => void = () => undefined;
  readonly #clock: Clock;
  readonly #objects = new Map<string, Thing>();
  readonly #history: { readonly version: number; readonly event: WatchEvent<Thing> }[] = [];
  readonly #streams = new Set<Stream>();
  #compactedBefore = 0;
  version = 10;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get openWatches(): number {
    return this.#streams.size;
  }

  write(name: string, data = ''): void {
    const uid = this.#objects.get(name)?.metadata.uid ?? `uid-${this.version}`;
    const isNew = !this.#objects.has(name);
    const object = this.#next(name, uid, data);
    this.#objects.set(name, object);
    this.#tell({ type: isNew ? 'ADDED' : 'MODIFIED', object });
  }

  delete(name: string): void {
    const object = this.#objects.get(name);
    if (object === undefined) return;
    this.#objects.delete(name);
    this.#tell({ type: 'DELETED', object: this.#next(name, object.metadata.uid, object.data ?? '') });
  }

  bookmark(): void {
    this.send({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(this.version) } } as Thing });
  }

  /** To every open watch, whatever it is. */
  send(event: unknown): void {
    for (const stream of this.#streams) stream.push(event as WatchEvent<Thing>);
  }

  endWatches(error?: Error): void {
    for (const stream of this.#streams) stream.end(error);
  }

  compact(): void {
    this.#compactedBefore = this.version;
  }

  /** As if etcd came back from a backup taken at that version, in which these are the objects. */
  restore(version: number, names: readonly string[]): void {
    this.version = version;
    this.#objects.clear();
    this.#history.length = 0;
    for (const name of names) this.#objects.set(name, this.#next(name, `uid-${name}`, 'restored'));
  }

  state(): Record<string, string> {
    return Object.fromEntries([...this.#objects].map(([name, { data }]) => [name, data ?? '']));
  }

  async request<Answer>({ query = {}, signal }: KubeRequest): Promise<Answer> {
    this.lists.push(query);
    this.times.push(this.#clock.monotonic());
    // The server's snapshot is taken when the request arrives, which is before its answer does.
    const items = [...this.#objects.values()];
    const at = String(this.version);
    await this.#wait(this.pageMs, signal);
    this.refuse('list', query);
    const [version = at, from = '0'] = (query['continue'] ?? '').split('/').filter(part => part !== '');
    const limit = Number(query['limit']);
    const end = Number(from) + limit;
    const more = end < items.length ? { continue: `${version}/${end}` } : {};
    return { metadata: { resourceVersion: version, ...more }, items: items.slice(Number(from), end) } as Answer;
  }

  async *watch<Kind>({ query, signal, idleDeadlineMs }: WatchRequest): AsyncIterable<WatchEvent<Kind>> {
    this.watches.push(query);
    this.times.push(this.#clock.monotonic());
    await this.#wait(1, signal);
    this.refuse('watch', query);
    const from = Number(query['resourceVersion']);
    if (from < this.#compactedBefore) throw new KubeError(410, 'Expired', 'too old resource version');
    const events = this.#history.filter(({ version }) => version > from).map(({ event }) => event);
    let wake = Promise.withResolvers<void>();
    let ended: { readonly error?: Error } | undefined;
    const stream: Stream = {
      push: event => {
        events.push(event);
        wake.resolve();
      },
      end: error => {
        ended = error === undefined ? {} : { error };
        wake.resolve();
      },
    };
    this.#streams.add(stream);
    const onAbort = (): void => stream.end(new KubeError(0, 'Cancelled', 'cancelled'));
    signal.addEventListener('abort', onAbort);
    try {
      for (;;) {
        const cancel = this.#clock.after(idleDeadlineMs, () => stream.end(new KubeError(0, 'Timeout', 'silence')));
        while (events.length === 0 && ended === undefined) {
          await wake.promise;
          wake = Promise.withResolvers();
        }
        cancel();
        const event = events.shift();
        if (event !== undefined) yield event as WatchEvent<Kind>;
        else if (ended?.error !== undefined) throw ended.error;
        else return;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#streams.delete(stream);
    }
  }

  #next(name: string, uid: string, data: string): Thing {
    this.version += 1;
    return { metadata: { namespace: 'ns', name, uid, resourceVersion: String(this.version) }, data };
  }

  #tell(event: WatchEvent<Thing>): void {
    this.#history.push({ version: this.version, event });
    this.send(event);
  }

  #wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(new KubeError(0, 'Cancelled', 'cancelled'));
      if (signal?.aborted === true) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#clock.after(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
    });
  }
}
