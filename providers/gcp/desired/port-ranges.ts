/**
 * Ports as a firewall rule has them, neighbours together, since a rule has at most 100 entries. Pure.
 *
 * | ports                  | →                         |
 * |------------------------|---------------------------|
 * | 80                     | `80`                      |
 * | 8082, 80, 8081, 8080   | `80`, `8080-8082`         |
 */
export function portRanges(ports: readonly number[]): readonly string[] {
  const ranges: { first: number; last: number }[] = [];
  for (const port of [...new Set(ports)].sort((one, other) => one - other)) {
    const range = ranges.at(-1);
    if (range?.last === port - 1) range.last = port;
    else ranges.push({ first: port, last: port });
  }
  return ranges.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`));
}
