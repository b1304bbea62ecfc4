import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { UserError } from './errors.mjs';
import { withProgress } from './progress.mjs';

const run = promisify(execFile);

const tenMinutesMs = 600_000;

/**
 * Installs those of the Debian packages that are not there yet, by apt-get; says what to do where it cannot.
 * @param {readonly string[]} names
 * @returns {Promise<void>}
 */
export async function ensurePackages(names) {
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  const command = `apt-get install ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) throw new UserError(`Missing Debian packages. As root: ${command}`);
  await withProgress(`Installing ${missing.join(', ')}`, async () => {
    try {
      await aptGet('install', ...missing);
    } catch {
      // Package lists may be absent, as in container images, or too old.
      await aptGet('update');
      await aptGet('install', ...missing);
    }
  }).catch((/** @type {unknown} */ error) => {
    throw new UserError(`Could not install Debian packages (${reasonOf(error)}). Install them by hand: ${command}`);
  });
}

/**
 * Names of which dpkg does not say that they are installed; all of them where there is no dpkg.
 * @param {readonly string[]} names
 * @returns {Promise<string[]>}
 */
export async function missingPackages(names) {
  const states = await Promise.all(names.map(stateOf));
  return names.filter((_, index) => states[index] !== 'installed');
}

/** @param {string} name */
async function stateOf(name) {
  try {
    return (await run('dpkg-query', ['--show', '--showformat=${db:Status-Status}', name])).stdout;
  } catch {
    return 'unknown';
  }
}

/**
 * Recommended packages would bring services, such as a web server that listens at once. Another apt-get may hold the lock: waited for.
 * @param {'install' | 'update'} step
 * @param {readonly string[]} args
 */
async function aptGet(step, ...args) {
  const options = ['--yes', '--quiet', '-o', 'DPkg::Lock::Timeout=300', '--no-install-recommends'];
  await run('apt-get', [...options, step, ...args], {
    // systemctl then starts nothing: a web server that was installed for a test should not listen on this machine.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', SYSTEMD_OFFLINE: '1' },
    timeout: tenMinutesMs,
    maxBuffer: 64 * 1024 * 1024,
  });
}

/**
 * The last line that apt-get wrote, which is the one that says why.
 * @param {unknown} error
 */
function reasonOf(error) {
  const text =
    error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : String(error);
  return text.trim().split('\n').at(-1) ?? '';
}
