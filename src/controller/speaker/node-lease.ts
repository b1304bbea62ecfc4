import { type KubeClient, statusOf } from '../../kube/client.ts';
import { type Clock, type Random, sleep } from '../../kube/clock.ts';
import { LeaseClient, type OwnerReference } from '../../kube/lease-client.ts';
import { isHeld } from '../../kube/lease-record.ts';
import type { Lease } from '../../kube/objects.ts';
import type { Log } from '../log.ts';

export const leasePrefix = 'fairlead-speaker-';
/** By these a speaker finds the Leases of all others. */
export const leaseLabels = {
  'app.kubernetes.io/name': 'fairlead',
  'app.kubernetes.io/component': 'speaker',
} as const;

/** Whole seconds, as a Lease needs. Two renewals may fail before others hold it for expired. */
const leaseDurationMs = 5_000;
const leasePauseMs = 2_000;
/** After a write that took long. */
const leastPauseMs = 1_000;
const answerWithinMs = 1_000;
const requestMs = 2_000;
/** Of the pause: so that the speakers of a cluster that was started at once spread out. */
const jitter = 0.1;

export interface NodeLeaseOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly namespace: string;
  readonly node: string;
  readonly bootId: string;
  /** Asked when the Lease has to be made: it goes with the Node. */
  readonly owner: () => OwnerReference | undefined;
  /** Resolves when the part that answers on the wire has answered. */
  readonly ping: () => Promise<void>;
  /** Told of every attempt: how long the worker took to answer; undefined: longer than it may. */
  readonly onPing: (ms: number | undefined) => void;
}

/**
 * The node's Lease: a sign of life, renewed every two seconds while the worker answers. It is taken at once from whoever holds it: that
 * was another process of this very node, which the pod's restart has ended. Should it be alive after all, it finds its Lease taken and
 * stops.
 */
export class NodeLease {
  readonly #options: NodeLeaseOptions;
  readonly #client: LeaseClient;
  /** As last written; undefined: it has to be read. */
  #lease: Lease | undefined;
  #hasHeld = false;
  #complaint: string | undefined;

  constructor(options: NodeLeaseOptions) {
    this.#options = options;
    this.#client = this.#clientFor(undefined);
  }

  get isHeld(): boolean {
    return this.#lease !== undefined;
  }

  /** Renews until the signal aborts (`stopped`), or another process of this node has taken the Lease (`replaced`). */
  async run(signal: AbortSignal): Promise<'stopped' | 'replaced'> {
    const { clock, random } = this.#options;
    while (!signal.aborted) {
      const begun = clock.monotonic();
      if ((await this.#isAnswered()) && !signal.aborted && (await this.#write()) === 'replaced') return 'replaced';
      const pauseMs = leasePauseMs * (1 + jitter * random());
      await sleep(clock, Math.max(begun + pauseMs - clock.monotonic(), leastPauseMs), signal);
    }
    return 'stopped';
  }

  /** Tells the others that this node has gone in peace. Nothing more than that is lost when it fails. */
  async release(): Promise<void> {
    if (this.#lease === undefined) return;
    try {
      await this.#client.release(this.#lease, requestMs);
    } catch (error) {
      this.#options.log.info({ err: error }, 'the Lease was not released: it expires');
    }
  }

  async #isAnswered(): Promise<boolean> {
    const { clock, ping, onPing } = this.#options;
    const begun = clock.monotonic();
    const late = new AbortController();
    const answered = ping().then(
      () => true,
      () => false,
    );
    const isAnswered = await Promise.race([answered, sleep(clock, answerWithinMs, late.signal).then(() => false)]);
    late.abort();
    onPing(isAnswered ? clock.monotonic() - begun : undefined);
    if (!isAnswered) this.#complain('the part that answers on the wire does not answer: the Lease is not renewed');
    return isAnswered;
  }

  async #write(): Promise<'replaced' | undefined> {
    try {
      if (this.#lease === undefined) return await this.#take();
      this.#lease = await this.#client.renew(this.#lease, requestMs);
      this.#complain(undefined);
    } catch (error) {
      const status = statusOf(error);
      // Gone with its Node object, or written by somebody else or by a renewal whose answer was lost: a look tells.
      if (status === 404 || status === 409) this.#lease = undefined;
      else this.#complain(`the Lease was not renewed: ${error instanceof Error ? error.message : String(error)}`);
    }
    return undefined;
  }

  async #take(): Promise<'replaced' | undefined> {
    const { bootId, owner } = this.#options;
    const found = await this.#client.read(requestMs);
    if (found !== undefined && this.#hasHeld && isHeld(found.spec) && found.spec.holderIdentity !== bootId)
      return 'replaced';
    const client = found === undefined ? this.#clientFor(owner()) : this.#client;
    this.#lease = await client.take(found, requestMs);
    this.#hasHeld = true;
    this.#complain(undefined);
    return undefined;
  }

  #clientFor(owner: OwnerReference | undefined): LeaseClient {
    const { client, clock, random, namespace, node, bootId } = this.#options;
    const name = `${leasePrefix}${node}`;
    const lease = { client, clock, random, namespace, name, identity: bootId, leaseDurationMs, labels: leaseLabels };
    return new LeaseClient(owner === undefined ? lease : { ...lease, owner });
  }

  /** Said when it changes: an outage of an hour is two lines. */
  #complain(message: string | undefined): void {
    if (message === this.#complaint) return;
    if (message === undefined) this.#options.log.info({}, 'the Lease is renewed again');
    else this.#options.log.warn({}, message);
    this.#complaint = message;
  }
}
