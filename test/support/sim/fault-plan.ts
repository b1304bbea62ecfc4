import type { KubeRequest } from '../../../src/kube/client.ts';
import type { Random } from '../../../src/kube/clock.ts';
import { type ApiFault, type WatchFault, watchFaults } from './api-faults.ts';
import { type ApiStep, apiStepOf, faultsOf } from './api-step.ts';
import { type CloudFault, type CloudStep, cloudFaults } from './cloud-faults.ts';
import { type Cell, type Coverage, cells } from './coverage.ts';
import { oneOf } from './random.ts';

/** At most so many processes die, and so many stop, by a fault of a request: more would leave no time for anything else. */
const mostHarm = 4;
/** So many requests of the step to which a schedule is devoted meet its fault. */
const devotion = 2;

/**
 * Which fault each request of one schedule meets. Every schedule has a rate, and a cell of the coverage table to which it is devoted: the
 * first requests of that step meet that fault, so that all cells are met within as many seeds as there are cells, again and again.
 */
export class FaultPlan {
  readonly #random: Random;
  readonly #coverage: Coverage;
  readonly #rate: number;
  readonly #devoted: Cell;
  #devotion = devotion;
  #harm = 0;
  /** From then on nothing fails any more. */
  isOver = false;

  constructor(seed: number, random: Random, coverage: Coverage) {
    this.#random = random;
    this.#coverage = coverage;
    this.#rate = oneOf(random, [0, 0.01, 0.05, 0.15]);
    const cell = cells[seed % cells.length];
    if (cell === undefined) throw new Error(`seed ${seed} is no whole number`);
    this.#devoted = cell;
  }

  api(request: KubeRequest): ApiFault {
    const step = apiStepOf(request);
    const faults = faultsOf(step);
    if (this.#needsConflict(step) && faults.includes('conflict'))
      return this.#choose('api', step, ['conflict'], 'none', 1);
    return this.#choose('api', step, faults, 'none');
  }

  watch(): WatchFault {
    return this.#choose('api', 'watch', watchFaults.slice(1), 'none', 4 * this.#rate);
  }

  cloud(step: CloudStep): CloudFault {
    return this.#choose('cloud', step, cloudFaults.slice(1), 'none');
  }

  isPending(step: 'ensure' | 'delete'): boolean {
    return this.#choose<'pending' | 'none'>('cloud', step, ['pending'], 'none') === 'pending';
  }

  #choose<Fault extends string>(
    side: Cell['side'],
    step: string,
    faults: readonly Fault[],
    none: Fault,
    rate = this.#rate,
  ): Fault {
    if (this.isOver) return none;
    const fault =
      this.#devotedFault(side, step, faults) ?? (this.#random() < rate ? oneOf(this.#random, faults) : none);
    if (fault === none) return none;
    if (fault.startsWith('kill') || fault.startsWith('pause')) {
      if (this.#harm === mostHarm) return none;
      this.#harm++;
    }
    this.#coverage.count({ side, step, fault });
    return fault;
  }

  /** An object is read after a conflict only: schedules devoted to reads begin with one. */
  #needsConflict(step: ApiStep): boolean {
    return this.#devoted.step === 'read' && this.#devotion === devotion && step !== 'lease';
  }

  #devotedFault<Fault extends string>(side: Cell['side'], step: string, faults: readonly Fault[]): Fault | undefined {
    if (this.#devotion === 0 || this.#devoted.side !== side || this.#devoted.step !== step) return undefined;
    const fault = faults.find(one => one === this.#devoted.fault);
    if (fault !== undefined) this.#devotion--;
    return fault;
  }
}
