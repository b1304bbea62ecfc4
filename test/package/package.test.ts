import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { version } from '../../src/version.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fairlead-package-'));
/** A stranger's project: the package unpacked under node_modules, and nothing else of ours. */
const app = join(folder, 'app');
const installed = join(app, 'node_modules/fairlead');
let packed: readonly string[] = [];

beforeAll(() => {
  const source = join(folder, 'source');
  mkdirSync(source);
  for (const file of ['package.json', 'LICENSE', 'README.md']) copyFileSync(join(root, file), join(source, file));
  execFileSync(process.execPath, [join(root, 'build.mjs'), join(source, 'dist')]);
  const pack = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--offline'], {
    cwd: source,
    encoding: 'utf8',
    stdio: 'pipe',
  });
  const { filename, files } = firstOf(JSON.parse(pack) as Packed);
  packed = files.map(({ path }) => path);
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(source, filename), '--strip-components=1', '-C', installed]);
  writeFileSync(join(app, 'package.json'), '{ "type": "module" }');
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

type Tarball = { readonly filename: string; readonly files: readonly { readonly path: string }[] };
type Packed = readonly Tarball[] | Readonly<Record<string, Tarball>>;

/** npm's answer is a list up to version 11, and one entry by name from then on. */
function firstOf(answer: Packed): Tarball {
  const [first] = Object.values(answer);
  if (first === undefined) throw new Error('npm has packed nothing');
  return first;
}

const node = (...args: readonly string[]) => spawnSync(process.execPath, args, { cwd: app, encoding: 'utf8' });
const evaluate = (code: string) => node('--input-type=module', '--eval', code).stdout.trim();

test('holds the bundle, its declarations and what must be beside them', () => {
  const rest = packed.filter(
    path => !/^dist\/(?:chunks\/)?[\w-]+\.js(?:\.LEGAL\.txt)?$/.test(path) && !/^dist\/types\/.*\.d\.ts$/.test(path),
  );
  expect(rest.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
});

test('the version is the same everywhere', () => {
  expect(version).toBe(packageJson.version);
  expect(node(join(installed, packageJson.bin.fairlead), 'version').stdout).toBe(`fairlead ${version}\n`);
});

describe('the program', () => {
  test('needs no other package', () => {
    const { status, stderr } = node(join(installed, 'dist/fairlead.js'), 'controller', '--kubeconfig=/absent/config');
    expect(stderr).toMatch(/^fairlead: .*\/absent\/config.*\n$/);
    expect(status).toBe(2);
  });

  test('says where the demo can be run', () => {
    const { status, stderr } = node(join(installed, 'dist/fairlead.js'), 'demo');
    expect([status, stderr]).toEqual([
      2,
      'fairlead: the demo runs in a clone of the repository only: there, npm run demo\n',
    ]);
  });

  test('runs by itself', () => {
    expect(readFileSync(join(installed, 'dist/fairlead.js'), 'utf8')).toMatch(
      /^#!\/usr\/bin\/env -S node --max-semi-space-size=4\n/,
    );
  });

  test('loads a provider only when it is chosen', () => {
    const chunks = readdirSync(join(installed, 'dist/chunks')).filter(name => name.endsWith('.js'));
    const provider = chunks.find(name => name.startsWith('in-memory-'));
    expect(provider).toBeDefined();
    const all = chunks.map(name => readFileSync(join(installed, 'dist/chunks', name), 'utf8')).join('\n');
    expect(all).toContain(`import("./${provider}")`);
    expect(all).not.toContain(`from"./${provider}"`);
  });
});

describe('the door', () => {
  test('fairlead/provider gives an author what a provider needs', () => {
    expect(evaluate("console.log(Object.keys(await import('fairlead/provider')).sort().join())")).toBe(
      'ProviderError,diffByKey,providerErrorCode,providerErrors,throttledForMs',
    );
  });

  test('fairlead/conformance gives the kit', () => {
    expect(evaluate("console.log(typeof (await import('fairlead/conformance')).testProvider)")).toBe('function');
  });

  test('what is not declared cannot be imported', () => {
    expect(evaluate("await import('fairlead/dist/provider.js').catch((error) => console.log(error.code))")).toBe(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
  });

  test('a provider in TypeScript compiles against the declarations, and a wrong one does not', () => {
    writeFileSync(join(app, 'good.ts'), good);
    writeFileSync(join(app, 'bad.ts'), good.replace("state: 'deleted'", "state: 'gone'"));
    expect(compile('good.ts')).toEqual({ status: 0, stdout: '' });
    expect(compile('bad.ts').stdout).toContain('"gone"');
  });
});

function compile(file: string): { status: number | null; stdout: string } {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const flags = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--types',
    '',
  ];
  const { status, stdout } = node(tsc, ...flags, file);
  return { status, stdout };
}

const good = `
import { type CreateProvider, diffByKey, ProviderError } from 'fairlead/provider';
import { testProvider } from 'fairlead/conformance';

export const createProvider: CreateProvider = () => ({
  contractVersion: 1,
  capabilities: {
    protocols: ['TCP'], mixedProtocols: false, ipFamilies: ['IPv4'], dualStack: false, sourceRanges: false, sessionAffinity: false,
    keepsOutside: false, annotationPrefixes: [], labelPrefixes: [],
  },
  needs: () => ({ nodePorts: false }),
  async ensureLoadBalancer(lb) {
    const rules = { desiredKey: (one: string) => one, observedKey: (one: string) => one, same: () => true };
    if (diffByKey(lb.requestedAddresses, [], rules).create.length > 0) throw new ProviderError('unsupported', 'no');
    return { state: 'ready', ingress: [{ ip: '192.0.2.1' }] };
  },
  ensureLoadBalancerDeleted: async () => ({ state: 'deleted' }),
});
export const kit = testProvider;
`;
