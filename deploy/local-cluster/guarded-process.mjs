import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** @type {import('node:child_process').ChildProcess | undefined} */
let guard;

/**
 * The one guard of this process (guard.mjs), started with the first thing to guard. It must not keep this process alive.
 * @param {string} line
 */
function tellGuard(line) {
  if (guard === undefined) {
    guard = spawn(process.execPath, [fileURLToPath(new URL('guard.mjs', import.meta.url))], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    guard.unref();
    // @ts-expect-error the pipe of a child is a net.Socket, typed as Writable
    guard.stdin?.unref();
    guard.stdin?.on('error', () => {
      // Somebody killed the guard: the children then live as unguarded ones do.
    });
  }
  guard.stdin?.write(`${line}\n`);
}

/**
 * Like `spawn`, but the child leads a process group: when it ends, or this process does, all that it started ends too; and
 * a Ctrl-C at the terminal reaches this process only, so that it can stop its children in the right order.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function spawnGuarded(command, args, options = {}) {
  const child = spawn(command, args, { ...options, detached: true });
  const { pid } = child;
  if (pid === undefined) return child; // could not be started: 'error' follows
  tellGuard(`kill ${-pid}`);
  child.once('exit', () => {
    killGroup(pid);
    tellGuard(`forget ${-pid}`);
  });
  return child;
}

/** @param {string} folder removed when this process has gone */
export function removeAfterExit(folder) {
  tellGuard(`remove ${folder}`);
}

/**
 * @param {string} name of a network namespace, removed with all that runs in it when this process has gone
 * @param {boolean} [wanted] false takes it back
 */
export function removeNamespaceAfterExit(name, wanted = true) {
  tellGuard(`${wanted ? 'remove-namespace' : 'forget-namespace'} ${name}`);
}

/** @param {number} leader */
function killGroup(leader) {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody of it is left.
  }
}
