import { type KubeClient, KubeError, objectPath, patchType, statusOf } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import { keyOf, type Service } from '../kube/objects.ts';
import type { Store } from '../kube/store.ts';
import { type NodePortProposal, nodePortPatch } from '../plan/node-ports.ts';
import { type StatusChange, statusPatch } from '../plan/status-patch.ts';

/** `stale`: the object is no longer what the change was made for; plan again. `gone`: it is not there any more. */
export type Written = 'written' | 'same' | 'stale' | 'gone';

/** A conflict means that somebody else wrote in between: so often in a row means that something is wrong. */
const mostConflicts = 5;

/** The only writer of Services. What it has written stands in the store at once: no key ever sees older than its own last write. */
export class ServiceWriter {
  readonly #client: KubeClient;
  readonly #store: Store<Service>;
  readonly #clock: Clock;
  /** Keys of which a write got no answer: read them before the next decision. */
  readonly #unread = new Set<string>();

  constructor(client: KubeClient, store: Store<Service>, clock: Clock) {
    this.#client = client;
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Writes what `change` asks for, computed anew from the newest object after a conflict; `undefined` from it means that it no longer
   * applies. Throws the API server's refusal.
   */
  async change(service: Service, change: (current: Service) => StatusChange | undefined): Promise<Written> {
    let current: Service | undefined = this.#newest(service);
    for (let conflicts = 0; ; conflicts++) {
      const wanted = change(current);
      if (wanted === undefined) return 'stale';
      const patch = statusPatch(current, wanted, timestamp(this.#clock));
      if (patch === undefined) return 'same';
      try {
        const answer = await this.#patch(current, patch, patchType.strategicMerge, 'status');
        return isReleased(answer) ? 'gone' : 'written';
      } catch (error) {
        if (statusOf(error) === 404) return 'gone';
        if (!isConflict(error) || conflicts === mostConflicts) throw error;
        current = await this.#read(current);
        if (current === undefined) return 'gone';
      }
    }
  }

  /** Fills in node ports, all or none, only onto the object as it was read; where that does not fit, it is read before the next decision. */
  async fillNodePorts(service: Service, proposal: NodePortProposal): Promise<void> {
    try {
      await this.#patch(service, nodePortPatch(service, proposal), patchType.json);
    } catch (error) {
      if (statusOf(error) === 409 || statusOf(error) === 422) this.#unread.add(keyOf(service));
      throw error;
    }
  }

  /**
   * After a write whose answer was lost, reads the object; throws where that fails too. False where it is gone while the store still has
   * it: nothing can be decided from that, and the watch will say so.
   */
  async isCertain(key: string): Promise<boolean> {
    const service = this.#store.get(key);
    if (!this.#unread.has(key)) return true;
    const current = service === undefined ? undefined : await this.#read(service);
    this.#unread.delete(key);
    return service === undefined || current !== undefined;
  }

  /** The object as the API server has it; undefined where it is gone or another one has its name. */
  async #read(service: Service): Promise<Service | undefined> {
    try {
      const current = await this.#client.request<Service>({ method: 'GET', path: pathOf(service) });
      if (current.metadata.uid !== service.metadata.uid) return undefined;
      this.#store.seen(current);
      return this.#newest(current);
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  async #patch(
    service: Service,
    body: unknown,
    contentType: string,
    ...subresource: readonly string[]
  ): Promise<Service> {
    try {
      const path = [pathOf(service), ...subresource].join('/');
      const answer = await this.#client.request<Service>({ method: 'PATCH', path, body, contentType });
      this.#store.applied(answer);
      this.#unread.delete(keyOf(service));
      return answer;
    } catch (error) {
      if (!(error instanceof KubeError) || error.status === 0 || error.status >= 500) this.#unread.add(keyOf(service));
      throw error;
    }
  }

  #newest(service: Service): Service {
    const stored = this.#store.get(keyOf(service));
    return stored?.metadata.uid === service.metadata.uid ? stored : service;
  }
}

/** An old resourceVersion is a 409, another object under the name a 422 about its uid. */
function isConflict(error: unknown): boolean {
  if (statusOf(error) === 409) return true;
  return error instanceof KubeError && (error.causes ?? []).some(cause => cause.field === 'metadata.uid');
}

/** The write that takes the last finalizer off an object that is going answers with what it was, in its old version. */
function isReleased({ metadata }: Service): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0;
}

function pathOf(service: Service): string {
  return objectPath('/api/v1/namespaces', service.metadata.namespace ?? '', 'services', service.metadata.name);
}

/** RFC 3339 in whole seconds, as metav1.Time is written. */
export function timestamp(clock: Clock): string {
  return `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
}
