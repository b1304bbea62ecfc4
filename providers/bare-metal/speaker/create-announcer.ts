import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type {
  Announcer,
  AnnouncerCounts,
  AnnouncerReport,
  AnnouncerView,
  NodeContext,
} from '../../../src/provider/announcer.ts';
import type { ProviderContext } from '../../../src/provider/provider.ts';
import { defaultSettings, type Settings } from '../announcing/settings.ts';
import { wake } from '../segment/wakeup.ts';
import { Counts } from './counts.ts';
import { type FromWorker, pulseMs, type ToWorker, type WorkerStart } from './messages.ts';
import { ViewMemory } from './view-changes.ts';

export interface AnnouncerOptions {
  readonly settings?: Partial<Settings>;
  /** Free addresses to ask for in the background, the likely next ones first, beside those published; asked after each change. */
  freeAddresses?(published: readonly string[]): readonly string[];
}

/** A bare-metal announcer is told of its pools too. */
export interface BareMetalAnnouncer extends Announcer {
  /** `freeAddresses` may say something else now. */
  poolsChanged(): void;
}

/** In the source it is beside this file; in what is published, `build.mjs` makes it an entry of its own, one folder above the chunks. */
const workerUrl = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : '../announcing-worker.js', import.meta.url);

/** Which addresses are free is found out no more often: it costs a look at all that are published. */
const freeEveryMs = 1_000;

/** How long the worker may take to end in good order. */
const endMs = 1_000;

const nothing: AnnouncerReport = { claims: [], conflicts: [], refusals: [], occupied: [], warnings: [] };

/** Starts the worker thread; rejects with a line for people where it cannot work here: no Linux, no koffi, no permission. */
export async function createAnnouncer(
  context: Pick<ProviderContext, 'cluster' | 'clock' | 'log'>,
  node: NodeContext,
  options: AnnouncerOptions = {},
): Promise<BareMetalAnnouncer> {
  const { port1, port2 } = new MessageChannel();
  const start: WorkerStart = {
    node: node.node,
    bootId: node.bootId,
    cluster: context.cluster,
    key: node.key,
    settings: { ...defaultSettings, ...options.settings },
    startedAt: context.clock.now(),
    pulse: new SharedArrayBuffer(4),
    counts: new SharedArrayBuffer(Counts.size),
  };
  const worker = new Worker(workerUrl, {
    workerData: { start, port: port2 },
    transferList: [port2],
    // Short-lived frames and messages: a small young generation is enough, and is walked fast.
    resourceLimits: { maxYoungGenerationSizeMb: 3 },
  });
  const announcer = new WorkerAnnouncer(context, node, options, {
    worker,
    port: port1,
    pulse: new Int32Array(start.pulse),
    counts: new Counts(start.counts),
  });
  await announcer.ready();
  return announcer;
}

interface Thread {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly pulse: Int32Array;
  readonly counts: Counts;
}

type Waiting = { readonly resolve: () => void; readonly reject: (error: Error) => void };

/** The main thread's side: hands views on, and keeps the last report. */
class WorkerAnnouncer implements BareMetalAnnouncer {
  readonly #context: Pick<ProviderContext, 'clock' | 'log'>;
  readonly #node: NodeContext;
  readonly #options: AnnouncerOptions;
  readonly #thread: Thread;
  readonly #views = new ViewMemory();
  readonly #pings = new Map<number, Waiting>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #left = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #cancelPulse: () => void = () => {};
  #cancelFree: (() => void) | undefined;
  #wakeFd: number | undefined;
  #report = nothing;
  #published: readonly string[] = [];
  #free = '';
  #nextPing = 1;
  /** Why the worker is no more. */
  #fault: Error | undefined;
  #isReady = false;
  #isClosing = false;

