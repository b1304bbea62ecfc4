import { type KubeClient, objectPath, statusOf } from '../kube/client.ts';
import { type Clock, type Random, sleep } from '../kube/clock.ts';
import type { Leadership } from '../kube/election.ts';
import type { Service } from '../kube/objects.ts';
import { idOf } from '../plan/load-balancer.ts';
import type { LoadBalancerRef } from '../provider/provider.ts';
import { jittered } from './back-off.ts';
import type { ProviderCalls, ProviderInstance } from './provider-calls.ts';

export interface OrphanOptions {
  readonly mode: 'report' | 'delete' | 'off';
  readonly intervalMs: number;
  /** An orphan is left alone for so long after it was first seen. */
  readonly graceMs: number;
}

export interface OrphanSweepDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly calls: ProviderCalls;
  readonly instances: readonly ProviderInstance[];
  readonly cluster: string;
  readonly options: OrphanOptions;
  readonly log: { warn(fields: Readonly<Record<string, unknown>>, message: string): void };
  /** Orphans of an instance that the last sweep has seen. */
  readonly observe: (instance: string, orphans: number) => void;
  /** Whether a Service with this uid is in the store, or its balancer in work. */
  isKnown(ref: LoadBalancerRef): boolean;
}

/**
 * Looks for balancers of this cluster whose Service is gone: left by a finalizer that was removed by force, or by a restored backup.
 * Reports them; deletes only where told to, and then only what has passed every check here:
 *
 * | the ref                                                   | →        |
 * |-----------------------------------------------------------|----------|
 * | carries another cluster's id                              | ignored  |
 * | its Service is in the store                               | ignored  |
 * | its Service's uid answers a live GET                      | ignored  |
 * | mode `report`, or a cluster id that is no UUID            | reported |
 * | first seen less than the grace ago                        | reported |
 * | more than max(5, 5 % of all refs) deleted in this sweep   | reported |
 * | without a name, or with an id that is not its uid's       | reported |
 * | any other                                                 | deleted  |
 *
 * A cluster id given by hand ("prod") may be another cluster's too: with it nothing is ever deleted.
 */
export class OrphanSweep {
  readonly #deps: OrphanSweepDeps;
  readonly #firstSeen = new Map<string, number>();

  constructor(deps: OrphanSweepDeps) {
    this.#deps = deps;
  }

  /** Sweeps at intervals until the signal aborts. Never rejects. */
  async run(leading: Leadership, signal: AbortSignal): Promise<void> {
    const { clock, random, options } = this.#deps;
    if (options.mode === 'off') return;
    while (!signal.aborted) {
      await sleep(clock, jittered(options.intervalMs, random), signal);
      await this.sweep(leading, signal);
    }
  }

  /** Once `signal` has aborted it begins nothing more. */
  async sweep(leading: Leadership, signal: AbortSignal): Promise<void> {
    for (const instance of this.#deps.instances) {
      if (instance.provider.listLoadBalancers === undefined || signal.aborted) continue;
      try {
        await this.#sweepInstance(instance, leading, signal);
      } catch (error) {
        this.#deps.log.warn(
          { provider: instance.name, err: error },
          'the orphan sweep failed; it is tried again at the next interval',
        );
      }
    }
  }

  async #sweepInstance(instance: ProviderInstance, leading: Leadership, signal: AbortSignal): Promise<void> {
    const { calls, cluster, clock, options } = this.#deps;
    const refs = (await calls.list(instance, leading)).filter(ref => ref.cluster === cluster);
    const orphans: LoadBalancerRef[] = [];
    for (const ref of refs) {
      if (signal.aborted) return;
      if (!this.#deps.isKnown(ref) && (await this.#isGone(ref))) orphans.push(ref);
    }
    this.#remember(instance.name, orphans);
    this.#deps.observe(instance.name, orphans.length);
    let left = options.mode === 'delete' && isUuid(cluster) ? Math.max(5, Math.floor(refs.length * 0.05)) : 0;
    for (const ref of orphans) {
      const age = clock.monotonic() - (this.#firstSeen.get(`${instance.name}/${ref.id}`) ?? clock.monotonic());
      const remove = left > 0 && age >= options.graceMs && isWhole(ref) && !signal.aborted;
      const fields = {
        provider: instance.name,
        id: ref.id,
        service: `${ref.service.namespace}/${ref.service.name}`,
        uid: ref.service.uid,
      };
      this.#deps.log.warn(
        fields,
        remove ? 'orphan: deleting a balancer whose Service is gone' : 'orphan: a balancer whose Service is gone',
      );
      if (!remove) continue;
      left--;
      await this.#delete(instance, ref, leading);
    }
  }

  /** One that cannot be deleted keeps no other from it. */
  async #delete(instance: ProviderInstance, ref: LoadBalancerRef, leading: Leadership): Promise<void> {
    try {
      await this.#deps.calls.delete(instance, ref, leading);
    } catch (error) {
      if (leading.signal.aborted) throw error;
      this.#deps.log.warn({ provider: instance.name, id: ref.id, err: error }, 'orphan: it could not be deleted');
    }
  }

  async #isGone({ service }: LoadBalancerRef): Promise<boolean> {
    try {
      const path = objectPath('/api/v1/namespaces', service.namespace, 'services', service.name);
      const found = await this.#deps.client.request<Service>({ method: 'GET', path });
      return found.metadata.uid !== service.uid;
    } catch (error) {
      if (statusOf(error) === 404) return true;
      throw error;
    }
  }

  #remember(instance: string, orphans: readonly LoadBalancerRef[]): void {
    const now = this.#deps.clock.monotonic();
    const seen = new Set(orphans.map(ref => `${instance}/${ref.id}`));
    for (const key of this.#firstSeen.keys())
      if (key.startsWith(`${instance}/`) && !seen.has(key)) this.#firstSeen.delete(key);
    for (const key of seen) if (!this.#firstSeen.has(key)) this.#firstSeen.set(key, now);
  }
}

/** The live GET goes by name: where the marks outside have lost it, or name another Service, its answer says nothing. */
function isWhole({ id, service }: LoadBalancerRef): boolean {
  return service.namespace !== '' && service.name !== '' && isUuid(service.uid) && id === idOf(service.uid);
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
