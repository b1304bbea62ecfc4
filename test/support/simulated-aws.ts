import type { ActionName } from '../../providers/aws/client/actions.ts';
import type { SdkClient, SdkCommand } from '../../providers/aws/client/attempt.ts';
import type { AwsOptions } from '../../providers/aws/client/aws.ts';
import { AwsDoor } from '../../providers/aws/client/aws-door.ts';
import type { Call } from '../../src/provider/provider.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What AWS answers a request with: its output, or an error as the SDK throws it. */
export type Answer = (action: ActionName, sentAt: number) => object;

export interface Sent {
  readonly action: ActionName;
  readonly input: object;
  readonly at: number;
}

/** The door to an AWS that lies in the same virtual time and answers after `latencyMs`: no socket, and no second that passes. */
export function simulatedAws(
  clock: VirtualClock,
  answer: Answer,
  options: Pick<AwsOptions, 'limits' | 'waiting'> & { readonly latencyMs?: number; readonly unsigned?: Error } = {},
): { readonly door: AwsDoor; readonly sent: readonly Sent[]; readonly waiting: ReadonlyMap<string, number> } {
  const sent: Sent[] = [];
  const waiting = new Map<string, number>();
  const client: SdkClient = {
    async send(command: unknown, { abortSignal }) {
      if (options.unsigned !== undefined) throw options.unsigned;
      const { action, input, fences } = command as SimulatedCommand;
      const onTheWire = async (): Promise<never> => {
        sent.push({ action, input, at: clock.monotonic() });
        await clock.sleep((options.latencyMs ?? 0) / 2);
        const output = answer(action, clock.monotonic());
        await clock.sleep((options.latencyMs ?? 0) / 2);
        abortSignal.throwIfAborted();
        return output as never;
      };
      const chain = fences.reduce((next, fence) => fence(next), onTheWire as (args: never) => Promise<never>);
      return chain({} as never);
    },
    destroy() {},
  };
  const door = new AwsDoor({
    region: 'eu-west-1',
    clock,
    clients: { elasticloadbalancing: client, ec2: client },
    makeCommand: (action, input) => new SimulatedCommand(action, input),
    waiting(lane, requests, waitMs) {
      waiting.set(lane, requests);
      options.waiting?.(lane, requests, waitMs);
    },
    ...(options.limits !== undefined && { limits: options.limits }),
  });
  return { door, sent, waiting };
}

type Step = (args: never) => Promise<never>;

class SimulatedCommand implements SdkCommand {
  readonly fences: ((next: Step) => Step)[] = [];
  readonly middlewareStack = { add: (fence: (next: Step) => Step) => void this.fences.push(fence) };
  readonly action: ActionName;
  readonly input: object;

  constructor(action: ActionName, input: object) {
    this.action = action;
    this.input = input;
  }
}

/** An error as the SDK of ELBv2 throws it. */
export function sdkError(code: string, status: number, message = 'said AWS'): Error {
  return Object.assign(new Error(message), {
    name: `${code}Exception`,
    Code: code,
    $metadata: { httpStatusCode: status },
  });
}

export function throttling(): Error {
  return sdkError('Throttling', 400, 'Rate exceeded');
}

/** A token bucket as AWS has it; `take` says whether there was a token. */
export function tokenBucket(burst: number, perSecond: number): { take(now: number): boolean } {
  let tokens = burst;
  let at = 0;
  return {
    take(now) {
      tokens = Math.min(burst, tokens + ((now - at) / 1_000) * perSecond);
      at = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}

export function leadingCall(signal = new AbortController().signal): Call {
  return { signal, epoch: '1', sequence: 1, assertLeading: () => signal.throwIfAborted() };
}
