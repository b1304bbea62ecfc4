import { Spread } from '../../../../src/provider/adapter/spread.ts';
import { pause } from '../../../../src/provider/adapter/unless-aborted.ts';
import type { Call, ProviderClock } from '../../../../src/provider/provider.ts';
import { classifyError, verdictOf } from '../classify-error.ts';
import { GceFault } from '../gce-fault.ts';
import { rpcOf } from '../kinds.ts';
import { type Method, type MethodName, methods } from '../methods.ts';
import { Throttle } from './throttle.ts';
import { type Attempt, attempt } from './wire.ts';

/** As much of a client of the SDK as is used here: its methods, by name. */
export type SdkClient = Readonly<Record<string, (request: object, options: object) => Promise<readonly unknown[]>>>;

export interface SenderOptions {
  readonly clock: ProviderClock;
  /** By the name of the service; made when it is first asked for. */
  readonly clientOf: (service: string) => SdkClient;
}

const readMs = 20_000;
/** No change may be on its way for longer than a Lease outlives its holder's work: 5 s with the usual flags. It is sent again, under one id. */
const changeMs = 5_000;
const mostTries = 3;
const firstPauseMs = 250;
/** The SDK would send again on its own, and read lists to their ends. */
const sdkOptions = { retry: null, autoPaginate: false };

/** Sends requests, and those without a clear answer again: reads, and changes as they carry a request id. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #throttle: Throttle;
  readonly #spread = new Spread();

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#throttle = new Throttle(options.clock);
  }

  /** What the SDK answers with: a tuple. A `patientMs` of its own is for what is long by nature. */
  async send(method: MethodName, request: object, call: Call, patientMs?: number): Promise<readonly unknown[]> {
    const { mutating }: Method = methods[method];
    for (let tries = 1; ; tries++) {
      if (this.#throttle.isClosed(mutating)) throw this.#error(method, closed);
      const got = await this.#attempt(method, request, call, patientMs ?? (mutating ? changeMs : readMs));
      if ('output' in got) return got.output as readonly unknown[];
      const verdict = verdictOf(got.fault);
      if (verdict === 'throttled') this.#throttle.note(got.fault, mutating);
      const again = verdict === 'unclear' || verdict === 'unreached';
      if (!again || tries === mostTries || call.signal.aborted || patientMs !== undefined)
        throw this.#error(method, got.fault);
      await this.#pause(tries, call.signal).catch(() => {
        throw this.#error(method, got.fault);
      });
    }
  }

  #attempt(method: MethodName, request: object, call: Call, timeoutMs: number): Promise<Attempt> {
    const { mutating }: Method = methods[method];
    const { service, rpc } = rpcOf(method);
    const client = this.#options.clientOf(service);
    const name = rpc.charAt(0).toLowerCase() + rpc.slice(1);
    const run = client[name];
    if (run === undefined) throw new Error(`the SDK has no ${service}.${name}`);
    const sending = { call, mutating, timeoutMs, sent: false, fault: undefined };
    // The SDK's own patience is longer than ours.
    return attempt(sending, () => run.call(client, request, { ...sdkOptions, timeout: timeoutMs + readMs }));
  }

  #error(method: MethodName, fault: GceFault): Error {
    const { mutating }: Method = methods[method];
    return classifyError(method, fault, verdictOf(fault) === 'throttled' ? this.#throttle.retryAfterMs(mutating) : 0);
  }

  /** Doubles from time to time. */
  #pause(times: number, signal: AbortSignal): Promise<void> {
    return pause(this.#options.clock, this.#spread.share() * firstPauseMs * 2 ** (times - 1), signal);
  }
}

const closed = new GceFault(403, 'rateLimitExceeded', 'nothing is sent before the next minute');
