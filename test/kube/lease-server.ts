import { type KubeClient, KubeError, type KubeRequest } from '../../src/kube/client.ts';
import type { Clock, Random } from '../../src/kube/clock.ts';
import type { Lease } from '../../src/kube/objects.ts';

/** What happens to one request on its way: how long to the server, how long back, and whether either way is cut. */
export interface Travel {
  readonly thereMs: number;
  readonly backMs: number;
  readonly lost: 'none' | 'request' | 'answer';
  /** An answer of the server's instead of carrying it out. */
  readonly refusal?: number;
}

export const quick: Travel = { thereMs: 1, backMs: 1, lost: 'none' };

/** One Lease on a server, with the API server's rules for it: versions, 404, and 409. */
export class LeaseServer {
  lease: Lease | undefined;
  /** Every write that was carried out, in order. */
  readonly writes: { readonly at: number; readonly lease: Lease | undefined }[] = [];
  readonly #clock: Clock;
  #version = 100;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What somebody with kubectl does. */
  edit(change: (lease: Lease) => Lease | undefined): void {
    if (this.lease !== undefined) this.#store(change(this.lease));
  }

  put(spec: Lease['spec']): void {
    this.#store({ metadata: { name: 'lease', namespace: 'ns', uid: 'u', resourceVersion: '' }, spec });
  }

  carryOut({ method, body }: KubeRequest): Lease {
    const sent = body as Lease;
    if (method === 'POST') {
      if (this.lease !== undefined) throw new KubeError(409, 'AlreadyExists', 'there is one');
      return this.#store({ ...sent, metadata: { ...sent.metadata, uid: `u${this.#version}` } });
    }
    if (this.lease === undefined) throw new KubeError(404, 'NotFound', 'there is none');
    if (method === 'GET') return this.lease;
    if (sent.metadata.resourceVersion !== this.lease.metadata.resourceVersion)
      throw new KubeError(409, 'Conflict', 'old');
    return this.#store(sent);
  }

  /** A client of it; `travel` is asked for every request. */
  client(clock: Clock, travel: (request: KubeRequest) => Travel): KubeClient {
    return {
      request: <Answer>(request: KubeRequest) => this.#travel(request, travel(request), clock) as Promise<Answer>,
      watch: () => {
        throw new Error('nobody watches Leases');
      },
    };
  }

  #travel(request: KubeRequest, travel: Travel, clock: Clock): Promise<Lease> {
    return new Promise((resolve, reject) => {
      clock.after(request.deadlineMs ?? 5_000, () => reject(new KubeError(0, 'Timeout', 'no answer')));
      const { signal } = request;
      const onAbort = (): void => reject(new KubeError(0, 'Cancelled', 'cancelled'));
      signal?.addEventListener('abort', onAbort, { once: true });
      if (travel.lost === 'request') return;
      // The server's side goes on whatever the client does, also after the client's deadline.
      this.#clock.after(travel.thereMs, () => {
        let settle: () => void;
        try {
          if (travel.refusal !== undefined) throw new KubeError(travel.refusal, 'InternalError', 'refused');
          const answer = this.carryOut(request);
          settle = () => resolve(answer);
        } catch (error) {
          settle = () => reject(error);
        }
        signal?.removeEventListener('abort', onAbort);
        if (travel.lost !== 'answer') clock.after(travel.backMs, settle);
      });
    });
  }

  #store(lease: Lease | undefined): Lease {
    this.#version += 1;
    this.lease = lease && { ...lease, metadata: { ...lease.metadata, resourceVersion: String(this.#version) } };
    this.writes.push({ at: this.#clock.monotonic(), lease: this.lease });
    // A deleted Lease has no reader.
    return this.lease as Lease;
  }
}

/** Any travel: mostly quick, at times slow, refused or lost. */
export function randomTravel(random: Random, faults: number): Travel {
  const isFaulty = random() < faults;
  const thereMs = random() * (random() < 0.1 ? 6_000 : 200);
  const backMs = random() * (random() < 0.1 ? 6_000 : 200);
  if (!isFaulty) return { thereMs, backMs, lost: 'none' };
  const kind = Math.floor(random() * 4);
  if (kind === 3) return { thereMs, backMs, lost: 'none', refusal: random() < 0.5 ? 500 : 429 };
  return { thereMs: random() * 20_000, backMs, lost: kind === 0 ? 'request' : kind === 1 ? 'answer' : 'none' };
}
