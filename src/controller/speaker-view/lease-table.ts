import type { LeaseSpec } from '../../kube/objects.ts';
import type { SpeakerNode } from '../../provider/announcer.ts';

interface Held {
  /** Changes with every write of the holder. */
  readonly signature: string;
  readonly spec: LeaseSpec;
  /** On the table's own clock, when that was first seen. */
  readonly seenAt: number;
}

/** Without a sign for longer, nothing is heard of the API server: that time counts for nobody's Lease. */
const mostSilenceMs = 3_000;
const defaultDurationMs = 5_000;

/**
 * The Leases of all speakers as one of them sees them. Time passes here only while the API server is heard, by the renewals of somebody,
 * our own among them: a Lease that could not be renewed, because nobody's could, has not expired. So with the API server down nothing
 * that rests on Leases moves.
 *
 * | Lease                                                       | →       |
 * |-------------------------------------------------------------|---------|
 * | released                                                    | none    |
 * | seen to change within its duration of heard time            | fresh   |
 * | seen for the first time                                     | fresh   |
 * | not seen to change for longer                               | expired |
 */
export class LeaseTable {
  readonly #held = new Map<string, Held>();
  #time = 0;
  #heardAt: number | undefined;

  /** `now`: monotonic. */
  seen(node: string, spec: LeaseSpec, now: number): void {
    const { holderIdentity, renewTime, acquireTime, leaseTransitions } = spec;
    const signature = JSON.stringify([holderIdentity, renewTime, acquireTime, leaseTransitions]);
    const known = this.#held.get(node);
    if (known?.signature === signature) return;
    this.#time += Math.min(now - (this.#heardAt ?? now), mostSilenceMs);
    this.#heardAt = now;
    this.#held.set(node, { signature, spec, seenAt: this.#time });
  }

  gone(node: string): void {
    this.#held.delete(node);
  }

  all(): readonly SpeakerNode[] {
    return [...this.#held].map(([node, held]) => this.#state(node, held));
  }

  #state(node: string, held: Held): SpeakerNode {
    const { holderIdentity, leaseDurationSeconds } = held.spec;
    const bootId = holderIdentity ?? '';
    if (bootId === '') return { node, lease: 'none', bootId };
    const durationMs = leaseDurationSeconds ? leaseDurationSeconds * 1_000 : defaultDurationMs;
    return { node, lease: this.#time - held.seenAt > durationMs ? 'expired' : 'fresh', bootId };
  }
}
