import { type KubeClient, KubeError, type KubeRequest } from '../../src/kube/client.ts';
import type { Clock } from '../../src/kube/clock.ts';

export interface StoredEvent {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly involvedObject: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly message: string;
  readonly type: string;
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
}

/** The Events of a cluster, with the API server's rules for them. */
export class EventServer implements KubeClient {
  readonly events = new Map<string, StoredEvent>();
  /** Monotonic times at which requests came in. */
  readonly times: number[] = [];
  answerMs = 5;
  mostParallel = 0;
  /** A throw is the answer; before it nothing is stored. */
  refuse: (request: KubeRequest) => void = () => undefined;
  /** A throw is the answer although everything was stored: the answer was lost. */
  lose: (request: KubeRequest) => void = () => undefined;
  readonly #clock: Clock;
  #running = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get all(): StoredEvent[] {
    return [...this.events.values()];
  }

  async request<Answer>(request: KubeRequest): Promise<Answer> {
    this.times.push(this.#clock.monotonic());
    this.#running += 1;
    this.mostParallel = Math.max(this.mostParallel, this.#running);
    try {
      await new Promise<void>(resolve => void this.#clock.after(this.answerMs, resolve));
      this.refuse(request);
      const stored = request.method === 'POST' ? this.#create(request) : this.#patch(request);
      this.lose(request);
      return stored as Answer;
    } finally {
      this.#running -= 1;
    }
  }

  watch(): never {
    throw new Error('nobody watches Events');
  }

  #create({ path, body }: KubeRequest): StoredEvent {
    const event = body as StoredEvent;
    const key = `${path}/${event.metadata.name}`;
    if (this.events.has(key)) throw new KubeError(409, 'AlreadyExists', 'there is one');
    this.events.set(key, event);
    return event;
  }

  #patch({ path, body }: KubeRequest): StoredEvent {
    const event = this.events.get(path);
    if (event === undefined) throw new KubeError(404, 'NotFound', `events "${path}" not found`);
    const patched = { ...event, ...(body as Partial<StoredEvent>) };
    this.events.set(path, patched);
    return patched;
  }
}
