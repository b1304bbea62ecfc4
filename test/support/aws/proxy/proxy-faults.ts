import type { AwsCall } from './call-log.ts';

/** What is to become of a request. `before` and `after`: the answer is lost, and it has not, or has, been carried out. */
export type Fate = 'pass' | 'before' | 'after' | { readonly code: string; readonly status: number };

interface Refusals {
  readonly action: string;
  readonly code: string;
  readonly status: number;
  left: number;
}

/** What a test has ordered to go wrong. */
export class ProxyFaults {
  /** How long a Describe* and anything else waits before it goes on. */
  readonly delays = { readMs: 0, writeMs: 0 };
  #failure: { left: number; readonly when: 'before' | 'after' } | undefined;
  #refusals: Refusals[] = [];
  #hanging: { readonly released: Promise<void>; readonly release: () => void } | undefined;

  /** The n-th mutating request from now on loses its answer, once. 0: none. */
  failMutation(n: number, when: 'before' | 'after'): void {
    this.#failure = n > 0 ? { left: n, when } : undefined;
  }

  /**
   * The next requests of an action (`*`: of any) are refused and not carried out: Throttling 400, RequestLimitExceeded 503, InternalFailure 500,
   * DependencyViolation 400 …
   */
  refuseNext(action: string, count: number, code: string, status = statusOf(code)): void {
    this.#refusals.push({ action, code, status, left: count });
  }

  /** Nothing goes on until the returned function is called. */
  hang(): () => void {
    if (this.#hanging === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#hanging = { released: promise, release: resolve };
    }
    return () => this.#release();
  }

  clear(): void {
    this.#failure = undefined;
    this.#refusals = [];
    this.delays.readMs = 0;
    this.delays.writeMs = 0;
    this.#release();
  }

  get released(): Promise<void> | undefined {
    return this.#hanging?.released;
  }

  /** Decides at arrival. */
  fateOf({ action, isMutation }: Pick<AwsCall, 'action' | 'isMutation'>): Fate {
    const refusal = this.#refusals.find(one => one.left > 0 && (one.action === action || one.action === '*'));
    if (refusal !== undefined) {
      refusal.left--;
      return { code: refusal.code, status: refusal.status };
    }
    if (this.#failure === undefined || !isMutation || --this.#failure.left > 0) return 'pass';
    const { when } = this.#failure;
    this.#failure = undefined;
    return when;
  }

  #release(): void {
    this.#hanging?.release();
    this.#hanging = undefined;
  }
}

function statusOf(code: string): number {
  if (code === 'RequestLimitExceeded' || code === 'ServiceUnavailable') return 503;
  return code === 'InternalFailure' || code === 'InternalError' ? 500 : 400;
}
