import type { Clock } from '../kube/clock.ts';
import type { Leadership } from '../kube/election.ts';
import { onAbort } from '../kube/on-abort.ts';
import { SameDelay } from '../kube/same-delay.ts';
import type { Instance } from '../plan/plan-service.ts';
import type { Call, Deleted, Ensured, LoadBalancer, LoadBalancerRef, Provider } from '../provider/provider.ts';
import { providerErrorCode } from '../provider/provider-error.ts';

/** A provider under the operator's name for it. */
export interface ProviderInstance extends Instance {
  readonly provider: Provider;
}

export type Verb = 'restore' | 'ensure' | 'delete' | 'list';
export type CallOutcome = 'ok' | 'pending' | 'unsupported' | 'rejected' | 'throttled' | 'timeout' | 'error';

/** The earlier call for this id has not returned, though it was told to: no second one may be made until it has. */
export class StillBusy extends Error {
  override readonly name = 'StillBusy';
  readonly returned: Promise<void>;

  constructor(id: string, returned: Promise<void>) {
    super(`an earlier call for ${id} has not returned yet`);
    this.returned = returned;
  }
}

export class CallTimeout extends Error {
  override readonly name = 'CallTimeout';
}

export interface ProviderCallsOptions {
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly observe: (instance: string, verb: Verb, outcome: CallOutcome, ms: number) => void;
}

/**
 * Every call to a provider goes through here, and gets its signal, deadline, epoch and sequence. One per process: a call that does not
 * return outlives a leadership, and its id stays closed until it does.
 */
export class ProviderCalls {
  readonly #options: ProviderCallsOptions;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #deadlines: SameDelay;
  #sequence = 0;

  constructor(options: ProviderCallsOptions) {
    this.#options = options;
    this.#deadlines = new SameDelay(options.clock, options.deadlineMs);
  }

  ensure(instance: ProviderInstance, loadBalancer: LoadBalancer, leading: Leadership): Promise<Ensured> {
    return this.#call(instance, 'ensure', loadBalancer.id, leading, async call =>
      instance.provider.ensureLoadBalancer(loadBalancer, call),
    );
  }

  delete(instance: ProviderInstance, ref: LoadBalancerRef, leading: Leadership): Promise<Deleted> {
    return this.#call(instance, 'delete', ref.id, leading, async call =>
      instance.provider.ensureLoadBalancerDeleted(ref, call),
    );
  }

  async restore(instance: ProviderInstance, held: readonly LoadBalancer[], leading: Leadership): Promise<void> {
    await this.#call(instance, 'restore', 'restore', leading, async call => instance.provider.restore?.(held, call));
  }

  list(instance: ProviderInstance, leading: Leadership): Promise<readonly LoadBalancerRef[]> {
    return this.#call(
      instance,
      'list',
      'list',
      leading,
      async call => (await instance.provider.listLoadBalancers?.(call)) ?? [],
    );
  }

  /** Resolves when no call is out. */
  async returned(): Promise<void> {
    await Promise.all(this.#busy.values());
  }

  /** After the last leadership. */
  close(): void {
    this.#deadlines.close();
  }

  async #call<Answer>(
    instance: ProviderInstance,
    verb: Verb,
    id: string,
    leading: Leadership,
    run: (call: Call) => Promise<Answer>,
  ): Promise<Answer> {
    const key = `${instance.name}/${id}`;
    const earlier = this.#busy.get(key);
    if (earlier !== undefined) throw new StillBusy(id, earlier);
    const { clock, observe } = this.#options;
    const began = clock.monotonic();
    try {
      const answer = await this.#bounded(key, verb, leading, run);
      observe(instance.name, verb, isPending(answer) ? 'pending' : 'ok', clock.monotonic() - began);
      return answer;
    } catch (error) {
      observe(
        instance.name,
        verb,
        error instanceof CallTimeout ? 'timeout' : (providerErrorCode(error) ?? 'error'),
        clock.monotonic() - began,
      );
      throw error;
    }
  }

  /** Settles at the latest when the deadline passes or leadership is lost, whether the provider heeds its signal or not. */
  async #bounded<Answer>(
    key: string,
    verb: Verb,
    leading: Leadership,
    run: (call: Call) => Promise<Answer>,
  ): Promise<Answer> {
    if (leading.signal.aborted) throw asError(leading.signal.reason);
    leading.assertLeading();
    const abort = new AbortController();
    const ended = Promise.withResolvers<never>();
    const end = (reason: unknown): void => {
      abort.abort(reason);
      ended.reject(asError(reason));
    };
    const cancelDeadline = this.#deadlines.after(() =>
      end(new CallTimeout(`the provider did not answer ${verb} within ${this.#options.deadlineMs / 1_000} s`)),
    );
    const forget = onAbort(leading.signal, () => end(leading.signal.reason));
    try {
      const running = run(this.#callFor(abort.signal, leading));
      this.#markBusy(key, running);
      return await Promise.race([running, ended.promise]);
    } finally {
      cancelDeadline();
      forget();
    }
  }

  #callFor(signal: AbortSignal, leading: Leadership): Call {
    return {
      signal,
      epoch: leading.epoch,
      sequence: ++this.#sequence,
      assertLeading() {
        if (signal.aborted) throw asError(signal.reason);
        leading.assertLeading();
      },
    };
  }

  #markBusy(key: string, running: Promise<unknown>): void {
    const returned = running.then(
      () => this.#forget(key),
      () => this.#forget(key),
    );
    this.#busy.set(key, returned);
  }

  #forget(key: string): void {
    this.#busy.delete(key);
  }
}

function isPending(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'state' in answer && answer.state === 'pending';
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('the call was aborted', { cause: reason });
}
