import { simulate } from './simulation.ts';

/** `node test/providers/bare-metal/announcing/replay.ts <first seed> [<last seed>]`: one schedule told line by line, or many, the failing ones only. */
const first = Number(process.argv[2] ?? '0');
const last = Number(process.argv[3] ?? first);
let failed = 0;
for (let seed = first; seed <= last; seed++) {
  const violations = simulate(seed, first === last ? { log: line => console.log(line) } : {});
  if (violations.length === 0) continue;
  failed++;
  console.log(`seed ${seed}:\n  ${violations.slice(0, 3).join('\n  ')}`);
}
console.log(`${last - first + 1} schedules, ${failed} not as they must be`);
