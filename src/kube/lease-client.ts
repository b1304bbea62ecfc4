import { type KubeClient, objectPath, statusOf } from './client.ts';
import type { Clock, Random } from './clock.ts';
import { isHeld, microTime, releasedSpec, takenSpec } from './lease-record.ts';
import type { Lease, LeaseSpec } from './objects.ts';

export interface LeaseClientOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly leaseDurationMs: number;
}

const apiPath = '/apis/coordination.k8s.io/v1/namespaces';
/** Takings remembered: a write whose answer was lost can land later. */
const mostTakings = 100;

/**
 * One Lease: reads it, and writes it with the resourceVersion that was read, so that of two writers one gets a 409. Fields and labels
 * that others have put on it stay.
 */
export class LeaseClient {
  readonly #options: LeaseClientOptions;
  readonly #collection: string;
  readonly #path: string;
  /** acquireTime of every taking that this process has tried. */
  readonly #takings = new Set<string>();

  constructor(options: LeaseClientOptions) {
    this.#options = options;
    this.#collection = objectPath(apiPath, options.namespace, 'leases');
    this.#path = objectPath(this.#collection, options.name);
  }

  /** `undefined`: there is none. */
  async read(deadlineMs: number, signal?: AbortSignal): Promise<Lease | undefined> {
    try {
      return await this.#options.client.request<Lease>({
        method: 'GET',
        path: this.#path,
        deadlineMs,
        ...(signal && { signal }),
      });
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  /** Whether this very process has written it: another process of the same name (a container restarted in its pod) is somebody else. */
  isOurs({ spec }: Lease): boolean {
    return isHeld(spec) && spec.holderIdentity === this.#options.identity && this.#takings.has(spec.acquireTime ?? '');
  }

  take(before: Lease | undefined, deadlineMs: number): Promise<Lease> {
    const at = this.#now();
    this.#takings.add(at);
    if (this.#takings.size > mostTakings) this.#takings.delete([...this.#takings][0] ?? '');
    const spec = takenSpec(before?.spec, this.#options.identity, this.#options.leaseDurationMs, at);
    return before === undefined ? this.#create(spec, deadlineMs) : this.#update(before, spec, deadlineMs);
  }

  renew(before: Lease, deadlineMs: number): Promise<Lease> {
    return this.#update(before, { ...before.spec, renewTime: this.#now() }, deadlineMs);
  }

  release(before: Lease, deadlineMs: number): Promise<Lease> {
    return this.#update(before, releasedSpec(before.spec, this.#now()), deadlineMs);
  }

  #create(spec: LeaseSpec, deadlineMs: number): Promise<Lease> {
    const { client, name, namespace } = this.#options;
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace }, spec };
    return client.request<Lease>({ method: 'POST', path: this.#collection, body, deadlineMs });
  }

  #update(before: Lease, spec: LeaseSpec, deadlineMs: number): Promise<Lease> {
    return this.#options.client.request<Lease>({
      method: 'PUT',
      path: this.#path,
      body: { ...before, spec },
      deadlineMs,
    });
  }

  #now(): string {
    return microTime(this.#options.clock.now(), this.#options.random);
  }
}
