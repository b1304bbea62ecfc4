import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ensurePackages } from '../debian-packages.mjs';
import { UserError } from '../errors.mjs';

const run = promisify(execFile);

/** The one on PATH first; then the one that Debian's packages bring, which something else on PATH may hide. */
const candidates = ['python3', '/usr/bin/python3'];
/** Debian leaves `ensurepip` out of python3; without it an environment has no pip. */
const asks = 'import ensurepip, sys, venv; print("%d.%d" % sys.version_info[:2])';

/**
 * A Python that makes virtual environments, 3.10 or newer; as root on Debian it is brought.
 * @returns {Promise<{ command: string, version: string }>}
 */
export async function ensurePython() {
  return (await findPython()) ?? (await bringPython());
}

async function findPython() {
  for (const command of candidates) {
    const version = await versionOf(command);
    if (version !== undefined && Number(version.split('.')[1]) >= 10) return { command, version };
  }
  return undefined;
}

async function bringPython() {
  try {
    await ensurePackages(['python3', 'python3-venv']);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`moto needs Python 3.10 or newer with the modules venv and ensurepip. ${error.message}`);
  }
  const found = await findPython();
  if (found !== undefined) return found;
  throw new UserError('moto needs Python 3.10 or newer with the modules venv and ensurepip: install it as python3.');
}

/**
 * @param {string} command
 * @returns {Promise<string | undefined>} such as 3.11
 */
async function versionOf(command) {
  try {
    return (await run(command, ['-c', asks])).stdout.trim();
  } catch {
    return undefined;
  }
}
