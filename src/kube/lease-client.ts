import { type KubeClient, objectPath, statusOf } from './client.ts';
import type { Clock, Random } from './clock.ts';
import { isHeld, microTime, releasedSpec, takenSpec } from './lease-record.ts';
import type { Lease, LeaseSpec, ObjectMeta } from './objects.ts';

export interface LeaseClientOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly leaseDurationMs: number;
  /** Put on a Lease that is made here, and on one that lacks them when it is taken. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Put on a Lease that is made here: it goes with this object. */
  readonly owner?: OwnerReference;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
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
    const { client, name, namespace, labels, owner } = this.#options;
    const metadata = { name, namespace, ...(labels && { labels }), ...(owner && { ownerReferences: [owner] }) };
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    return client.request<Lease>({ method: 'POST', path: this.#collection, body, deadlineMs });
  }

  #update(before: Lease, spec: LeaseSpec, deadlineMs: number): Promise<Lease> {
    return this.#options.client.request<Lease>({
      method: 'PUT',
      path: this.#path,
      body: { ...before, metadata: this.#labelled(before.metadata), spec },
      deadlineMs,
    });
  }

  #labelled(metadata: ObjectMeta): ObjectMeta {
    const { labels } = this.#options;
    return labels === undefined ? metadata : { ...metadata, labels: { ...metadata.labels, ...labels } };
  }

  #now(): string {
    return microTime(this.#options.clock.now(), this.#options.random);
  }
}
