import type { Dispatcher } from 'undici';
import { KubeError } from './client.ts';
import type { Clock } from './clock.ts';
import { LineSplitter } from './line-splitter.ts';

/**
 * Aborts when `signal` does, and when `touch` was not called for so long. A long time without a sign is measured again at the end of the
 * wait, so that a busy stream costs no timer for every chunk.
 */
export class IdleDeadline {
  readonly #abort = new AbortController();
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #outer: AbortSignal;
  #touchedAt: number;
  #cancel: () => void = () => undefined;
  readonly #onAbort = (): void =>
    this.#end(new KubeError(0, 'Cancelled', 'the watch was cancelled', { cause: this.#outer.reason }));

  constructor(outer: AbortSignal, idleMs: number, clock: Clock) {
    this.#outer = outer;
    this.#idleMs = idleMs;
    this.#clock = clock;
    this.#touchedAt = clock.monotonic();
    if (outer.aborted) this.#onAbort();
    else {
      outer.addEventListener('abort', this.#onAbort, { once: true });
      this.#wait(idleMs);
    }
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  touch(): void {
    this.#touchedAt = this.#clock.monotonic();
  }

  close(): void {
    this.#cancel();
    this.#outer.removeEventListener('abort', this.#onAbort);
  }

  #wait(ms: number): void {
    this.#cancel = this.#clock.after(ms, () => {
      const left = this.#touchedAt + this.#idleMs - this.#clock.monotonic();
      if (left > 0) this.#wait(left);
      else this.#end(new KubeError(0, 'Timeout', `the API server has sent nothing for ${Math.round(this.#idleMs)} ms`));
    });
  }

  #end(error: KubeError): void {
    this.close();
    this.#abort.abort(error);
  }
}

/** The JSON values of a body, one a line. A line that is no JSON is passed over and told of: the others count on. */
export async function* jsonLines(
  body: Dispatcher.ResponseData['body'],
  onChunk: () => void,
  onBadLine: () => void,
): AsyncGenerator {
  const splitter = new LineSplitter();
  for await (const chunk of body as AsyncIterable<Buffer>) {
    onChunk();
    for (const line of splitter.push(chunk)) {
      const value = parse(line);
      if (value === undefined) onBadLine();
      else yield value;
    }
  }
}

function parse(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
