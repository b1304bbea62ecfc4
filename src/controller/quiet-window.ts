import type { Clock } from '../kube/clock.ts';

export interface QuietWindowOptions {
  /** So long nothing more must have come. */
  readonly quietMs: number;
  /** But no later than so long after the first. */
  readonly latestMs: number;
}

/** Tells of changes that come together once, when it has been quiet for a moment. */
export class QuietWindow {
  readonly #clock: Clock;
  readonly #options: QuietWindowOptions;
  readonly #tell: () => void;
  #open: { readonly since: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock, options: QuietWindowOptions, tell: () => void) {
    this.#clock = clock;
    this.#options = options;
    this.#tell = tell;
  }

  /** Something has changed. */
  touch(): void {
    const { quietMs, latestMs } = this.#options;
    const now = this.#clock.monotonic();
    const since = this.#open?.since ?? now;
    this.#open?.cancel();
    const wait = Math.max(0, Math.min(quietMs, since + latestMs - now));
    this.#open = { since, cancel: this.#clock.after(wait, () => this.#close()) };
  }

  /** Nothing more is told of what has come. */
  cancel(): void {
    this.#open?.cancel();
    this.#open = undefined;
  }

  #close(): void {
    this.#open = undefined;
    this.#tell();
  }
}
