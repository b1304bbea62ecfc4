import { KubeError, type KubeRequest, writeDeadlineMs } from '../../../src/kube/client.ts';
import type { ApiFault } from './api-faults.ts';
import { type Network, slowWireMs, wireMs } from './network.ts';
import type { Process } from './process.ts';

const readDeadlineMs = 30_000;

/** One request of a process, from its call to the answer, with at most one fault on the way. */
export class Exchange {
  readonly #network: Network;
  readonly #process: Process;
  readonly #request: KubeRequest;
  readonly #fault: ApiFault;
  readonly #resolve: (answer: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #isOver = false;
  #cleanUp: () => void = () => undefined;

  constructor(
    network: Network,
    process: Process,
    request: KubeRequest,
    resolve: (answer: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.#network = network;
    this.#process = process;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#fault = network.requestFault(request, process);
  }

  begin(): void {
    const { method, signal, deadlineMs = method === 'GET' ? readDeadlineMs : writeDeadlineMs } = this.#request;
    if (signal?.aborted === true) return this.#fail(unanswered('Cancelled'));
    const onAbort = (): void => this.#fail(unanswered('Cancelled'));
    signal?.addEventListener('abort', onAbort, { once: true });
    const cancelDeadline = this.#process.after(deadlineMs, () => this.#fail(unanswered('Timeout')));
    this.#cleanUp = () => {
      cancelDeadline();
      signal?.removeEventListener('abort', onAbort);
    };
    this.#process.after(this.#network.random(), () => this.#send());
  }

  /** A connection is there: the last moment at which the caller can keep the request from going out. */
  #send(): void {
    if (this.#isOver) return;
    try {
      this.#request.guard?.();
    } catch (error) {
      return this.#fail(error);
    }
    const { clock, random } = this.#network;
    clock.after(this.#fault === 'slow' ? slowWireMs(random) : wireMs(random), () => this.#arrive());
  }

  #arrive(): void {
    // Its sender has given up or is dead: the connection may have been closed before the last byte, or after it.
    const isAbandoned = this.#isOver || this.#process.state === 'dead';
    if (isAbandoned && this.#network.random() < 0.5) return;
    switch (this.#fault) {
      case 'kill-before':
        return this.#network.harm(this.#process, 'kill');
      case 'reset-before':
        return this.#answer(() => this.#fail(unanswered('Unreachable')));
      case 'conflict':
        return this.#refuse(
          new KubeError(409, 'Conflict', 'Operation cannot be fulfilled: the object has been modified'),
        );
      case 'throttled':
        return this.#refuse(
          new KubeError(429, 'TooManyRequests', 'the server has received too many requests', { retryAfterMs: 1_000 }),
        );
      case 'failed':
        return this.#refuse(
          new KubeError(500, 'InternalError', 'Internal error occurred: etcdserver: request timed out'),
        );
      case 'pause-before':
        this.#network.harm(this.#process, 'pause');
        return this.#execute();
      default:
        return this.#execute();
    }
  }

  #execute(): void {
    const outcome = this.#outcome();
    switch (this.#fault) {
      case 'hang':
        return;
      case 'reset-after':
        return this.#answer(() => this.#fail(unanswered('Unreachable')));
      case 'kill-after':
        return this.#network.harm(this.#process, 'kill');
      case 'pause-after':
        this.#network.harm(this.#process, 'pause');
        return this.#answer(outcome);
      default:
        return this.#answer(outcome);
    }
  }

  /** Executes, and returns what to do in the process when the answer has come: answers are text on the wire, so nothing is shared. */
  #outcome(): () => void {
    const network = this.#network;
    network.executing(this.#process, this.#request);
    try {
      const text = JSON.stringify(network.server.handle(this.#request));
      return () => this.#succeed(JSON.parse(text));
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      return () => this.#fail(error);
    } finally {
      network.executing(undefined, this.#request);
    }
  }

  #refuse(error: KubeError): void {
    this.#answer(() => this.#fail(error));
  }

  #answer(run: () => void): void {
    this.#network.clock.after(wireMs(this.#network.random), () => this.#process.deliver(run));
  }

  #succeed(answer: unknown): void {
    if (this.#end()) this.#resolve(answer);
  }

  #fail(error: unknown): void {
    if (this.#end()) this.#reject(error);
  }

  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#cleanUp();
    return true;
  }
}

export function unanswered(reason: 'Cancelled' | 'Timeout' | 'Unreachable'): KubeError {
  return new KubeError(0, reason, `the API server did not answer: ${reason}`);
}
