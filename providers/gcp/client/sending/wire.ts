import { AsyncLocalStorage } from 'node:async_hooks';
import { reasonOf } from '../../../../src/provider/adapter/unless-aborted.ts';
import type { Call, ProviderClock } from '../../../../src/provider/provider.ts';
import { type GceFault, parseFailure, parseRefusal } from '../gce-fault.ts';

/** One request, from the method of the SDK that is called for it to the socket. */
export interface Sending {
  readonly call: Call;
  readonly mutating: boolean;
  readonly timeoutMs: number;
  /** It may have arrived. */
  sent: boolean;
  /** What came back, where that was no success. */
  fault: GceFault | undefined;
}

export type Attempt = { readonly output: unknown } | { readonly fault: GceFault };

/** Makes the headers that name the caller; rejects where there are no credentials any more. */
export type CallerHeaders = () => Promise<Headers>;

const current = new AsyncLocalStorage<Sending>();

/**
 * What the SDK sends its requests with. It stands behind everything that the SDK does, so here is where the Lease is checked and the answer read:
 * of a refusal the SDK itself keeps the message, and loses the reason.
 */
export function makeFetch(clock: ProviderClock, credentials: CallerHeaders) {
  return async (url: string, init: RequestInit): Promise<Response> => {
    const sending = current.getStore();
    if (sending === undefined) throw new Error('a request that nobody has asked for');
    const headers = new Headers(init.headers);
    for (const [name, value] of await credentials()) headers.set(name, value);
    const { signal, end } = limited(clock, sending);
    try {
      if (sending.mutating) sending.call.assertLeading();
      signal.throwIfAborted();
      sending.sent = true;
      const answer = await fetch(url, { method: init.method ?? 'GET', headers, body: init.body ?? null, signal });
      const body = await answer.arrayBuffer();
      if (!answer.ok) sending.fault = parseRefusal(answer.status, new TextDecoder().decode(body));
      return new Response(body.byteLength === 0 ? null : body, { status: answer.status });
    } catch (error) {
      if (sending.sent) sending.fault = parseFailure(error);
      throw error;
    } finally {
      end();
    }
  };
}

/** The call's own signal, or the end of patience. Combined by hand: a combined signal would live as long as the call's. */
function limited(clock: ProviderClock, { call, timeoutMs }: Sending): { signal: AbortSignal; end: () => void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort(call.signal.reason);
  const cancel = clock.after(timeoutMs, () =>
    controller.abort(Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: 'TimeoutError' })),
  );
  if (call.signal.aborted) abort();
  else call.signal.addEventListener('abort', abort, { once: true });
  const end = (): void => {
    cancel();
    call.signal.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, end };
}

/**
 * Calls the SDK once. Throws only where nothing has been sent: the call is over, we lead no more, or there are no credentials. A change that is
 * aborted on its way is a fault like one whose answer was lost.
 */
export async function attempt(sending: Sending, run: () => Promise<unknown>): Promise<Attempt> {
  try {
    return { output: await current.run(sending, run) };
  } catch (error) {
    const { call, fault } = sending;
    if (!sending.sent) throw call.signal.aborted ? reasonOf(call.signal) : causeOf(error);
    if (!sending.mutating && call.signal.aborted) throw reasonOf(call.signal);
    return { fault: fault ?? parseFailure(error) };
  }
}

/** The SDK wraps what its fetch has thrown. */
const causeOf = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error ? error.cause : error;
