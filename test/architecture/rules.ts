import { posix } from 'node:path';
import { codeOf, readImports } from './read-imports.ts';

/** Path from the root of the repository, with slashes → source. */
export type Sources = ReadonlyMap<string, string>;

interface Rule {
  /** The files that the rule is about: a path, or a folder with its slash. */
  readonly of: readonly string[];
  /** What of ours they may import; as types only where marked. */
  readonly ours: readonly { readonly path: string; readonly typesOnly?: true }[];
  /** Packages and node: modules. */
  readonly others: 'any' | 'none';
}

const contract = [
  'src/provider/provider.ts',
  'src/provider/announcer.ts',
  'src/provider/provider-error.ts',
  'src/provider/diff.ts',
];
const paths = (...all: readonly string[]) => all.map(path => ({ path }));

/** DESIGN §4, row by row; of several rules the first that is about a file holds. */
const rules: readonly Rule[] = [
  { of: contract, ours: paths(...contract), others: 'none' },
  { of: ['src/provider/'], ours: paths('src/provider/'), others: 'any' },
  {
    of: ['src/plan/'],
    ours: [
      ...paths('src/plan/'),
      { path: 'src/provider/', typesOnly: true },
      { path: 'src/kube/objects.ts', typesOnly: true },
    ],
    others: 'none',
  },
  { of: ['src/kube/'], ours: paths('src/kube/'), others: 'any' },
  { of: ['src/telemetry/'], ours: paths('src/telemetry/'), others: 'any' },
  {
    of: ['src/controller/'],
    ours: paths('src/controller/', 'src/plan/', 'src/kube/', 'src/provider/', 'src/telemetry/'),
    others: 'any',
  },
  {
    of: ['src/config/'],
    ours: paths('src/config/', 'src/plan/', 'src/kube/client.ts', 'src/provider/adapter/nearest.ts'),
    others: 'any',
  },
  { of: ['src/version.ts'], ours: [], others: 'none' },
  { of: ['src/main.ts', 'src/cli/'], ours: paths('src/', 'providers/', 'deploy/local-cluster/'), others: 'any' },
];

/** What breaks the table, one line each. */
export function importFaults(sources: Sources): readonly string[] {
  return [...sources].flatMap(([file, source]) =>
    readImports(source).flatMap(({ specifier, typeOnly }) => {
      const fault = faultOf(file, specifier, typeOnly);
      return fault === undefined ? [] : [`${file} imports ${specifier}: ${fault}`];
    }),
  );
}

function faultOf(file: string, specifier: string, typeOnly: boolean): string | undefined {
  const rule = ruleFor(file);
  if (rule === undefined) return 'no rule is about this file';
  if (!specifier.startsWith('.')) return packageFault(file, specifier, rule);
  const target = posix.join(posix.dirname(file), specifier);
  if (target === 'src/main.ts') return 'nobody imports main';
  const allowed = rule.ours.filter(({ path }) => covers(path, target));
  if (allowed.length === 0) return 'not allowed by the table';
  return typeOnly || allowed.some(({ typesOnly }) => typesOnly !== true) ? undefined : 'allowed as a type only';
}

function packageFault(file: string, specifier: string, rule: Rule): string | undefined {
  if (rule.others === 'none') return 'imports nothing but its neighbours';
  if (specifier.startsWith('@kubernetes/client-node') && !file.startsWith('src/kube/'))
    return 'only src/kube imports the Kubernetes client';
  return undefined;
}

function ruleFor(file: string): Rule | undefined {
  const provider = /^providers\/[^/]+\//.exec(file)?.[0];
  if (provider !== undefined) return { of: [provider], ours: paths(provider, 'src/provider/'), others: 'any' };
  return rules.find(({ of }) => of.some(path => covers(path, file)));
}

function covers(path: string, file: string): boolean {
  return path.endsWith('/') ? file.startsWith(path) : file === path;
}

const cloudSdk = /^(?:@aws-sdk\/|@google-cloud\/|google-auth-library|@azure\/|koffi)/;

/** Cloud SDKs cost seconds and hundreds of megabytes: loaded when their provider is, by `import()`. Inside a provider they may be static: it is itself loaded so. */
export function staticSdkFaults(sources: Sources): readonly string[] {
  return [...sources].flatMap(([file, source]) =>
    readImports(source)
      .filter(({ specifier, typeOnly, dynamic }) => {
        const builtInProvider =
          /(?:^|\/)providers\//.test(posix.join(posix.dirname(file), specifier)) && file.startsWith('src/');
        return !typeOnly && !dynamic && ((file.startsWith('src/') && cloudSdk.test(specifier)) || builtInProvider);
      })
      .map(({ specifier }) => `${file} imports ${specifier} statically: use import() where the provider is chosen`),
  );
}

/** Words that have no place in src/plan, which must be a function of its arguments. */
const impure =
  /\b(?:await|async|Date|performance|process|globalThis|console|fetch|setTimeout|setInterval|setImmediate|queueMicrotask|Promise|crypto)\b|\bMath\.random\b/;

export function purityFaults(sources: Sources): readonly string[] {
  return [...sources].flatMap(([file, source]) => {
    const word = file.startsWith('src/plan/') ? impure.exec(codeOf(source))?.[0] : undefined;
    return word === undefined ? [] : [`${file} says ${word}: src/plan is pure`];
  });
}

const clocks =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\bset(?:Timeout|Interval|Immediate)\b|\bAbortSignal\.timeout\b|\brandomUUID\b/;

/** The one file that has the real clock, and the kit, which judges providers in real time under a test runner. */
const realTime = ['src/kube/clock.ts', 'src/provider/conformance/'];

/** The loop and what it stands on are replayed from a seed: time and chance come in from main. */
export function timeFaults(sources: Sources): readonly string[] {
  return [...sources].flatMap(([file, source]) => {
    const replayed =
      /^src\/(?:kube|controller|provider|plan)\//.test(file) && !realTime.some(path => covers(path, file));
    const word = replayed ? clocks.exec(codeOf(source))?.[0] : undefined;
    return word === undefined ? [] : [`${file} says ${word}: take a Clock or a Random instead`];
  });
}

/** Each cycle once, as the files along it. Types count: two files that need each other are one concept. */
export function cycles(sources: Sources): readonly string[] {
  const found = new Map<string, string>();
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const at = trail.indexOf(file);
    if (at >= 0) {
      const cycle = trail.slice(at);
      found.set(cycle.toSorted().join(), [...cycle, file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    const targets = readImports(sources.get(file) ?? '').filter(({ specifier }) => specifier.startsWith('.'));
    for (const { specifier } of targets) visit(posix.join(posix.dirname(file), specifier), [...trail, file]);
    done.add(file);
  };
  for (const file of sources.keys()) visit(file, []);
  return [...found.values()];
}
