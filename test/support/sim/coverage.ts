import { watchFaults } from './api-faults.ts';
import { apiSteps, faultsOf } from './api-step.ts';
import { cloudFaults } from './cloud-faults.ts';

export const cloudSteps = ['restore', 'ensure', 'delete', 'sweep'] as const;

/** Every fault that every step can meet: `step × fault`. */
export const cells: readonly Cell[] = [
  ...apiSteps.flatMap(step => faultsOf(step).map(fault => ({ side: 'api', step, fault }) as const)),
  ...watchFaults.filter(fault => fault !== 'none').map(fault => ({ side: 'api', step: 'watch', fault }) as const),
  ...cloudSteps.flatMap(step =>
    cloudFaults.filter(fault => fault !== 'none').map(fault => ({ side: 'cloud', step, fault }) as const),
  ),
  ...(['ensure', 'delete'] as const).map(step => ({ side: 'cloud', step, fault: 'pending' }) as const),
];

export interface Cell {
  readonly side: 'api' | 'cloud';
  readonly step: string;
  readonly fault: string;
}

/** How often each cell was met. */
export class Coverage {
  readonly #counts = new Map(cells.map(cell => [nameOf(cell), 0]));

  count(cell: Cell): void {
    const name = nameOf(cell);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  add(other: Coverage): void {
    for (const [name, count] of other.#counts) this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }

  empty(): readonly string[] {
    return [...this.#counts].filter(([, count]) => count === 0).map(([name]) => name);
  }

  /** A table for people: a line a step. */
  toString(): string {
    const lines = new Map<string, string[]>();
    for (const cell of cells) {
      const name = `${cell.side} ${cell.step}`;
      lines.set(name, [...(lines.get(name) ?? []), `${cell.fault} ${this.#counts.get(nameOf(cell))}`]);
    }
    return [...lines].map(([name, faults]) => `${name.padEnd(26)}${faults.join(', ')}`).join('\n');
  }
}

function nameOf({ side, step, fault }: Cell): string {
  return `${side} ${step} × ${fault}`;
}
