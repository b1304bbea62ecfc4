import { KubeError, type WatchRequest } from '../../../src/kube/client.ts';
import type { Service, WatchEvent } from '../../../src/kube/objects.ts';
import type { WatchFault } from './api-faults.ts';
import { type ApiObject, type Target, targetOf } from './api-object.ts';
import type { HistoryEntry } from './api-storage.ts';
import { unanswered } from './exchange.ts';
import { type Network, wireMs } from './network.ts';
import type { Process } from './process.ts';
import { between } from './random.ts';

const bookmarkEveryMs = 60_000;

/** One watch of a process. Events arrive in order; the stream as a whole can lag, fall silent, break, or be refused. */
export class WatchStream {
  readonly #network: Network;
  readonly #process: Process;
  readonly #request: WatchRequest;
  readonly #target: Target;
  readonly #fault: WatchFault;
  readonly #arrived: WatchEvent<unknown>[] = [];
  #wake: () => void = () => undefined;
  #end: { readonly error?: KubeError } | undefined;
  #lagMs = 0;
  #lastArrival = 0;
  #closed = false;
  #isSilent = false;
  #cancelIdle: () => void = () => undefined;
  readonly #close: (() => void)[] = [];

  constructor(network: Network, process: Process, request: WatchRequest) {
    const target = targetOf(request.path);
    if (target === undefined) throw new Error(`nothing to watch at ${request.path}`);
    this.#network = network;
    this.#process = process;
    this.#request = request;
    this.#target = target;
    this.#fault = network.watchFault(process);
  }

  async *events(): AsyncGenerator<WatchEvent<unknown>> {
    this.#open();
    try {
      for (;;) {
        const event = this.#arrived.shift();
        if (event !== undefined) yield event;
        else if (this.#end !== undefined) break;
        else await new Promise<void>(resolve => (this.#wake = resolve));
      }
      if (this.#end.error !== undefined) throw this.#end.error;
    } finally {
      this.#stop();
    }
  }

  #open(): void {
    const { signal } = this.#request;
    if (signal.aborted) return this.#finish(unanswered('Cancelled'));
    const onAbort = (): void => this.#finish(unanswered('Cancelled'));
    signal.addEventListener('abort', onAbort, { once: true });
    this.#close.push(() => signal.removeEventListener('abort', onAbort));
    this.#process.onDeath(() => this.#stop());
    this.#heard();
    const { clock, random } = this.#network;
    this.#close.push(clock.after(1 + wireMs(random), () => this.#begin()));
  }

  /** The server has the request. */
  #begin(): void {
    const { clock, random, server } = this.#network;
    const from = Number(this.#request.query.resourceVersion ?? '0');
    let history: readonly HistoryEntry[];
    try {
      if (this.#fault === 'expired') server.storage.compact();
      history = server.storage.since(this.#target.resource.name, from);
    } catch (error) {
      return this.#refuse(error as KubeError);
    }
    if (this.#fault === 'late') this.#lagMs = between(random, 500, 20_000);
    for (const entry of history) this.#offer(entry);
    this.#close.push(server.storage.onWrite(entry => this.#offer(entry)));
    this.#close.push(
      clock.after(Number(this.#request.query.timeoutSeconds ?? '600') * 1_000, () => this.#finishLater(undefined)),
    );
    if (this.#fault === 'reset')
      this.#close.push(clock.after(between(random, 1, 60_000), () => this.#finishLater(unanswered('Unreachable'))));
    if (this.#fault === 'silent')
      this.#close.push(clock.after(between(random, 1, 30_000), () => (this.#isSilent = true)));
    if (this.#fault !== 'none') this.#network.atPeace(() => this.#finishLater(unanswered('Unreachable')));
    this.#bookmarkLater();
  }

  /** A version that is gone is told before the stream, or in it. */
  #refuse(error: KubeError): void {
    if (this.#network.random() < 0.5) return this.#finishLater(error);
    const status = { kind: 'Status', code: error.status, reason: error.reason, message: error.message } as const;
    this.#send({ type: 'ERROR', object: status });
    this.#finishLater(undefined);
  }

  #offer({ resource, type, object }: HistoryEntry): void {
    const { namespace } = this.#target;
    if (resource !== this.#target.resource.name) return;
    if (namespace === undefined || object.metadata.namespace === namespace) this.#send({ type, object });
  }

  #bookmarkLater(): void {
    const { clock, random, server } = this.#network;
    const cancel = clock.after(bookmarkEveryMs * (0.9 + 0.2 * random()), () => {
      const object = {
        kind: this.#target.resource.kind,
        metadata: { resourceVersion: String(server.storage.version) },
      };
      this.#send({ type: 'BOOKMARK', object });
      this.#bookmarkLater();
    });
    this.#close.push(cancel);
  }

  #send(event: WatchEvent<unknown>): void {
    if (this.#isSilent) return;
    const text = textOf(event);
    this.#atArrival(() => {
      this.#heard();
      this.#arrived.push(JSON.parse(text) as WatchEvent<Service>);
      this.#wake();
    });
  }

  #finishLater(error: KubeError | undefined): void {
    this.#atArrival(() => this.#finish(error));
  }

  #atArrival(run: () => void): void {
    const { clock, random } = this.#network;
    const at = Math.max(this.#lastArrival, clock.monotonic() + this.#lagMs + wireMs(random));
    this.#lastArrival = at;
    clock.after(at - clock.monotonic(), () => {
      if (!this.#closed) this.#process.deliver(run);
    });
  }

  /** Something came: the idle deadline begins anew. */
  #heard(): void {
    this.#cancelIdle();
    this.#cancelIdle = this.#process.after(this.#request.idleDeadlineMs, () => this.#finish(unanswered('Timeout')));
  }

  #finish(error: KubeError | undefined): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake();
  }

  #stop(): void {
    this.#closed = true;
    this.#cancelIdle();
    for (const close of this.#close.splice(0)) close();
  }
}

const texts = new WeakMap<object, string>();

/** Several streams send one state: it is made into text once. */
function textOf({ type, object }: WatchEvent<unknown>): string {
  const key = object as ApiObject;
  let text = texts.get(key);
  if (text === undefined) texts.set(key, (text = JSON.stringify(key)));
  return `{"type":"${type}","object":${text}}`;
}
