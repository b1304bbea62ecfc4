import { pause } from '../../../../src/provider/adapter/unless-aborted.ts';
import type { Call, ProviderClock } from '../../../../src/provider/provider.ts';
import {
  classifyError,
  gceFaultOf,
  isStillRunning,
  StillRunning,
  UnknownOutcome,
  verdictOf,
} from '../classify-error.ts';
import { type EndedOperation, parseOperation } from '../gce-fault.ts';
import { nameOf } from '../links.ts';
import type { MethodName } from '../methods.ts';
import { plainOf } from '../plain.ts';
import type { Sender } from './sender.ts';

/** Where an operation can be asked about: in the scope of what it changes. */
export interface OperationPlace {
  readonly method: 'regionOperations.wait' | 'zoneOperations.wait' | 'globalOperations.wait';
  /** Project, and region or zone. */
  readonly request: object;
}

interface Operation extends EndedOperation {
  readonly name: string;
  readonly status?: string;
}

interface Running {
  readonly by: MethodName;
  readonly place: OperationPlace;
  operation: Operation;
}

const firstPauseMs = 100;
const longestPauseMs = 2_000;

/** The operations that changes have begun: at most one at a time for an object. */
export class Operations {
  readonly #sender: Sender;
  readonly #clock: ProviderClock;
  readonly #patienceMs: number;
  readonly #running = new Map<string, Running>();

  constructor(sender: Sender, clock: ProviderClock, patienceMs: number) {
    this.#sender = sender;
    this.#clock = clock;
    this.#patienceMs = patienceMs;
  }

  /** Waits for what the SDK has answered a change of this object with. Throws what the change is refused with after all. */
  async end(target: string, by: MethodName, place: OperationPlace, answer: unknown, call: Call): Promise<void> {
    const { latestResponse } = answer as { readonly latestResponse: unknown };
    await this.#wait(target, { by, place, operation: plainOf(latestResponse) as Operation }, call);
  }

  /** Waits for an earlier change of this object of which it was not known how it ended. How it ended is no matter: its object tells. */
  async settle(target: string, call: Call): Promise<void> {
    const running = this.#running.get(target);
    if (running === undefined) return;
    await this.#wait(target, running, call).catch((error: unknown) => {
      if (isStillRunning(error) || call.signal.aborted) throw error;
    });
  }

  async #wait(target: string, running: Running, call: Call): Promise<void> {
    this.#running.set(target, running);
    const until = this.#clock.monotonic() + this.#patienceMs;
    for (let asked = 0; running.operation.status !== 'DONE'; asked++) {
      if (asked > 0) await this.#pauseBetween(asked, running, call);
      const leftMs = until - this.#clock.monotonic();
      if (leftMs <= 0) throw stillRunning(running);
      running.operation = await this.#ask(target, running, leftMs, call);
    }
    this.#running.delete(target);
    const fault = parseOperation(running.operation);
    if (fault !== undefined) throw classifyError(running.by, fault, longestPauseMs);
  }

  /** The API answers when it has ended, or after two minutes, or when it likes: whoever gets no good answer has to ask again. */
  async #ask(target: string, { by, place, operation }: Running, leftMs: number, call: Call): Promise<Operation> {
    try {
      const [answer] = await this.#sender.send(
        place.method,
        { ...place.request, operation: nameOf(operation.name) },
        call,
        leftMs,
      );
      return plainOf(answer) as Operation;
    } catch (error) {
      if (call.signal.aborted) throw noMorePatience(by, error);
      const fault = gceFaultOf(error);
      if (fault === undefined) throw error;
      if (verdictOf(fault) !== 'refused') return operation;
      this.#running.delete(target);
      throw new UnknownOutcome(error instanceof Error ? error.message : `nobody knows how ${by} has ended`, {
        cause: error,
      });
    }
  }

  #pauseBetween(asked: number, { by }: Running, call: Call): Promise<void> {
    const ms = Math.min(firstPauseMs * 2 ** (asked - 1), longestPauseMs);
    return pause(this.#clock, ms, call.signal).catch((error: unknown) => {
      throw noMorePatience(by, error);
    });
  }
}

const noMorePatience = (by: MethodName, cause: unknown): UnknownOutcome =>
  new UnknownOutcome(`${by} was accepted, and is not waited for any more`, { cause });

const stillRunning = ({ by }: Running): StillRunning => new StillRunning(`Google Cloud is still at work on ${by}`);
