import { nearest } from '../provider/adapter/nearest.ts';
import { impliedProviders } from './bare-metal-options.ts';
import { checkTogether } from './check-together.ts';
import { type Command, envOf, flagOf, InvalidValue, type Option } from './option.ts';
import { type Config, type OptionKey, optionEntries, takes } from './options.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type ParsedConfig =
  | { readonly ok: true; readonly config: Config }
  /** One line each, naming the flag or variable and the remedy. */
  | { readonly ok: false; readonly errors: readonly string[] };

/**
 * Reads the arguments after the subcommand, and the environment. Pure. A flag wins over its variable; an empty variable counts as
 * absent. All errors are found at once.
 */
export function parseConfig(argv: readonly string[], env: Environment, command: Command = 'controller'): ParsedConfig {
  const errors: string[] = [];
  const flags = readFlags(argv, command, errors);
  errors.push(...misspelt(env));
  const values: Partial<Record<OptionKey, unknown>> = {};
  for (const [key, option] of optionEntries) {
    const given = takes(command, option) ? sourceOf(key, option, flags, env) : { name: flagOf(key), texts: [] };
    try {
      values[key] = option.read(given.texts);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      errors.push(`${given.name}: ${error.message}`);
    }
  }
  if (errors.length > 0) return { ok: false, errors };
  const given = values as Config;
  const config = { ...given, provider: impliedProviders(given.provider, given.pool) };
  const clashes = checkTogether(config);
  return clashes.length > 0 ? { ok: false, errors: clashes } : { ok: true, config };
}

interface Source {
  /** The flag or variable, for errors. */
  readonly name: string;
  readonly texts: readonly string[];
}

function sourceOf(
  key: OptionKey,
  option: Option<unknown>,
  flags: ReadonlyMap<string, readonly string[]>,
  env: Environment,
): Source {
  const flag = flagOf(key);
  const texts = flags.get(flag);
  if (option.argumentOf !== undefined) return { name: option.placeholder, texts: texts ?? [] };
  if (texts !== undefined) return { name: flag, texts };
  for (const name of [envOf(key), ...(option.alsoEnv === undefined ? [] : [option.alsoEnv])]) {
    const text = env[name] ?? '';
    if (text.trim() !== '') return { name, texts: option.repeatable ? linesOf(text) : [text.trim()] };
  }
  return { name: flag, texts: [] };
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
}

/** `--flag value`, `--flag=value`, and `--switch`; flag → its texts in order. */
function readFlags(
  argv: readonly string[],
  command: Command,
  errors: string[],
): ReadonlyMap<string, readonly string[]> {
  const taken = optionEntries.filter(([, option]) => takes(command, option));
  const argument = taken.find(([, option]) => option.argumentOf === command)?.[0];
  const known = new Map(
    taken.filter(([key]) => key !== argument).map(([key, option]) => [flagOf(key), option] as const),
  );
  const given = new Map<string, string[]>();
  for (let at = 0; at < argv.length; at++) {
    const [flag, inline] = splitAtEquals(argv[at] ?? '');
    if (argument !== undefined && isValue(flag) && !given.has(flagOf(argument))) {
      given.set(flagOf(argument), [flag]);
      continue;
    }
    const option = known.get(flag);
    if (option === undefined) {
      errors.push(unknownArgument(flag, command, [...known.keys()]));
      if (flag.startsWith('-') && inline === undefined && isValue(argv[at + 1])) at++;
      continue;
    }
    const text = inline ?? (option.placeholder === '' ? 'true' : isValue(argv[at + 1]) ? argv[++at] : undefined);
    if (text === undefined) errors.push(`${flag}: a value is missing: write ${flag}=${option.placeholder}`);
    else given.set(flag, [...(given.get(flag) ?? []), text]);
  }
  return given;
}

function splitAtEquals(argument: string): readonly [string, string | undefined] {
  const at = argument.startsWith('-') ? argument.indexOf('=') : -1;
  return at < 0 ? [argument, undefined] : [argument.slice(0, at), argument.slice(at + 1)];
}

function isValue(argument: string | undefined): boolean {
  return argument !== undefined && !argument.startsWith('-');
}

function unknownArgument(given: string, command: Command, flags: readonly string[]): string {
  if (!given.startsWith('-'))
    return `${given}: an argument that is not expected here: remove it, or see fairlead ${command} --help`;
  const suggestion = nearest(given, flags);
  const remedy = suggestion === undefined ? `see fairlead ${command} --help` : `did you mean ${suggestion}?`;
  return `${given}: no such option: ${remedy}`;
}

/** What Kubernetes sets in pods for Services named `fairlead` or `fairlead-…`, such as FAIRLEAD_PORT. */
const serviceLink = /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;

/** Variables one or two letters away from ours. Others with our prefix are none of our business. */
function misspelt(env: Environment): readonly string[] {
  const known = optionEntries.map(([key]) => envOf(key));
  return Object.keys(env)
    .filter(name => name.startsWith('FAIRLEAD_') && !known.includes(name) && !serviceLink.test(name))
    .flatMap(name => {
      const suggestion = nearest(name, known, 2);
      return suggestion === undefined ? [] : [`${name}: no such variable: did you mean ${suggestion}?`];
    });
}
