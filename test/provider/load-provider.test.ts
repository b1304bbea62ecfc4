import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProvider } from '../../providers/in-memory/in-memory.ts';
import { loadProvider } from '../../src/provider/load-provider.ts';
import { silentContext } from '../support/provider-context.ts';

const context = silentContext();

const good = `export function createProvider(context) {
  if (context.config?.bad) throw new Error('config.bad is not known: remove it\\n  at depth');
  return {
    contractVersion: 1,
    capabilities: {
      protocols: ['TCP'], mixedProtocols: false, ipFamilies: ['IPv4'], dualStack: false, sourceRanges: false,
      sessionAffinity: false, keepsOutside: false, annotationPrefixes: [], labelPrefixes: [],
    },
    needs: () => ({ nodePorts: false }),
    async ensureLoadBalancer() { return { state: 'ready', ingress: [{ hostname: import.meta.url }] }; },
    async ensureLoadBalancerDeleted() { return { state: 'deleted' }; },
  };
}
`;

const files: Readonly<Record<string, string>> = {
  'mine.js': good,
  'mine.ts': good.replace('(context)', '(context: { readonly config?: { readonly bad?: boolean } })'),
  'empty.js': 'export const createLoadBalancer = 1;\n',
  'broken.js': "throw new Error('needs a newer Node\\nmore');\n",
  'old.js': 'export const createProvider = () => ({ contractVersion: 0 });\n',
  'half.js': good.replace('needs: () => ({ nodePorts: false }),', ''),
  'vague.js': good.replace('dualStack: false, ', ''),
  'async.js': good.replace('export function', 'export async function'),
  'node_modules/esm-only/package.json':
    '{"name":"esm-only","type":"module","exports":{".":{"import":"./main.js"},"./lb":{"import":"./deep.js"}}}',
  'node_modules/esm-only/main.js': good,
  'node_modules/esm-only/deep.js': good,
  'node_modules/@acme/plain/package.json': '{"name":"@acme/plain","type":"module","main":"./index.js"}',
  'node_modules/@acme/plain/index.js': good,
  'node_modules/closed/package.json': '{"name":"closed","type":"module","exports":{"./only":"./only.js"}}',
  'inner/folder/keep': '',
};

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fairlead-load-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
});
afterAll(() => rm(root, { recursive: true }));

const builtIn = {
  'in-memory': async () => ({ createProvider }),
  aws: async () => Promise.reject(new Error('not chosen')),
};
const load = (specifier: string, folder = '.') =>
  loadProvider(specifier, { builtIn, searchFrom: join(root, folder) }).then(create => create(context));

/** Which file it came from: the good module answers with its own URL. */
async function origin(specifier: string, folder?: string): Promise<string | undefined> {
  const provider = await load(specifier, folder);
  const call = { signal: new AbortController().signal, epoch: '1', sequence: 1, assertLeading() {} };
  const { ingress } = await provider.ensureLoadBalancer({} as never, call);
  return ingress[0]?.hostname?.slice(pathToFileURL(root).href.length + 1);
}

describe('finds', () => {
  test('a built-in, and imports no other', async () => {
    expect((await load('in-memory')).capabilities.ipFamilies).toEqual(['IPv4']);
  });
  test.each([
    ['./mine.js', '.', 'mine.js'],
    ['./mine.ts', '.', 'mine.ts'],
    ['../../mine.js', 'inner/folder', 'mine.js'],
    ['./async.js', '.', 'async.js'],
    ['esm-only', '.', 'node_modules/esm-only/main.js'],
    ['esm-only/lb', '.', 'node_modules/esm-only/deep.js'],
    ['@acme/plain', '.', 'node_modules/@acme/plain/index.js'],
    ['@acme/plain', 'inner/folder', 'node_modules/@acme/plain/index.js'],
  ])('%s from %s', async (specifier, folder, expected) => {
    expect(await origin(specifier, folder)).toBe(expected);
  });
  test('an absolute path and a file URL', async () => {
    expect(await origin(join(root, 'mine.js'))).toBe('mine.js');
    expect(await origin(pathToFileURL(join(root, 'mine.js')).href)).toBe('mine.js');
  });
});

describe('refuses in one line', () => {
  test.each([
    [
      'acme',
      'provider module acme not found: neither a built-in (in-memory, aws) nor a package in ROOT/node_modules or above it; install it there, point --provider-path at the folder that has it, or give a path that begins with ./ or /',
    ],
    ['constructor', 'provider module constructor not found: neither a built-in (in-memory, aws)'],
    ['./absent.js', 'provider module ./absent.js not found: there is no file ROOT/absent.js; correct the path'],
    ['./inner', 'provider module ./inner not found: there is no file ROOT/inner; correct the path'],
    [
      './empty.js',
      'provider module ./empty.js exports no function createProvider: export one, as providers/README.md shows',
    ],
    ['./broken.js', 'provider module ./broken.js cannot be loaded: needs a newer Node'],
    ['aws', 'provider module aws cannot be loaded: not chosen'],
    [
      'closed',
      'provider module closed cannot be loaded: No "exports" main defined in ROOT/node_modules/closed/package.json',
    ],
    [
      './old.js',
      'provider edge (./old.js) speaks contract version 0, this fairlead speaks 1: install a release of the provider that fits',
    ],
    ['./half.js', 'provider edge (./half.js) lacks needs: it must be a function'],
    ['./vague.js', 'provider edge (./vague.js) lacks capabilities.dualStack: it must be true or false'],
  ])('%s', async (specifier, expected) => {
    const message = await load(specifier).catch((error: unknown) => (error as Error).message);
    expect(message).toContain(expected.replaceAll('ROOT', root));
    expect(message).not.toContain('\n');
  });

  test('a provider that refuses its config: its first line, with the instance that is meant', async () => {
    const create = await loadProvider('./mine.js', { builtIn, searchFrom: root });
    await expect(async () => create({ ...context, config: { bad: true } })).rejects.toThrow(
      /^provider edge \(\.\/mine\.js\) cannot start: config\.bad is not known: remove it$/,
    );
  });
});
