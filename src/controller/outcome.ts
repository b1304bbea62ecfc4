import type { Report } from '../plan/conditions.ts';
import type { EventReason } from '../plan/words.ts';

/** An Event to write behind everything else. `reason` may also be a provider's own word for a warning. */
export interface Notice {
  readonly type: 'Normal' | 'Warning';
  readonly reason: EventReason | (string & {});
  readonly message: string;
}

/** What became of one step. */
export interface Outcome {
  readonly next: Next;
  /** To be told by conditions, if they do not say so already. */
  readonly report?: Report;
  /** Told only when the report has changed a condition. */
  readonly reportNotice?: Notice;
  readonly notices?: readonly Notice[];
  /** For the log. */
  readonly message: string;
  readonly error?: unknown;
  /** The provider has failed for a reason that may concern all Services: counted by its breaker. */
  readonly providerFailed?: true;
}

export type Next =
  /** Plan again at once: the step has changed the object. */
  | { readonly do: 'again' }
  /** Nothing until something changes. */
  | { readonly do: 'forget' }
  | { readonly do: 'after'; readonly ms: number }
  /** After a growing time. */
  | { readonly do: 'back-off' };
