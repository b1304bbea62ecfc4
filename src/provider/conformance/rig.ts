import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type {
  Call,
  Deleted,
  Ensured,
  EnsuredReady,
  LoadBalancer,
  LoadBalancerRef,
  Provider,
  ProviderContext,
} from '../provider.ts';
import { deepFreeze, sampleEndpoints, sampleLoadBalancer } from './sample.ts';
import type { TestWorld } from './test-world.ts';
import { assertValidDeleted, assertValidEnsured, assertValidRefs } from './valid-answer.ts';

export interface RigOptions {
  /** Opens a world with nothing in it. Called once for each check. */
  readonly open: () => TestWorld | Promise<TestWorld>;
  /** Fits the kit's samples to the cloud: node ids, annotations, health checks. Default: as they are. */
  readonly adjust?: (loadBalancer: LoadBalancer) => LoadBalancer;
  /** How long a call may go on after its signal has aborted. Default 5,000. */
  readonly patienceMs?: number;
}

/** "Not ready yet" may be said this often before a check gives up. */
const mostTurns = 120;
const longestWaitMs = 1_000;

/**
 * What a check works with: a world of its own, a provider in it, and the core's side of the contract. Whatever a check asks for, every
 * argument is deeply frozen and every answer is judged.
 */
export class Rig {
  readonly patienceMs: number;
  readonly cluster = 'cluster-a';
  readonly #world: TestWorld;
  readonly #adjust: (loadBalancer: LoadBalancer) => LoadBalancer;
  readonly #created: Provider[] = [];
  #provider: Provider;
  #sequence = 0;

  private constructor(world: TestWorld, provider: Provider, options: RigOptions) {
    this.#world = world;
    this.#provider = provider;
    this.#created.push(provider);
    this.#adjust = options.adjust ?? (loadBalancer => loadBalancer);
    this.patienceMs = options.patienceMs ?? 5_000;
  }

  static async open(options: RigOptions): Promise<Rig> {
    const world = await options.open();
    return new Rig(world, await world.createProvider(contextFor('cluster-a')), options);
  }

  async close(): Promise<void> {
    for (const provider of this.#created) await provider.close?.();
    await this.#world.close?.();
  }

  get provider(): Provider {
    return this.#provider;
  }

  /** Which of them are there is looked at before a check runs: it runs only where its own are. */
  get hooks(): Required<TestWorld> {
    return this.#world as Required<TestWorld>;
  }

  has(hook: keyof TestWorld): boolean {
    return this.#world[hook] !== undefined;
  }

  /** A provider for another cluster on the same world. */
  async forCluster(cluster: string): Promise<Provider> {
    const provider = await this.#world.createProvider(contextFor(cluster));
    this.#created.push(provider);
    return provider;
  }

  /** The process ends and begins again: a new provider, and `restore` as after every gain of leadership. */
  async restart(held: readonly LoadBalancer[]): Promise<void> {
    this.#provider = await this.forCluster(this.cluster);
    await this.restore(held);
  }

  async restore(held: readonly LoadBalancer[]): Promise<void> {
    await this.#succeed('restore', async () => this.provider.restore?.(deepFreeze([...held]), this.call()));
  }

  /** The n-th sample, changed; with endpoints where the provider needs them. */
  sample(n: number, changes: Partial<LoadBalancer> = {}): LoadBalancer {
    const plain = sampleLoadBalancer(n, this.cluster, this.provider.capabilities);
    const wanted = this.#adjust({ ...plain, ...changes });
    const isComplete = wanted.endpoints !== undefined || this.provider.needs(wanted).endpoints !== true;
    return deepFreeze(isComplete ? wanted : { ...wanted, endpoints: sampleEndpoints(wanted) });
  }

  /** `assertLeading` throws once the signal has aborted, as the core's does. */
  call(changes: Partial<Call> = {}): Call {
    const signal = changes.signal ?? new AbortController().signal;
    return { signal, epoch: '1', sequence: ++this.#sequence, assertLeading: () => signal.throwIfAborted(), ...changes };
  }

  /** Asks until it is ready, as the core does. */
  async ensure(loadBalancer: LoadBalancer, provider = this.provider): Promise<EnsuredReady> {
    for (let turn = 0; turn < mostTurns; turn++) {
      const answer = await this.#succeed('ensureLoadBalancer', () =>
        provider.ensureLoadBalancer(loadBalancer, this.call()),
      );
      assertValidEnsured(answer, loadBalancer);
      if (answer.state === 'ready') return answer;
      await wait(Math.min(answer.retryAfterMs, longestWaitMs));
    }
    return assert.fail(`the balancer is still pending after ${mostTurns} calls`);
  }

  async delete(ref: LoadBalancerRef, provider = this.provider): Promise<void> {
    for (let turn = 0; turn < mostTurns; turn++) {
      const answer = await this.#succeed('ensureLoadBalancerDeleted', () =>
        provider.ensureLoadBalancerDeleted(deepFreeze(ref), this.call()),
      );
      assertValidDeleted(answer);
      if (answer.state === 'deleted') return;
      await wait(Math.min(answer.retryAfterMs, longestWaitMs));
    }
    assert.fail(`the deletion is still pending after ${mostTurns} calls`);
  }

  /** One call that may fail: its answer, or its error. */
  async try<Answer extends Ensured | Deleted>(run: (provider: Provider) => Promise<Answer>): Promise<Answer | Error> {
    try {
      return await run(this.provider);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  async list(provider = this.provider, cluster = this.cluster): Promise<readonly LoadBalancerRef[]> {
    const refs = await this.#succeed(
      'listLoadBalancers',
      async () => (await provider.listLoadBalancers?.(this.call())) ?? [],
    );
    assertValidRefs(refs, cluster);
    return refs;
  }

  /** Sorted, so that two can be compared. Empty where the world has no such hook. */
  async inventory(): Promise<readonly string[]> {
    return ((await this.#world.inventory?.()) ?? []).toSorted();
  }

  /** How many mutating requests `run` makes. 0 where the world has no such hook. */
  async mutationsOf(run: () => Promise<unknown>): Promise<number> {
    const before = (await this.#world.mutations?.()) ?? 0;
    await run();
    return ((await this.#world.mutations?.()) ?? 0) - before;
  }

  async #succeed<Answer>(verb: string, run: () => Promise<Answer>): Promise<Answer> {
    try {
      return await run();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new assert.AssertionError({ message: `${verb} failed: ${message}`, actual: error });
    }
  }
}

/** A real clock: worlds in processes of their own know no other. */
function contextFor(cluster: string): ProviderContext {
  return {
    cluster,
    instance: 'conformance',
    config: undefined,
    log: { info() {}, warn() {} },
    clock: {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      after(ms, run) {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    },
    requeue() {},
    resources: () => ({ items: undefined, problem: 'the conformance kit has no API server' }),
    report() {},
  };
}
