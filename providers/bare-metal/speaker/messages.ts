import type { AnnouncerReport } from '../../../src/provider/announcer.ts';
import type { ViewChanges } from '../announcing/announcing.ts';
import type { Settings } from '../announcing/settings.ts';

/** What the worker thread is started with. */
export interface WorkerStart {
  readonly node: string;
  readonly bootId: string;
  readonly cluster: string;
  readonly key: Uint8Array | undefined;
  readonly settings: Settings;
  /** Unix milliseconds: heartbeats are counted from here. */
  readonly startedAt: number;
  /** One 32-bit number that the main thread counts up as long as it lives. */
  readonly pulse: SharedArrayBuffer;
  /** Of `Counts`. */
  readonly counts: SharedArrayBuffer;
}

export type ToWorker =
  | { readonly kind: 'view'; readonly changes: ViewChanges }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'leave' }
  | { readonly kind: 'close' };

export type FromWorker =
  /** `wakeFd`: to be written to after each message, as the worker waits for frames and not for messages. */
  | { readonly kind: 'ready'; readonly wakeFd: number }
  | { readonly kind: 'pong'; readonly id: number }
  | { readonly kind: 'report'; readonly report: AnnouncerReport }
  /** Everything has been handed over. */
  | { readonly kind: 'left' }
  | { readonly kind: 'closed' };

/** How long the main thread may be silent before nothing is answered any more. */
export const mainTimeoutMs = 10_000;
/** Ten times as often it gives a sign. */
export const pulseMs = 1_000;
