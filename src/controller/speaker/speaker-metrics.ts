/** What a speaker counts. */
export interface SpeakerMetrics {
  /** Addresses that come to this node and go from it. */
  moved(gained: number, lost: number): void;
  /** How long the worker took to answer; undefined: longer than it may. */
  ping(ms: number | undefined): void;
}
