import type { Lane } from './actions.ts';

/** A token bucket: so many at once, and so many a second from then on. */
export interface BucketLimit {
  readonly burst: number;
  readonly perSecond: number;
}

/** What the operator sets otherwise, in `config.limits`. */
export type LaneLimits = Readonly<Partial<Record<Lane, BucketLimit>>>;
