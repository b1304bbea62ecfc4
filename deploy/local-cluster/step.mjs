import { constants } from 'node:os';
import { spawnGuarded } from './guarded-process.mjs';

/** @type {readonly NodeJS.Signals[]} */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a command in our place: our output, our signals, its exit code.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>}
 */
export async function runStep(command, args, options) {
  const child = spawnGuarded(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
  /** @param {NodeJS.Signals} signal */
  const forward = signal => void child.kill(signal);
  for (const signal of forwarded) process.on(signal, forward);
  try {
    return await exitCode(child);
  } finally {
    for (const signal of forwarded) process.off(signal, forward);
  }
}

/**
 * As a shell reports it: 128 + the signal's number where a signal ended it.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function exitCode(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
  });
}
