import { simulate } from './simulation.ts';

/** `node test/simulation/replay.ts <seed>`: one schedule, told line by line. */
const seed = Number(process.argv[2] ?? '0');
const { violations } = await simulate(seed, { log: line => console.log(line) });
console.log(violations.length === 0 ? `seed ${seed}: as it must be` : `seed ${seed}:\n${violations.join('\n')}`);
