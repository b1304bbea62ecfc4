import type { Dispatcher } from 'undici';
import { KubeError } from './client.ts';
import type { Clock } from './clock.ts';
import { onAbort } from './on-abort.ts';
import { transportError } from './response-error.ts';

export interface ExchangeOptions {
  readonly origin: string;
  /** For errors. */
  readonly server: string;
  readonly method: Dispatcher.HttpMethod;
  /** With the query. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly deadlineMs: number;
  readonly guard: (() => void) | undefined;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/**
 * One HTTP exchange, straight on undici's dispatcher: `undici.request` has no place between the wait for a connection and the first byte,
 * where the guard has to be. Rejects with the guard's own error, else with a `KubeError`.
 */
export function exchange(dispatcher: Dispatcher, options: ExchangeOptions, clock: Clock): Promise<Answer> {
  const { server, signal, deadlineMs, guard, ...request } = options;
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let failure: { readonly error: unknown } | undefined;
    let status = 0;
    let headers: Record<string, string | string[] | undefined> = {};
    const chunks: Buffer[] = [];

    const fail = (error: unknown): void => {
      if (failure !== undefined) return;
      failure = { error };
      settled();
      reject(error);
      // Closes the connection, so that nobody waits behind the unfinished answer. Not yet on the wire: see onRequestStart.
      controller?.abort(error instanceof Error ? error : new Error('aborted'));
    };
    const cancelled = (): void =>
      fail(
        new KubeError(0, 'Cancelled', `the request was cancelled: ${options.method} ${pathOf(options)}`, {
          cause: signal?.reason,
        }),
      );
    const cancelDeadline = clock.after(Math.max(deadlineMs, 0), () =>
      fail(
        new KubeError(
          0,
          'Timeout',
          `the API server did not answer within ${Math.round(deadlineMs)} ms: ${options.method} ${pathOf(options)}`,
        ),
      ),
    );
    const settled = (): void => {
      cancelDeadline();
      forget();
    };
    let forget = (): void => undefined;
    if (signal?.aborted === true) return cancelled();
    if (signal !== undefined) forget = onAbort(signal, cancelled);

    dispatcher.dispatch(
      { ...request, body: request.body ?? null, headersTimeout: 0, bodyTimeout: 0 },
      {
        // A throw here sends nothing and leaves the connection to others.
        onRequestStart(started) {
          if (failure === undefined) refuse(guard, fail);
          if (failure !== undefined) throw new Error('not sent');
          controller = started;
        },
        onResponseStart(_controller, statusCode, responseHeaders) {
          status = statusCode;
          headers = responseHeaders;
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          if (failure !== undefined) return;
          settled();
          const body = (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString('utf8');
          resolve({
            status,
            contentType: text(headers['content-type']) ?? '',
            retryAfter: text(headers['retry-after']),
            body,
          });
        },
        onResponseError(_controller, error) {
          controller = undefined;
          fail(transportError(server, error));
        },
      },
    );
  });
}

function pathOf({ path }: ExchangeOptions): string {
  return path.split('?', 1)[0] ?? path;
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** Asks the guard, and fails with the very error that it throws. */
function refuse(guard: (() => void) | undefined, fail: (error: unknown) => void): void {
  try {
    guard?.();
  } catch (error) {
    fail(error);
  }
}
