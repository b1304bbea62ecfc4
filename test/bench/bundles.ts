import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { requiredBuiltins, unusedModels } from '../../build-plugins.mjs';
import { removeAfterExit, spawnGuarded } from '../../deploy/local-cluster/guarded-process.mjs';
import { within } from './deadline.ts';

/** Paths of what is measured. */
export interface Bundles {
  readonly fairlead: string;
  readonly bareLoop: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds both sides alike, into a folder that goes with this process. */
export async function buildBundles(): Promise<Bundles> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-'));
  removeAfterExit(folder);
  // What stands above the published files too: it spares Node the guess.
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n');
  // What is no part of the bundle since it has machine code is found here, as beside an installed package.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const [dist, bare] = [join(folder, 'dist'), join(folder, 'bare-loop')];
  await buildFairlead(dist);
  await buildBareLoop(bare);
  return { fairlead: join(dist, 'fairlead.js'), bareLoop: join(bare, 'bare-loop.js') };
}

async function buildFairlead(folder: string): Promise<void> {
  const child = spawnGuarded(process.execPath, ['build.mjs', folder], { cwd: root, stdio: ['ignore', 2, 2] });
  const ended = new Promise<number | null>(resolve => {
    child.once('exit', resolve);
  });
  const code = await within(180_000, 'the build of fairlead', ended);
  if (code !== 0) throw new Error('fairlead could not be built: see the messages above');
}

async function buildBareLoop(folder: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: { 'bare-loop': 'test/bench/bare-loop.ts' },
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.19',
    minifyWhitespace: true,
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    // As in build.mjs: neither side has an advantage at its start.
    plugins: [unusedModels, requiredBuiltins],
  });
}
