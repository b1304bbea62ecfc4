import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../cache-folder.mjs';
import { UserError } from '../errors.mjs';
import { freePort } from '../free-port.mjs';
import { removeAfterExit } from '../guarded-process.mjs';
import { withLock } from '../lock.mjs';
import { runLong } from '../long-command.mjs';
import { ServerProcess } from '../server-process.mjs';
import { ensurePython } from './python.mjs';

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const startWithinMs = 60_000;
const pollMs = 100;

/**
 * Brings moto, the AWS emulator, into a virtual environment of the project's own, once on a machine.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string>} the environment's Python
 */
export async function ensureMoto(env = process.env) {
  const python = await ensurePython();
  const root = join(cacheFolder(env), 'moto');
  const folder = join(root, await nameFor(python.version));
  if (await isWhole(folder)) return pythonIn(folder);
  await mkdir(root, { recursive: true });
  const lock = { folder: `${folder}.lock`, purpose: 'installing moto' };
  await withLock(lock, async () => {
    if (!(await isWhole(folder))) await install(python.command, folder);
  });
  return pythonIn(folder);
}

/**
 * Why moto cannot be had here, in one line for people; undefined where it is there now.
 * @returns {Promise<string | undefined>}
 */
export async function bringMoto() {
  try {
    await ensureMoto();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message.split('\n')[0];
    throw error;
  }
}

/**
 * A server of all that moto knows of AWS, on a free port of 127.0.0.1. It ends with this process at the latest.
 * @returns {Promise<{ url: string, reset(): Promise<void>, stop(): Promise<void> }>} `reset` empties it
 */
export async function startMoto() {
  const python = await ensureMoto();
  const dir = mkdtempSync(join(tmpdir(), 'fairlead-moto-'));
  removeAfterExit(dir);
  const server = new ServerProcess('moto', join(dir, 'moto.log'));
  const port = await freePort();
  server.start(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)]);
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  if (!(await answersAll(url, () => server.pid !== undefined))) {
    const tail = server.logTail();
    await stop();
    throw new Error(`moto did not start:\n${tail}`);
  }
  const reset = async () => void (await fetch(`${url}/moto-api/reset`, { method: 'POST' }));
  return { url, reset, stop };
}

/**
 * Another list of packages, or another Python, is another environment.
 * @param {string} pythonVersion
 */
async function nameFor(pythonVersion) {
  const list = await readFile(requirements, 'utf8');
  const version = /^moto==(.+)$/m.exec(list)?.[1];
  const hash = createHash('sha256').update(list).digest('hex').slice(0, 8);
  return `${version}-python${pythonVersion}-${hash}`;
}

/**
 * @param {string} python
 * @param {string} folder
 */
async function install(python, folder) {
  await rm(folder, { recursive: true, force: true }); // a killed process's; the lock is ours
  await runLong('Making a Python environment for moto', python, ['-m', 'venv', folder]);
  // What is not in the list does not come, and nothing is compiled.
  const rules = ['--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '--no-input'];
  const args = ['-m', 'pip', 'install', ...rules, '--requirement', requirements];
  await runLong('Installing moto, the AWS emulator', pythonIn(folder), args);
  await writeFile(markIn(folder), '');
}

/** @param {string} folder */
function pythonIn(folder) {
  return join(folder, 'bin', 'python');
}

/** @param {string} folder its last file: without it an installation was broken off */
function markIn(folder) {
  return join(folder, 'fairlead-complete');
}

/** @param {string} folder */
async function isWhole(folder) {
  return access(markIn(folder)).then(
    () => true,
    () => false,
  );
}

/**
 * Whether it answers for each service that the tests ask: it loads one with the first request, which takes seconds.
 * @param {string} url
 * @param {() => boolean} isAlive
 */
async function answersAll(url, isAlive) {
  const deadline = performance.now() + startWithinMs;
  const pending = ['ec2 2016-11-15 DescribeInstanceTypes', 'elasticloadbalancing 2015-12-01 DescribeLoadBalancers'];
  while (isAlive() && performance.now() < deadline) {
    const [service, Version = '', Action = ''] = pending[0]?.split(' ') ?? [];
    if (service === undefined) return true;
    const scope = `test/20260101/us-west-2/${service}/aws4_request`;
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` },
      body: new URLSearchParams({ Action, Version }),
    }).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) pending.shift();
    else await sleep(pollMs);
  }
  return false;
}
