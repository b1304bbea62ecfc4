import type { Call, ProviderClock } from '../../../src/provider/provider.ts';
import type { ActionName, Priority } from './actions.ts';
import type { Commands } from './commands.ts';
import type { LaneLimits } from './lane-limits.ts';

type CommandOf<A extends ActionName> = InstanceType<Commands[A]>;
export type InputOf<A extends ActionName> = CommandOf<A>['input'];
export type OutputOf<A extends ActionName> = Awaited<
  ReturnType<ReturnType<CommandOf<A>['resolveMiddleware']>>
>['output'];

/** A call of the core, and how urgent what is done for it is; absent: as the table of actions has it. */
export interface AwsCall extends Call {
  readonly priority?: Priority;
}

/** The one door to AWS: everything that is asked of it goes through `send`, waits in a lane there, and comes back in our words when it fails. */
export interface Aws {
  readonly region: string;
  /**
   * Sends, and sends again what was throttled, until `call.signal` aborts or patience ends; a read also after a fault on the way. Throws a
   * `ProviderError` where AWS has clearly refused, an `UnknownOutcome` where a change may have been applied, the signal's reason where nothing
   * was sent. `call.assertLeading()` runs right before each request that changes something.
   */
  send<A extends ActionName>(action: A, input: InputOf<A>, call: AwsCall): Promise<OutputOf<A>>;
  close(): void;
}

export interface AwsOptions {
  readonly clock: ProviderClock;
  readonly limits?: LaneLimits;
  /** Told whenever another number of requests waits in a lane, and how long one that comes now would wait. */
  readonly waiting?: (lane: string, requests: number, waitMs: number) => void;
}

/** The same call, for something more or less urgent than its actions usually are. */
export function withPriority(call: Call, priority: Priority): AwsCall {
  return {
    signal: call.signal,
    epoch: call.epoch,
    sequence: call.sequence,
    assertLeading: () => call.assertLeading(),
    priority,
  };
}
