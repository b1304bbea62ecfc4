/**
 * `released` only in a heartbeat: not claimed any more. `intended`: claimed, but not answered for yet. `yielding`: answered for until somebody
 * else holds it, and to be taken.
 */
export type ClaimState = 'released' | 'intended' | 'held' | 'yielding';

export interface HeardClaim {
  readonly address: string;
  /** Unix milliseconds; the age decides between two claims. */
  readonly since: number;
  readonly state: ClaimState;
}

/** What a node tells its segment, several times a second. */
export interface Heartbeat {
  readonly node: string;
  readonly bootId: string;
  /** Grows with every heartbeat of a node, across its restarts too: it starts at the wall clock in milliseconds. */
  readonly counter: number;
  /** Hands everything over. */
  readonly isLeaving: boolean;
  /** Answers for nothing yet, and wants to be told everything. */
  readonly isListening: boolean;
  /** How many addresses the sender claims on this segment in all. */
  readonly total: number;
  /** Some of them: changes first, then a page of the rest, in turn. */
  readonly claims: readonly HeardClaim[];
}
