/** The subcommands, in the order in which help shows them. */
export const commands = {
  controller: 'Run the controller: give every Service of type LoadBalancer its address.',
  speaker: 'Run the speaker of one node: answer on the wire for the addresses of Services (one process on each node).',
  drain: 'Move every announced address away from a node, or with --undo let it announce again.',
  migrate:
    'migrate metallb: copy the pools of MetalLB to kinds of ours, so that they outlive it. Shows them and asks first.',
  uninstall: 'List what fairlead keeps in this cluster, ask, then remove it and the finalizers, so that nothing hangs.',
  destroy:
    'List what providers keep outside for this cluster, ask, then delete it: before the cluster itself is torn down.',
  demo: 'Start a control plane on this machine and show a Service getting its address (in a clone: npm run demo).',
  version: 'Print the version.',
} as const satisfies Record<string, string>;

export type Command = keyof typeof commands;

/** The headings under which help and the reference page show the options. */
export type Group =
  | 'Kubernetes'
  | 'Providers'
  | 'The loop'
  | 'Nodes and node ports'
  | 'Annotation policy'
  | 'Orphans'
  | 'Leader election'
  | 'Speaker'
  | 'Drain'
  | 'Migrate'
  | 'Destroy'
  | 'Process';

/** How one text becomes one value. */
export interface Kind<T> {
  /** Shown after the flag, such as `<duration>`; empty for a switch, which may stand without a value. */
  readonly placeholder: string;
  /** Throws an `InvalidValue` whose message says what to write instead. */
  read(text: string): T;
  /** The text for help and for the published configuration: never a secret. */
  print(value: T): string;
}

export interface About {
  readonly group: Group;
  readonly help: string;
  /** Subcommands that take the option. Default: `controller` only. */
  readonly commands?: readonly Command[];
  /** The subcommand that takes it as its one argument without a flag; there is no flag and no variable then. */
  readonly argumentOf?: Command;
  /** A variable without our prefix that is read when neither flag nor FAIRLEAD_ variable is given. */
  readonly alsoEnv?: string;
}

export interface Option<T> extends About {
  readonly placeholder: string;
  readonly repeatable: boolean;
  /** What holds when nothing is given, for people. */
  readonly defaultText: string;
  /** `texts`: what was given, in order; none: the default. Throws an `InvalidValue`. */
  read(texts: readonly string[]): T;
  print(value: T): string;
}

export class InvalidValue extends Error {
  override readonly name = 'InvalidValue';
}

/** An option with a default; of several texts the last holds. */
export function single<T>(kind: Kind<T>, initial: T, about: About): Option<T> {
  return {
    ...about,
    placeholder: kind.placeholder,
    repeatable: false,
    defaultText: kind.print(initial),
    read: texts => readLast(kind, texts, initial),
    print: value => kind.print(value),
  };
}

/** An option that may be absent; `otherwise` says what happens then. */
export function optional<T>(kind: Kind<T>, otherwise: string, about: About): Option<T | undefined> {
  return {
    ...about,
    placeholder: kind.placeholder,
    repeatable: false,
    defaultText: otherwise,
    read: texts => readLast<T | undefined>(kind, texts, undefined),
    print: value => (value === undefined ? '' : kind.print(value)),
  };
}

/** An option that may be given many times; in its environment variable: one value a line. */
export function repeated<T>(kind: Kind<T>, about: About): Option<readonly T[]> {
  return {
    ...about,
    placeholder: kind.placeholder,
    repeatable: true,
    defaultText: 'none',
    read: texts => texts.map(text => kind.read(text)),
    print: values => values.map(value => kind.print(value)).join('\n'),
  };
}

function readLast<T>(kind: Pick<Kind<T>, 'read'>, texts: readonly string[], initial: T): T {
  const text = texts.at(-1);
  return text === undefined ? initial : kind.read(text);
}

/** `verifyInterval` → `--verify-interval`. */
export function flagOf(key: string): string {
  return `--${kebab(key)}`;
}

/** `verifyInterval` → `FAIRLEAD_VERIFY_INTERVAL`. */
export function envOf(key: string): string {
  return `FAIRLEAD_${kebab(key).replaceAll('-', '_').toUpperCase()}`;
}

function kebab(key: string): string {
  return key.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}
