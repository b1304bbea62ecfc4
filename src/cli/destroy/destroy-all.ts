import { BackOff, notBefore } from '../../controller/back-off.ts';
import type { ProviderCalls } from '../../controller/provider-calls.ts';
import { bounded, messageOf } from '../../controller/step.ts';
import { type Clock, type Random, sleep } from '../../kube/clock.ts';
import type { Leadership } from '../../kube/election.ts';
import { providerErrorCode, throttledForMs } from '../../provider/provider-error.ts';
import { type Doomed, describeDoomed } from './doomed.ts';

export interface DestroyDeps {
  readonly calls: ProviderCalls;
  readonly leading: Leadership;
  readonly clock: Clock;
  readonly random: Random;
  /** At work at the same time. */
  readonly concurrency: number;
  /** What is not gone after so long is given up. */
  readonly timeoutMs: number;
  readonly say: (line: string) => void;
}

/** What is still there, and why. */
export interface Left {
  readonly doomed: Doomed;
  readonly why: string;
}

/** Deletes them all, some at a time, each until it is gone, refused, or the time is over. What cannot be deleted stops no other. */
export async function destroyAll(
  all: readonly Doomed[],
  deps: DestroyDeps,
  over: AbortSignal,
): Promise<readonly Left[]> {
  const { clock, timeoutMs, concurrency } = deps;
  const timeout = new AbortController();
  const cancel = clock.after(timeoutMs, () => timeout.abort(new Error('the time for it is over')));
  const end = AbortSignal.any([over, deps.leading.signal, timeout.signal]);
  const waiting = [...all];
  const left: Left[] = [];
  const work = async (): Promise<void> => {
    for (let doomed = waiting.shift(); doomed !== undefined; doomed = waiting.shift()) {
      const why = await destroyOne(doomed, deps, end);
      deps.say(`${describeDoomed(doomed)}: ${why === undefined ? 'deleted' : `left: ${why}`}`);
      if (why !== undefined) left.push({ doomed, why });
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, all.length) }, work));
  cancel();
  return left;
}

/** Undefined once it is gone; else why it is not. */
async function destroyOne(doomed: Doomed, deps: DestroyDeps, end: AbortSignal): Promise<string | undefined> {
  const { calls, leading, clock, random, say } = deps;
  const backOff = new BackOff(random, 1_000, 60_000);
  let last = 'it was not begun';
  while (!end.aborted) {
    let waitMs: number;
    try {
      const answer = await calls.delete(doomed.instance, doomed.ref, leading);
      if (answer.state === 'deleted') return undefined;
      if (answer.reason !== last) say(`${describeDoomed(doomed)}: waits: ${answer.reason}`);
      last = answer.reason;
      waitMs = bounded(answer.retryAfterMs);
    } catch (error) {
      const code = providerErrorCode(error);
      last = messageOf(error);
      if (code === 'rejected' || code === 'unsupported') return last;
      waitMs = code === 'throttled' ? notBefore(throttledForMs(error), random) : backOff.next('');
    }
    await sleep(clock, waitMs, end);
  }
  return `${messageOf(end.reason)}; last: ${last}`;
}
