/** The middle value; the mean of the two middle ones where their number is even. Throws on none. Pure. */
export function median(values: readonly number[]): number {
  return (percentile(values, 50, Math.floor) + percentile(values, 50, Math.ceil)) / 2;
}

/**
 * The value below which `percent` of them lie, by nearest rank between 0 and n − 1. Throws on none. Pure.
 *
 * | values  | percent | →  |
 * |---------|---------|----|
 * | 1 … 101 | 50      | 51 |
 * | 1 … 101 | 99      | 100 |
 * | 7       | any     | 7  |
 */
export function percentile(
  values: readonly number[],
  percent: number,
  round: (rank: number) => number = Math.round,
): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[round(((sorted.length - 1) * percent) / 100)];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

/** Least and greatest, to show how much a figure wavers. Pure. */
export function spread(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}
