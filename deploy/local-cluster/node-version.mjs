import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from './cache-folder.mjs';
import { withLock } from './lock.mjs';
import { runLong } from './long-command.mjs';

const installed = '24.21.0';

/**
 * Node runs our TypeScript without a flag, and client-node loads, from 22.19 on. Pure.
 * @param {string} version such as 20.11.1
 */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 19);
}

/**
 * A Node that runs fairlead: the present one, or one that npm installs into our cache.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<{ execPath: string, version: string, env: NodeJS.ProcessEnv }>} `env` makes it the first one on PATH
 */
export async function ensureNode(env = process.env) {
  const { version, execPath } = process;
  if (isNewEnough(version.slice(1))) return { execPath, version: version.slice(1), env };
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(cacheFolder(env), 'node', installed);
  const node = join(folder, 'node_modules', name, 'bin', 'node');
  if (!(await exists(node))) {
    process.stderr.write(`fairlead needs Node 22.19 or newer; this is ${version.slice(1)}.\n`);
    const purpose = `installing Node ${installed}`;
    await withLock({ folder: `${folder}.lock`, purpose }, async () => {
      if (!(await exists(node))) await install(name, folder, env);
    });
  }
  // npm and its scripts start "the node that runs npm" by these two.
  const first = { PATH: `${dirname(node)}:${env.PATH ?? ''}`, NODE: node, npm_node_execpath: node };
  return { execPath: node, version: installed, env: { ...env, ...first } };
}

/**
 * @param {string} name
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
async function install(name, folder, env) {
  const draft = `${folder}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const what = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', draft, `${name}@${installed}`];
  await runLong(`Installing Node ${installed} into ${folder}`, 'npm', what, { cwd: draft, env });
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}

/** @param {string} path */
async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}
