#!/usr/bin/env node
// `npm run build`: what is published. dist/fairlead.js and its chunks hold everything but Node itself; a provider is a chunk of its own,
// loaded when it is chosen. Usage: node build.mjs [folder]   (default: dist)
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { usedRpcs } from './providers/gcp/client/kinds.ts';
import { methods } from './providers/gcp/client/methods.ts';
import { trimProtos } from './providers/gcp/client/sdk/trim-protos.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Published entry → the modules of src/provider that it offers: no file of the source exists only to pass on others. */
const entries = {
  provider: ['provider', 'announcer', 'provider-error', 'diff'],
  conformance: ['conformance'],
};

/** CommonJS packages call `require`, which an ES module does not have. */
const requireBanner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** The demo needs the scripts and sources of a clone, which are not published. */
const demoNeedsClone = {
  name: 'demo-needs-clone',
  /** @param {import('esbuild').PluginBuild} plugin */
  setup(plugin) {
    const contents = `import { UserError } from './user-error.ts';
      export async function demo() { throw new UserError('the demo runs in a clone of the repository only: there, npm run demo'); }`;
    plugin.onLoad({ filter: /src\/cli\/demo\.ts$/ }, () => ({ contents, loader: 'ts' }));
  },
};

/**
 * The models that client-node's configuration drags along are never used. It does not declare that leaving them out changes nothing; for
 * its generated modules that is so, and it saves 0.4 MB of bundle.
 */
const unusedModels = {
  name: 'unused-models',
  /** @param {import('esbuild').PluginBuild} plugin */
  setup(plugin) {
    plugin.onResolve({ filter: /./ }, async ({ path, pluginData, ...args }) => {
      if (pluginData === 'resolved' || !args.importer.includes('@kubernetes/client-node/dist')) return undefined;
      const found = await plugin.resolve(path, { ...args, pluginData: 'resolved' });
      return found.path.includes('@kubernetes/client-node/dist') ? { ...found, sideEffects: false } : found;
    });
  },
};

/**
 * Google's SDK reads a schema of 12 MB for each of its clients, and brings gRPC with what it never uses over HTTP. With the schema of the methods
 * that are used, and without gRPC and the schemas of three other services, it is 1.3 MB.
 */
const googleSdk = {
  name: 'google-sdk',
  /** @param {import('esbuild').PluginBuild} plugin */
  setup(plugin) {
    plugin.onLoad({ filter: /@google-cloud\/compute\/build\/protos\/protos\.json$/ }, ({ path }) => {
      const used = usedRpcs(/** @type {(keyof typeof methods)[]} */ (Object.keys(methods)));
      return { contents: JSON.stringify(trimProtos(JSON.parse(readFileSync(path, 'utf8')), used)), loader: 'json' };
    });
    plugin.onLoad({ filter: /\/gcp\/client\/sdk\/seed-protos\.ts$/ }, () => ({
      contents: 'export function seedProtos() {}',
      loader: 'ts',
    }));
    plugin.onLoad({ filter: /\/google-gax\/build\/src\/index\.js$/ }, ({ path }) => {
      const contents = `exports.fallback = require('./fallback');
        exports.decodeAnyProtosInArray = require('./util').decodeAnyProtosInArray;
        exports.loggingUtils = require('google-logging-utils');
        exports.GoogleAuth = require('google-auth-library').GoogleAuth;`;
      return { contents, resolveDir: dirname(path), loader: 'js' };
    });
    const unused = /\/google-gax\/build\/protos\/(?:iam_service|locations|(?:compute_)?operations)\.js(?:on)?$/;
    plugin.onLoad({ filter: unused }, ({ path }) =>
      path.endsWith('json') ? { contents: '{}', loader: 'json' } : { contents: '', loader: 'js' },
    );
  },
};

/**
 * A service of the AWS SDK is one file of CommonJS, 1.7 MB for EC2, of which a bundler must keep everything. As ES modules it keeps what is used,
 * once it sees that a description of a shape, `{ [_xN]: … }` with a constant text as key, does nothing. It makes the SDK 2.6 MB → 0.65 MB, its load
 * 240 ms → 60 ms, and its memory 98 MB → 19 MB.
 */
const awsSdk = {
  name: 'aws-sdk',
  /** @param {import('esbuild').PluginBuild} plugin */
  setup(plugin) {
    plugin.onResolve({ filter: /^@(?:aws-sdk|smithy)\// }, async ({ path, pluginData, ...args }) => {
      if (pluginData === 'resolved') return undefined;
      const found = await plugin.resolve(path, { ...args, pluginData: 'resolved' });
      return { ...found, path: found.path.replace('/dist-cjs/', '/dist-es/') };
    });
    plugin.onLoad({ filter: /\/@aws-sdk\/client-[\w-]+\/dist-es\/schemas\/schemas_0\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const texts = new Map(
        [...source.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name = '', text = '']) => [name, text]),
      );
      const contents = source.replaceAll(/\[(_\w+)\]:/g, (key, name) =>
        texts.has(name) ? `${texts.get(name)}:` : key,
      );
      return { contents };
    });
  },
};

/** @param {string} out */
async function buildAll(out) {
  rmSync(out, { recursive: true, force: true });
  const common = /** @type {const} */ ({
    absWorkingDir: root,
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.19',
    legalComments: 'linked',
    logLevel: 'warning',
    // It has machine code beside it, and is there only where it has been installed.
    external: ['koffi'],
  });
  await build({
    ...common,
    // A thread of its own starts from a file of its own: providers/bare-metal/speaker/create-announcer.ts looks for it by this name.
    entryPoints: { fairlead: 'src/main.ts', 'announcing-worker': 'providers/bare-metal/speaker/worker.ts' },
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    // White space only: names stay readable in stack traces.
    minifyWhitespace: true,
    banner: { js: requireBanner },
    plugins: [demoNeedsClone, unusedModels, googleSdk, awsSdk],
  });
  const program = join(out, 'fairlead.js');
  // V8 would let the young generation grow to 100 MB and more for a controller that keeps 30; deploy/Dockerfile says the same.
  writeFileSync(program, `#!/usr/bin/env -S node --max-semi-space-size=4\n${readFileSync(program, 'utf8')}`);
  chmodSync(program, 0o755);
  for (const [entry, modules] of Object.entries(entries)) {
    const contents = modules.map(name => `export * from './src/provider/${name}.ts';`).join('\n');
    await build({
      ...common,
      outdir: undefined,
      outfile: join(out, `${entry}.js`),
      stdin: { contents, resolveDir: root, loader: 'ts' },
    });
  }
  declare(out);
}

/** Declarations, by the compiler; each entry passes on those of its modules. @param {string} out */
function declare(out) {
  const tsc = fileURLToPath(import.meta.resolve('typescript/package.json')).replace('package.json', 'bin/tsc');
  const types = join(out, 'types');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', types], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the declarations could not be made: see the compiler’s messages above');
  for (const [entry, modules] of Object.entries(entries)) {
    writeFileSync(
      join(types, `${entry}.d.ts`),
      modules.map(name => `export * from './src/provider/${name}.js';\n`).join(''),
    );
  }
}

await buildAll(resolve(process.argv[2] ?? join(root, 'dist')));
