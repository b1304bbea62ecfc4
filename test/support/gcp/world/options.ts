import type { ProviderClock } from '../../../../src/provider/provider.ts';

export interface GceOptions {
  readonly clock: ProviderClock;
  /** How long an operation takes. Default 0: it is DONE at the next turn of the event loop. */
  readonly operationMs?: number;
  /** How long `wait` waits before it answers with what there is. Default 120,000, as the API says. */
  readonly waitMs?: number;
  /** Where objects in the way are told: at once, or in an operation that fails. Both happen. Default `at-once`. */
  readonly conflicts?: 'at-once' | 'in-operation';
  /** Requests in a minute, by group; absent: any number. */
  readonly perMinute?: { readonly reads?: number; readonly mutations?: number };
  /** Operations at one time. */
  readonly concurrentOperations?: number;
  /** Objects of a kind. */
  readonly quotas?: Readonly<Record<string, number>>;
  readonly mostInstancesInGroup?: number;
  /** Every request has to carry it as its bearer token: 401 otherwise. */
  readonly token?: string;
  /** The caller's permissions, without `compute.`; absent: all. */
  readonly permissions?: ReadonlySet<string>;
  /** Milliseconds before an answer. */
  readonly latency?: { readonly read?: number; readonly mutation?: number };
}
