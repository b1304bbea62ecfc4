import type { Service, WatchEvent } from '../../../src/kube/objects.ts';
import { within } from '../deadline.ts';
import type { Api } from './api.ts';
import { servicesPath } from './services.ts';

/** The third that times: when each Service was seen to have an address, and when to have gone, by `performance.now()`. */
export class ServiceWatch {
  readonly #addressAt = new Map<string, number>();
  readonly #addresses = new Map<string, string>();
  readonly #goneAt = new Map<string, number>();
  readonly #over = new AbortController();
  #check: () => void = () => undefined;
  #failed: (error: unknown) => void = () => undefined;

  private constructor() {}

  /** Sees everything that happens after this has resolved. */
  static async open(api: Api): Promise<ServiceWatch> {
    const watch = new ServiceWatch();
    const list = await api.request<{ metadata: { resourceVersion: string } }>('GET', `${servicesPath}?limit=1`);
    const from = list?.metadata.resourceVersion ?? '';
    const body = await api.stream(`${servicesPath}?watch=1&timeoutSeconds=1500&resourceVersion=${from}`);
    watch.#over.signal.addEventListener('abort', () => body.on('error', () => undefined).destroy());
    watch.#read(body).catch((error: unknown) => {
      watch.fail(error);
    });
    return watch;
  }

  close(): void {
    this.#over.abort();
  }

  /** Nothing more can come. */
  fail(error: unknown): void {
    if (!this.#over.signal.aborted) this.#failed(error);
  }

  /** When the last of them has its address. */
  untilAddresses(names: readonly string[], limitMs: number): Promise<number> {
    return this.#until(names, this.#addressAt, limitMs, 'an address for every Service');
  }

  untilGone(names: readonly string[], limitMs: number): Promise<number> {
    return this.#until(names, this.#goneAt, limitMs, 'every deleted Service gone');
  }

  addressSeenAt(name: string): number | undefined {
    return this.#addressAt.get(name);
  }

  /** The first that it was seen to have. */
  addressOf(name: string): string | undefined {
    return this.#addresses.get(name);
  }

  /** One at a time: a later call takes the place of the one before. */
  #until(names: readonly string[], seen: ReadonlyMap<string, number>, limitMs: number, what: string): Promise<number> {
    const done = new Promise<number>((resolve, reject) => {
      this.#failed = reject;
      const missing = new Set(names);
      this.#check = () => {
        // Only the first one missing is looked up at each event, so that watching costs little.
        for (const name of missing) {
          if (!seen.has(name)) return;
          missing.delete(name);
        }
        resolve(Math.max(...names.map(name => seen.get(name) ?? 0)));
      };
      this.#check();
    });
    return within(limitMs, `${what} (${names.length})`, done);
  }

  async #read(body: AsyncIterable<Buffer>): Promise<void> {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of body) {
      const now = performance.now();
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
        this.#take(JSON.parse(bytes.toString('utf8', from, end)) as WatchEvent<Service>, now);
        from = end + 1;
      }
      rest = bytes.subarray(from);
      this.#check();
    }
    throw new Error('the API server ended the watch of the bench');
  }

  #take(event: WatchEvent<Service>, now: number): void {
    if (event.type === 'ERROR') throw new Error(`the watch of the bench failed: ${event.object.message}`);
    const { metadata, status } = event.object;
    if (event.type === 'DELETED') this.#goneAt.set(metadata.name, now);
    else if (status?.loadBalancer?.ingress !== undefined && !this.#addressAt.has(metadata.name)) {
      this.#addressAt.set(metadata.name, now);
      this.#addresses.set(metadata.name, status.loadBalancer.ingress[0]?.ip ?? '');
    }
  }
}
