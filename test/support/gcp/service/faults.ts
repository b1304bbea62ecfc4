import type { Refusal } from '../world/api-error.ts';

/**
 * What goes wrong. `refuse`: an answer, and nothing else. `before`: 503, nothing done. `after`: done, and the connection ends without an answer.
 * `hang`: done when the fault is taken away, and the answer then. `operation`: the change is accepted, and its operation ends with an error.
 */
export type Fault = {
  /** `forwardingRules.insert`, or a pattern for such words; absent: any. */
  readonly method?: string | RegExp;
  /** Only what changes something, or only the rest; absent: both. */
  readonly mutating?: boolean;
  /** How many of them pass first. Default 0. */
  readonly skip?: number;
  /** How many are hit. Default 1. */
  readonly times?: number;
} & (
  | { readonly kind: 'before' | 'after' | 'hang' }
  | { readonly kind: 'refuse' | 'operation'; readonly refusal: Refusal }
);

interface Armed {
  readonly fault: Fault;
  skip: number;
  times: number;
}

export class Faults {
  #armed: Armed[] = [];
  #release = Promise.withResolvers<void>();

  add(fault: Fault): void {
    this.#armed.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
  }

  /** Takes all away; what hangs goes on. */
  clear(): void {
    this.#armed = [];
    this.#release.resolve();
    this.#release = Promise.withResolvers();
  }

  /** Settles when faults are taken away. */
  get cleared(): Promise<void> {
    return this.#release.promise;
  }

  /** The fault that hits this request. Counts it: to be asked once for each request. */
  hit(method: string, mutating: boolean): Fault | undefined {
    for (const armed of this.#armed) {
      if (armed.times === 0 || !fits(armed.fault, method, mutating)) continue;
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      armed.times -= 1;
      return armed.fault;
    }
    return undefined;
  }
}

function fits({ method: wanted, mutating: wantedMutating }: Fault, method: string, mutating: boolean): boolean {
  if (wantedMutating !== undefined && wantedMutating !== mutating) return false;
  if (wanted === undefined) return true;
  return typeof wanted === 'string' ? wanted === method : wanted.test(method);
}
