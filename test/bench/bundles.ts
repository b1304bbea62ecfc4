import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { requiredBuiltins, unusedModels } from '../../build-plugins.mjs';
import { removeAfterExit, spawnGuarded } from '../../deploy/local-cluster/guarded-process.mjs';
import { within } from './deadline.ts';

/** Commands of what is measured: programs and their first arguments. */
export interface Bundles {
  readonly fairlead: readonly string[];
  readonly bareLoop: readonly string[];
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
  return { fairlead: commandOf(join(dist, 'fairlead.js')), bareLoop: [process.execPath, join(bare, 'bare-loop.js')] };
}

/** As the program's first line says, for it is measured as it is started by its name, and in the image; but with the Node of this process. */
function commandOf(program: string): readonly string[] {
  const [shebang = ''] = readFileSync(program, 'utf8').split('\n', 1);
  const words = /^#!\/usr\/bin\/env -S (.+)$/.exec(shebang)?.[1]?.split(' ');
  if (words?.includes('node') !== true) throw new Error(`${program} begins with ${shebang}`);
  return ['env', ...words.map(word => (word === 'node' ? process.execPath : word)), program];
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
