import { Spread } from '../../../src/provider/adapter/spread.ts';
import { pause } from '../../../src/provider/adapter/unless-aborted.ts';
import { type Action, type ActionName, type AwsService, actions } from './actions.ts';
import { attempt, type SdkClient, type SdkCommand } from './attempt.ts';
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
  readonly #spread = new Spread();

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

  /** Doubles from time to time, up to the longest. */
  #pause(times: number, signal: AbortSignal): Promise<void> {
    const ms = Math.min(firstPauseMs * 2 ** (times - 1), longestPauseMs);
    return pause(this.#options.clock, this.#spread.share() * ms, signal);
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
