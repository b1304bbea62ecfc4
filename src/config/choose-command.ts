import { nearest } from '../provider/adapter/nearest.ts';
import { type Command, commands } from './option.ts';

export type Choice =
  | { readonly kind: 'run'; readonly command: Command; readonly argv: readonly string[] }
  /** Without a command: the list of commands. */
  | { readonly kind: 'help'; readonly command?: Command }
  | { readonly kind: 'error'; readonly message: string };

/**
 * What the arguments after `node fairlead.js` ask for. Pure.
 *
 * | arguments                                  | →                        |
 * |--------------------------------------------|--------------------------|
 * | `--help`, `-h` or `help`                   | help                     |
 * | `<command> … --help …` (or `-h`)           | help on the command      |
 * | `help <command>`                           | help on the command      |
 * | `--version`                                | run version              |
 * | `<command> …`                              | run it                   |
 * | none, or anything else                     | error with the remedy    |
 */
export function chooseCommand(argv: readonly string[]): Choice {
  const [first, ...rest] = argv;
  if (first === undefined) return { kind: 'error', message: 'no command given: run fairlead --help' };
  if (isHelp(first) || first === 'help') {
    const [about] = rest;
    return about !== undefined && isCommand(about) ? { kind: 'help', command: about } : { kind: 'help' };
  }
  if (first === '--version') return { kind: 'run', command: 'version', argv: [] };
  if (!isCommand(first)) {
    const suggestion = nearest(first, Object.keys(commands));
    return {
      kind: 'error',
      message: `${first}: no such command: ${suggestion === undefined ? 'run fairlead --help' : `did you mean ${suggestion}?`}`,
    };
  }
  return rest.some(isHelp) ? { kind: 'help', command: first } : { kind: 'run', command: first, argv: rest };
}

function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}

function isCommand(word: string): word is Command {
  return Object.hasOwn(commands, word);
}
