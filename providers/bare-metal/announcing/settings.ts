/** Durations in milliseconds. What is configurable is the pace of heartbeats; the others follow from the protocols. */
export interface Settings {
  /** Between two heartbeats. */
  readonly intervalMs: number;
  /** Silence after which a peer counts as gone, and age of the own last heartbeat at which a node stops answering. */
  readonly timeoutMs: number;
  /** From claiming an orphan to answering for it: a claim made at the same moment elsewhere is heard in between. */
  readonly settleMs: number;
  /** A node with a fresh Lease is waited for that long at the start, and must be unheard that long before records count instead. */
  readonly unheardMs: number;
  /** How long a Lease stays fresh after its holder has died: until then records prove nothing about a node that fell silent. */
  readonly leaseMs: number;
  /** Membership must have been the same for that long before addresses are levelled out. */
  readonly levelAfterMs: number;
  /** Most claims in one heartbeat. */
  readonly claimsPerHeartbeat: number;
}

export const defaultSettings: Settings = {
  intervalMs: 70,
  timeoutMs: 350,
  settleMs: 20,
  unheardMs: 10_000,
  leaseMs: 15_000,
  levelAfterMs: 600_000,
  claimsPerHeartbeat: 60,
};

/** Two clocks: one that never jumps, for durations; one that nodes have in common, for the age of claims. */
export interface Now {
  readonly monotonic: number;
  /** Unix milliseconds. */
  readonly wall: number;
}
