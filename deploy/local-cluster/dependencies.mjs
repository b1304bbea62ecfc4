import { createHash } from 'node:crypto';
import { readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.mjs';
import { withLock } from './lock.mjs';
import { runLong } from './long-command.mjs';

/**
 * Runs `npm ci` where node_modules is missing, or was installed from another lock file or by another major of Node.
 * @param {string} root the clone
 * @param {{ version: string, env: NodeJS.ProcessEnv }} node
 */
export async function ensureDependencies(root, node) {
  const stamp = join(root, 'node_modules', '.fairlead-stamp');
  const wanted = await wantedStamp(root, node.version);
  if ((await readIfThere(stamp)) === wanted) return;
  // Not in the clone: `npm ci` empties node_modules, and git should not see a lock.
  const clone = digest(await realpath(root)).slice(0, 16);
  const lock = {
    folder: join(cacheFolder(node.env), 'locks', clone),
    purpose: `installing the dependencies of ${root}`,
  };
  await withLock(lock, async () => {
    if ((await readIfThere(stamp)) === wanted) return;
    await runLong('Installing dependencies (npm ci)', 'npm', ['ci', '--no-audit', '--no-fund'], {
      cwd: root,
      env: node.env,
    });
    await writeFile(stamp, wanted);
  });
}

/**
 * @param {string} root
 * @param {string} nodeVersion
 */
async function wantedStamp(root, nodeVersion) {
  const lockFile = await readFile(join(root, 'package-lock.json'));
  return `${digest(lockFile)} node ${nodeVersion.split('.')[0]} ${process.platform}-${process.arch}\n`;
}

/** @param {string | Buffer} content */
function digest(content) {
  return createHash('sha256').update(content).digest('hex');
}

/** @param {string} path */
async function readIfThere(path) {
  return readFile(path, 'utf8').catch(() => undefined);
}
