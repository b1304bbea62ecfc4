import { parseArgs } from 'node:util';

export interface Options {
  /** Names of rows; empty: all. */
  readonly only: readonly string[];
  readonly times: number;
  readonly scale: number;
  readonly json: boolean;
}

const defaultTimes = 5;
const quickTimes = 3;

export function help(rows: readonly string[]): string {
  return `npm run bench -- [options]: takes the figures on a real API server of this machine and prints them as a table.

  --only=<row>[,<row>]  these rows alone: ${rows.join(', ')}
  --quick               ${quickTimes} pairs in place of ${defaultTimes}
  --scale=<part>        fewer objects, above 0 and up to 1: to try it
  --json                for machines
  --help                this
`;
}

/** `help` where that is asked for. Throws an error of one line for people. Pure. */
export function readOptions(argv: readonly string[], rows: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      scale: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const only = values.only.flatMap(value => value.split(','));
  const unknown = only.find(name => !rows.includes(name));
  if (unknown !== undefined) throw new Error(`--only=${unknown}: there is no such row; give one of ${rows.join(', ')}`);
  const scale = Number(values.scale);
  if (!(scale > 0 && scale <= 1)) throw new Error(`--scale=${values.scale}: give a number above 0 and up to 1`);
  return { only, times: values.quick ? quickTimes : defaultTimes, scale, json: values.json };
}
