import type { CallOutcome, Verb } from './provider-calls.ts';

/** The numbers that the loop keeps; `telemetry` declares them, the simulation ignores them. Durations in milliseconds. */
export interface LoopMetrics {
  readonly queue: {
    readonly added: () => void;
    readonly waited: (ms: number) => void;
    readonly worked: (ms: number) => void;
    readonly retried: () => void;
  };
  readonly call: (instance: string, verb: Verb, outcome: CallOutcome, ms: number) => void;
  readonly nodePorts: (result: 'allocated' | 'taken' | 'failed') => void;
  readonly orphans: (instance: string, count: number) => void;
  readonly breaker: (instance: string, open: boolean) => void;
}