  constructor(
    context: Pick<ProviderContext, 'clock' | 'log'>,
    node: NodeContext,
    options: AnnouncerOptions,
    thread: Thread,
  ) {
    this.#context = context;
    this.#node = node;
    this.#options = options;
    this.#thread = thread;
    thread.port.on('message', (message: FromWorker) => this.#hear(message));
    thread.worker.on('error', error => this.#fail(error));
    thread.worker.on('exit', () => this.#exited());
    this.#ready.promise.catch(() => {});
    this.#beat();
  }

  ready(): Promise<void> {
    return this.#ready.promise;
  }

  update(view: AnnouncerView): void {
    const changes = this.#views.changesTo(view);
    if (changes === undefined) return;
    this.#published = view.addresses.map(({ address }) => address);
    this.#send({ kind: 'view', changes });
    this.poolsChanged();
  }

  poolsChanged(): void {
    if (this.#options.freeAddresses === undefined || this.#isClosing) return;
    this.#cancelFree ??= this.#context.clock.after(freeEveryMs, () => {
      this.#cancelFree = undefined;
      this.#sendFree();
    });
  }

  report(): AnnouncerReport {
    if (this.#fault === undefined) return this.#report;
    const message = `nothing is announced on this node, the announcing thread has ended: ${this.#fault.message}; restart the speaker`;
    return { ...nothing, warnings: [{ reason: 'AnnouncerFailed', message }] };
  }

  counts(): AnnouncerCounts {
    return this.#thread.counts.read();
  }

  ping(): Promise<void> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    const id = this.#nextPing++;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pings.set(id, { resolve, reject });
    this.#send({ kind: 'ping', id });
    return promise;
  }

  async leave(deadlineMs: number): Promise<void> {
    this.#send({ kind: 'leave' });
    await this.#within(deadlineMs, Promise.race([this.#left.promise, this.#ended.promise]));
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#send({ kind: 'close' });
    // Its number may be another file's as soon as the worker has ended.
    this.#wakeFd = undefined;
    await this.#within(endMs, this.#ended.promise);
    await this.#thread.worker.terminate();
    this.#cancelPulse();
    this.#cancelFree?.();
    this.#thread.port.close();
    this.#report = nothing;
    this.#node.changed();
  }

  #send(message: ToWorker): void {
    if (this.#fault !== undefined) return;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has no origin
    this.#thread.port.postMessage(message);
    if (this.#wakeFd !== undefined) wake(this.#wakeFd);
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        this.#wakeFd = message.wakeFd;
        this.#isReady = true;
        this.#ready.resolve();
        return;
      case 'pong':
        this.#pings.get(message.id)?.resolve();
        this.#pings.delete(message.id);
        return;
      case 'report':
        this.#report = message.report;
        this.#node.changed();
        return;
      case 'left':
        this.#left.resolve();
        return;
      case 'closed':
        this.#ended.resolve();
    }
  }

  /** The worker stops answering when this stops: the event loop of this thread lives as long as the timer runs. */
  #beat(): void {
    Atomics.add(this.#thread.pulse, 0, 1);
    this.#cancelPulse = this.#context.clock.after(pulseMs, () => this.#beat());
  }

  #sendFree(): void {
    const free = this.#options.freeAddresses?.(this.#published) ?? [];
    if (free.join() === this.#free) return;
    this.#free = free.join();
    this.#send({ kind: 'view', changes: { set: [], removed: [], free } });
  }

  #exited(): void {
    if (!this.#isClosing) this.#fail(new Error('it stopped by itself'));
    this.#ended.resolve();
  }

  #fail(error: Error): void {
    if (this.#fault !== undefined) return;
    this.#fault = error;
    this.#wakeFd = undefined;
    this.#cancelPulse();
    this.#ready.reject(error);
    this.#ended.resolve();
    for (const { reject } of this.#pings.values()) reject(error);
    this.#pings.clear();
    // Who waits for the start is told by its rejection.
    if (this.#isClosing || !this.#isReady) return;
    this.#context.log.warn(
      { error: error.message },
      'the announcing thread has ended: nothing is announced here any more',
    );
    this.#node.changed();
  }

  /** Resolves when `done` does, or after so long. */
  #within(ms: number, done: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#context.clock.after(ms, resolve);
    return Promise.race([done, promise]).finally(cancel);
  }
}
