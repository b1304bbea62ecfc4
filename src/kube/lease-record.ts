import type { Random } from './clock.ts';
import type { LeaseSpec } from './objects.ts';

/** MicroTime of a moment in milliseconds. Its microseconds are random: they tell two writes in one millisecond apart. */
export function microTime(ms: number, random: Random): string {
  const micros = String(Math.floor(random() * 1_000)).padStart(3, '0');
  return `${new Date(ms).toISOString().slice(0, -1)}${micros}Z`;
}

/** The record after `identity` has taken the Lease: a change of holder is counted. */
export function takenSpec(before: LeaseSpec | undefined, identity: string, durationMs: number, at: string): LeaseSpec {
  const transitions = before?.leaseTransitions ?? 0;
  const isChange = before !== undefined && before.holderIdentity !== identity;
  return {
    ...before,
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(durationMs / 1_000),
    acquireTime: at,
    renewTime: at,
    leaseTransitions: isChange ? transitions + 1 : transitions,
  };
}

/** The record after a hand-over: free for the next one at once. */
export function releasedSpec(before: LeaseSpec, at: string): LeaseSpec {
  return { ...before, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: at, renewTime: at };
}

export function isHeld(spec: LeaseSpec): boolean {
  return spec.holderIdentity !== undefined && spec.holderIdentity !== null && spec.holderIdentity !== '';
}

/** What changes with every write of a holder. Labels and annotations may be anybody's. */
function signatureOf({
  holderIdentity,
  acquireTime,
  renewTime,
  leaseTransitions,
  leaseDurationSeconds,
}: LeaseSpec): string {
  return JSON.stringify([holderIdentity, acquireTime, renewTime, leaseTransitions, leaseDurationSeconds]);
}

/**
 * When the record of another holder has run out, told by our own monotonic clock alone: as long after we first saw it unchanged as the
 * record says that it lasts. The holder stops earlier: its time began before the write that we saw. The times in the record are never
 * trusted.
 */
export class HolderWatch {
  #signature: string | undefined;
  #expiresAt = 0;

  /** Returns the monotonic moment at which the Lease may be taken. `defaultMs` is for a record that names no duration. */
  expiryOf(spec: LeaseSpec, now: number, defaultMs: number): number {
    const signature = signatureOf(spec);
    if (signature !== this.#signature) {
      this.#signature = signature;
      this.#expiresAt = now + (spec.leaseDurationSeconds ? spec.leaseDurationSeconds * 1_000 : defaultMs);
    }
    return this.#expiresAt;
  }

  /**
   * The same for a Lease that is not there: at once when none was ever seen, else like a new record, since its holder may not know of
   * the deletion yet.
   */
  expiryOfAbsent(now: number, defaultMs: number): number {
    return this.#signature === undefined ? now : this.expiryOf({}, now, defaultMs);
  }

  /** The Lease was given up, or is ours: nothing is to be waited for. */
  forget(): void {
    this.#signature = undefined;
  }
}
