import { setTimeout as wait } from 'node:timers/promises';
import { deepFreeze, published, refOf, sampleLoadBalancer } from '../../src/provider/conformance/sample.ts';
import type { Call, Deleted, Ensured, LoadBalancer, Provider } from '../../src/provider/provider.ts';
import type { AwsWorld } from './aws/aws-world.ts';
import { inventoryOf } from './aws/observed/inventory.ts';
import { observeWorld } from './aws/observed/observed-world.ts';
import type { AwsCall } from './aws/proxy/call-log.ts';
import { providerOn } from './aws-provider.ts';
import { LoopClock } from './loop-clock.ts';
import { silentContext } from './provider-context.ts';

const cluster = 'cluster-a';
const prefix = 'service.beta.kubernetes.io/aws-load-balancer-';
const mostTurns = 100;

/** The provider on a world, and the core's side of it: what a test asks for, and what that took. */
export class AwsStage {
  readonly world: AwsWorld;
  readonly clock = new LoopClock();
  readonly requeued: string[] = [];
  readonly #config: Readonly<Record<string, unknown>>;
  provider: Provider;
  #sequence = 0;

  private constructor(world: AwsWorld, provider: Provider, config: Readonly<Record<string, unknown>>) {
    this.world = world;
    this.provider = provider;
    this.#config = config;
  }

  static async open(world: AwsWorld, config: Readonly<Record<string, unknown>> = {}): Promise<AwsStage> {
    const stage = new AwsStage(world, undefined as unknown as Provider, config);
    await stage.restart();
    return stage;
  }

  /** The process ends and begins again, with these Services published. */
  async restart(held: readonly LoadBalancer[] = []): Promise<void> {
    await (this.provider as Provider | undefined)?.close?.();
    const requeue = (ids: readonly string[]): void => void this.requeued.push(...ids);
    this.provider = await providerOn(this.world, silentContext({ cluster, clock: this.clock, requeue }), this.#config);
    await this.provider.restore?.(deepFreeze([...held]), this.call());
  }

  async close(): Promise<void> {
    await this.provider.close?.();
    await this.world.close();
  }

  /** The n-th Service, with one port and all nodes behind it; annotations without their prefix. */
  service(
    n: number,
    changes: Partial<LoadBalancer> = {},
    annotations: Readonly<Record<string, string>> = {},
  ): LoadBalancer {
    const backends = this.world.fixture.instances.map((_, index) => this.world.backend(index));
    const plain = sampleLoadBalancer(n, cluster, this.provider.capabilities);
    const named = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [prefix + key, value]));
    return deepFreeze({ ...plain, backends, annotations: named, ...changes });
  }

  call(changes: Partial<Call> = {}): Call {
    const signal = changes.signal ?? new AbortController().signal;
    return { signal, epoch: '1', sequence: ++this.#sequence, assertLeading: () => signal.throwIfAborted(), ...changes };
  }

  /** One call. */
  try(loadBalancer: LoadBalancer): Promise<Ensured> {
    return this.provider.ensureLoadBalancer(loadBalancer, this.call());
  }

  /** Asks until it is ready, and publishes that. Errors that pass are asked over, so often. */
  async ensure(loadBalancer: LoadBalancer, errors = 0): Promise<LoadBalancer> {
    for (let turn = 0, left = errors; turn < mostTurns; turn++) {
      const answer = await this.try(loadBalancer).catch((error: unknown) => {
        if (left-- <= 0) throw error;
        return undefined;
      });
      if (answer?.state === 'ready') return published(loadBalancer, answer);
      if (answer !== undefined) await this.#wait(answer.retryAfterMs);
    }
    throw new Error('the balancer does not become ready');
  }

  async delete(loadBalancer: LoadBalancer, errors = 0): Promise<void> {
    for (let turn = 0, left = errors; turn < mostTurns; turn++) {
      const answer: Deleted | undefined = await this.provider
        .ensureLoadBalancerDeleted(refOf(loadBalancer), this.call())
        .catch((error: unknown) => {
          if (left-- <= 0) throw error;
          return undefined;
        });
      if (answer?.state === 'deleted') return;
      if (answer !== undefined) await this.#wait(answer.retryAfterMs);
    }
    throw new Error('the balancer does not go');
  }

  /** What `run` has asked of AWS. */
  async callsOf(run: () => Promise<unknown>): Promise<readonly AwsCall[]> {
    const since = this.world.proxy.log.mark();
    await run();
    return since();
  }

  /** The same as names, in the order of arrival. */
  async actionsOf(run: () => Promise<unknown>): Promise<readonly string[]> {
    return (await this.callsOf(run)).map(({ action }) => action);
  }

  async inventory(): Promise<readonly string[]> {
    return inventoryOf(await observeWorld(this.world.clients)).toSorted();
  }

  /** The clock of the provider goes on at once; that of the world goes its own way. */
  async #wait(ms: number): Promise<void> {
    await wait(Math.min(ms, 20));
    this.clock.jump(ms);
  }
}
