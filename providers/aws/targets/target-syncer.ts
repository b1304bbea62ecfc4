import { pause } from '../../../src/provider/adapter/unless-aborted.ts';
import type { ProviderClock } from '../../../src/provider/provider.ts';
import { type Aws, type AwsCall, withPriority } from '../client/aws.ts';
import { awsCodeOf } from '../client/classify-error.ts';
import type { Target } from '../model/desired.ts';
import { batches } from '../resources/batches.ts';
import { deregisterTargets, observeTargets, registerTargets } from '../resources/targets.ts';
import { type KnownTargets, observedTargets, withoutTargets, withRegistered } from './known-targets.ts';
import { planAfterLook, planTargets } from './plan-targets.ts';

/** Between two changes of one target group: what comes faster is taken together. */
export const windowMs = 300;

export interface SyncInput {
  /** ARN of the target group. */
  readonly arn: string;
  readonly wanted: readonly Target[];
  readonly known: KnownTargets | undefined;
  /** Told what is registered after every single step, since the next one may fail. */
  readonly remember: (known: KnownTargets) => void;
  /** Wraps each request that changes something. */
  readonly change: <Answer>(run: () => Promise<Answer>) => Promise<Answer>;
}

export interface Synced {
  /** Not wanted any more, and kept until one of the wanted is healthy. */
  readonly held: readonly Target[];
  /** AWS does not take them. */
  readonly refused: readonly Target[];
}

/**
 * Makes a target group have exactly the wanted targets: what comes first, what goes after it, and the last healthy ones never before one of
 * those that come is healthy. At most one change in a window for each group; the core has let flaps cancel out before it asks.
 */
export class TargetSyncer {
  readonly #aws: Aws;
  readonly #clock: ProviderClock;
  readonly #changedMs = new Map<string, number>();

  constructor(aws: Aws, clock: ProviderClock) {
    this.#aws = aws;
    this.#clock = clock;
  }

  /** The target group is gone. */
  forget(arn: string): void {
    this.#changedMs.delete(arn);
  }

  async sync(input: SyncInput, call: AwsCall): Promise<Synced> {
    const { arn, wanted } = input;
    let known = input.known;
    const remember = (next: KnownTargets): void => {
      known = next;
      input.remember(next);
    };
    // What is only believed to be there is looked at before anything is built on it.
    if (known?.read !== true) remember(observedTargets(await observeTargets(this.#aws, arn, call)));
    const plan = planTargets(wanted, known ?? observedTargets([]));
    if (plan.register.length + plan.deregister.length === 0) return { held: [], refused: [] };
    await this.#window(arn, call);
    const refused = await this.#register(input, plan.register, call, some => remember(withRegistered(current(), some)));
    const { deregister, held } = plan.afterLook
      ? await this.#look(input, plan.deregister, call, remember)
      : { deregister: plan.deregister, held: [] };
    if (deregister.length > 0) {
      await input.change(() => deregisterTargets(this.#aws, arn, deregister, withPriority(call, 'deregister')));
      remember(withoutTargets(current(), deregister));
    }
    return { held, refused };

    function current(): KnownTargets {
      return known ?? observedTargets([]);
    }
  }

  /** The first change goes at once. */
  async #window(arn: string, call: AwsCall): Promise<void> {
    const since = this.#clock.monotonic() - (this.#changedMs.get(arn) ?? Number.NEGATIVE_INFINITY);
    if (since < windowMs) await pause(this.#clock, windowMs - since, call.signal);
    this.#changedMs.set(arn, this.#clock.monotonic());
  }

  /** One that AWS does not take keeps no other out: the request is halved until it stands alone. */
  async #register(
    { arn, change }: SyncInput,
    targets: readonly Target[],
    call: AwsCall,
    done: (some: readonly Target[]) => void,
  ): Promise<readonly Target[]> {
    if (targets.length === 0) return [];
    try {
      await change(() => registerTargets(this.#aws, arn, targets, call));
      done(targets);
      return [];
    } catch (error) {
      if (awsCodeOf(error) !== 'InvalidTarget') throw error;
      if (targets.length === 1) return targets;
    }
    const refused: Target[] = [];
    for (const half of batches(targets, Math.ceil(targets.length / 2)))
      refused.push(...(await this.#register({ arn, change } as SyncInput, half, call, done)));
    return refused;
  }

  async #look(
    { arn, wanted }: SyncInput,
    going: readonly Target[],
    call: AwsCall,
    remember: (known: KnownTargets) => void,
  ): Promise<{ readonly deregister: readonly Target[]; readonly held: readonly Target[] }> {
    const seen = await observeTargets(this.#aws, arn, call);
    remember(observedTargets(seen));
    return planAfterLook(wanted, going, seen);
  }
}
