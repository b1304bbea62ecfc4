import type { ProviderClock } from '../../../src/provider/provider.ts';
import { type Action, type ActionName, type AwsService, actions } from './actions.ts';
import { attempt, reasonOf, type SdkClient, type SdkCommand } from './attempt.ts';
import type { Aws, AwsCall, AwsOptions, InputOf, OutputOf } from './aws.ts';
import type { AwsFault } from './aws-fault.ts';
import { classifyError, verdictOf } from './classify-error.ts';
import { laneNameOf, limitOf } from './lane-limits.ts';
import { Lane } from './lanes/lane.ts';

/** Six throttles in a row cost less than 15 s, and no error: with these figures and the slowest lane about 10 s. */
const mostThrottles = 8;
const mostFaults = 2;
const firstPauseMs = 250;
const longestPauseMs = 2_000;

export interface AwsDoorOptions extends AwsOptions {
  readonly region: string;
  readonly clients: Readonly<Record<AwsService, SdkClient>>;
  readonly makeCommand: (action: ActionName, input: object) => SdkCommand;
}

/** What `connectAws` returns: the lanes in front of the SDK, and what is sent again. */
export class AwsDoor implements Aws {
  readonly region: string;
  readonly #options: AwsDoorOptions;
  readonly #lanes = new Map<string, Lane>();
  #pauses = 0;

  constructor(options: AwsDoorOptions) {
    this.region = options.region;
    this.#options = options;
  }

  async send<A extends ActionName>(name: A, input: InputOf<A>, call: AwsCall): Promise<OutputOf<A>> {
    const { clients, clock, makeCommand } = this.#options;
    const action: Action = actions[name];
    const lane = this.#laneOf(name);
    const ticket = lane.ticket(call.priority ?? action.priority);
    for (let throttles = 0, faults = 0; ; ) {
      await lane.enter(ticket, call.signal);
      const sentAt = clock.monotonic();
      const got = await attempt(clients[action.service], makeCommand(name, input), action.mutating, call);
      if ('output' in got) {
        lane.succeeded();
        return got.output as OutputOf<A>;
      }
      if (verdictOf(got.fault) === 'throttled') {
        lane.throttled(sentAt);
        if (++throttles > mostThrottles) throw classifyError(name, got.fault);
        await this.#pause(throttles, call.signal);
        continue;
      }
      lane.succeeded();
      if (!isWorthAnother(got.fault, action.mutating) || ++faults > mostFaults) throw classifyError(name, got.fault);
      await this.#pause(faults, call.signal);
    }
  }

  close(): void {
    for (const lane of this.#lanes.values()) lane.close();
    for (const client of Object.values(this.#options.clients)) client.destroy();
  }

  #laneOf(action: ActionName): Lane {
    const { clock, limits, waiting } = this.#options;
    const name = laneNameOf(action);
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const limit = limitOf(actions[action].lane, limits);
    const lane = new Lane({ clock, limit, waiting: (requests, waitMs) => waiting?.(name, requests, waitMs) });
    this.#lanes.set(name, lane);
    return lane;
  }

  /** Doubles from time to time, and lies between half and the whole of it: multiples of the golden ratio spread better than chance does. */
  #pause(times: number, signal: AbortSignal): Promise<void> {
    this.#pauses += 1;
    const share = 0.5 + ((this.#pauses * 0.618_034) % 1) / 2;
    return pause(this.#options.clock, share * Math.min(firstPauseMs * 2 ** (times - 1), longestPauseMs), signal);
  }
}

/**
 * A read is asked again whatever has happened to it, a change only where it cannot have been applied: it has not arrived, or the clocks differed,
 * which the SDK corrects for the next request.
 */
function isWorthAnother(fault: AwsFault, mutating: boolean): boolean {
  const verdict = verdictOf(fault);
  if (verdict === 'refused') return /^Request(?:TimeTooSkewed|Expired|InTheFuture)$/.test(fault.code);
  return verdict === 'unreached' || !mutating;
}

function pause(clock: ProviderClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(reasonOf(signal));
    const abort = (): void => {
      cancel();
      reject(reasonOf(signal));
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}
