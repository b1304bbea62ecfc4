import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from './errors.mjs';

const heartbeatMs = 5_000;
const staleAfterMs = 60_000;
const pollMs = 500;

/**
 * Runs `work` while no other process of this machine holds the lock `folder`, and says for whom it waits.
 *
 * The lock is a folder holding one file, named at random, of its owner. It is taken by renaming a prepared folder to its
 * name, which fails while a folder that is not empty stands there. So a dead owner's lock is broken by deleting that very
 * file, and two processes breaking it at once cannot delete a third one's.
 * @template Result
 * @param {{ folder: string, purpose: string }} lock `purpose` is shown to those who wait
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withLock({ folder, purpose }, work) {
  const ownerFile = await acquire(folder, purpose);
  const heartbeat = setInterval(() => void touch(ownerFile).catch(() => {}), heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(ownerFile, { force: true });
    await rmdir(folder).catch(() => {}); // the next owner is there already
  }
}

/**
 * @param {string} folder
 * @param {string} purpose
 * @returns {Promise<string>} the owner file
 */
async function acquire(folder, purpose) {
  const id = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const prepared = `${folder}.${id}`;
  await mkdir(prepared, { recursive: true });
  const ownerFile = join(prepared, id);
  await writeFile(ownerFile, JSON.stringify({ pid: process.pid, host: hostname(), purpose }), { flush: true });
  let saidFor = '';
  for (;;) {
    await touch(ownerFile); // or, after a long wait, it would look stale to the others
    if (await renamed(prepared, folder)) return join(folder, id);
    const owner = await readOwner(folder);
    if (owner?.stale) {
      await rm(owner.file, { force: true });
      continue;
    }
    if (owner !== undefined && owner.file !== saidFor) {
      process.stderr.write(`Waiting for process ${owner.pid}: ${owner.purpose}. Should it hang, end it.\n`);
      saidFor = owner.file;
    }
    await sleep(pollMs);
  }
}

/** @param {string} file */
async function touch(file) {
  await utimes(file, new Date(), new Date());
}

/**
 * @param {string} from
 * @param {string} to
 */
async function renamed(from, to) {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @param {string} folder
 * @returns {Promise<{ file: string, pid: number, purpose: string, stale: boolean } | undefined>} undefined: released just now
 */
async function readOwner(folder) {
  try {
    const [name] = await readdir(folder);
    if (name === undefined) return undefined;
    const file = join(folder, name);
    const silentMs = Date.now() - (await stat(file)).mtimeMs;
    const { pid, host, purpose } = JSON.parse(await readFile(file, 'utf8'));
    const dead = host === hostname() && !isAlive(pid);
    return { file, pid, purpose, stale: dead || silentMs > staleAfterMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
