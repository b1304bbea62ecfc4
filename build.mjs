#!/usr/bin/env node
// `npm run build`: what is published. dist/fairlead.js and its chunks hold everything but Node itself; a provider is a chunk of its own,
// loaded when it is chosen. Usage: node build.mjs [folder]   (default: dist)
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { awsSdk, googleSdk, requiredBuiltins, unusedModels } from './build-plugins.mjs';

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
    plugins: [demoNeedsClone, unusedModels, awsSdk, googleSdk, requiredBuiltins],
  });
  const program = join(out, 'fairlead.js');
  // V8 would let the young generation grow to 100 MB and more for a controller that keeps 30, and a small heap, as fast as it happens to
  // collect, to four times what is used in it; and glibc would keep what each of V8's threads has had once for that thread alone, 20 MB in
  // all. deploy/Dockerfile says the same.
  const command = 'MALLOC_ARENA_MAX=1 node --max-semi-space-size=4 --heap-growing-percent=100';
  writeFileSync(program, `#!/usr/bin/env -S ${command}\n${readFileSync(program, 'utf8')}`);
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
