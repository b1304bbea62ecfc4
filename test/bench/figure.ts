/** One line of the table: what was measured beside what must be reached. */
export interface Figure {
  readonly figure: string;
  readonly measured: string;
  readonly must: string;
  readonly reached: boolean;
  /** Medians of both sides, spread, what else was seen. */
  readonly detail: string;
}

/** Where and under what the figures were taken. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly kubernetes: string;
}

export interface RowResult {
  readonly row: string;
  readonly figures: readonly Figure[];
  readonly seconds: number;
  /** CPU time of all processes that are not ours while the row ran, in % of one core: they make figures worse. */
  readonly othersPercent: number;
  /** CPU time that the host gave to others, in % of one core. */
  readonly stolenPercent: number;
}

/** The markdown of test/bench/README.md. Pure. */
export function markdown(results: readonly RowResult[], machine: Machine, conditions: string): string {
  const lines = [
    `${machine.cpu}, ${machine.cores} cores; Node ${machine.node}; Kubernetes ${machine.kubernetes}; ${conditions}.`,
    '',
    '| row | figure | measured | must be | | detail | others’ CPU | stolen |',
    '|---|---|---|---|---|---|---|---|',
  ];
  for (const { row, figures, othersPercent, stolenPercent } of results) {
    for (const { figure, measured, must, reached, detail } of figures) {
      const load = `${othersPercent.toFixed(0)} % | ${stolenPercent.toFixed(0)} %`;
      lines.push(`| ${row} | ${figure} | ${measured} | ${must} | ${reached ? 'PASS' : 'MISS'} | ${detail} | ${load} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

export function times(value: number): string {
  return `${value.toFixed(2)}×`;
}
