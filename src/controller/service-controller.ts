import type { Leadership } from '../kube/election.ts';
import type { Node, Service } from '../kube/objects.ts';
import type { Reflector } from '../kube/reflector.ts';
import type { Change } from '../kube/store.ts';
import { Term } from './term.ts';
import type { TermDeps } from './term-deps.ts';

export interface ServiceControllerDeps extends TermDeps {
  readonly serviceReflector: Reflector<Service>;
  readonly nodeReflector: Reflector<Node>;
}

/**
 * The loop over all leaderships of a process. Its stores go on between them; each leadership begins with lists taken after it was gained.
 */
export class ServiceController {
  readonly #deps: ServiceControllerDeps;
  #term: Term | undefined;

  constructor(deps: ServiceControllerDeps) {
    this.#deps = deps;
  }

  /** Leads until `leading` is lost or `stopping` aborts; the promise of `runElection`'s `lead`. */
  async lead(leading: Leadership, stopping: AbortSignal): Promise<void> {
    const { serviceReflector, nodeReflector } = this.#deps;
    const over = AbortSignal.any([leading.signal, stopping]);
    try {
      await Promise.all([serviceReflector.refresh(over), nodeReflector.refresh(over)]);
    } catch (error) {
      if (over.aborted) return;
      throw error;
    }
    const term = new Term(this.#deps, leading);
    this.#term = term;
    try {
      await term.run(stopping);
    } finally {
      this.#term = undefined;
    }
  }

  get term(): Term | undefined {
    return this.#term;
  }

  serviceChanged(change: Change<Service>): void {
    this.#term?.serviceChanged(change);
  }

  nodesChanged(): void {
    this.#deps.backendSets.invalidate();
    this.#term?.nodesChanged();
  }

  /** For `ProviderContext.requeue`. */
  requeue(ids: readonly string[], reason: string): void {
    this.#term?.requeue(ids, reason);
  }
}
