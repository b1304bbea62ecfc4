// Kills what its parent started when the parent is gone, however it went: `kill -9` runs no exit handler, but the kernel
// closes the dead parent's end of this pipe. Run by guarded-process.mjs, in a session of its own so that Ctrl-C misses it.
// Each line on stdin is one of `kill -<group>`, `forget -<group>`, `remove <folder>`, `remove-namespace <name>` and
// `forget-namespace <name>`.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** @type {Set<number>} */
const groups = new Set();
/** @type {Set<string>} */
const folders = new Set();
/** @type {Set<string>} */
const namespaces = new Set();

createInterface({ input: process.stdin })
  .on('line', line => {
    const [verb, rest] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
    if (verb === 'kill') groups.add(Number(rest));
    if (verb === 'forget') groups.delete(Number(rest));
    if (verb === 'remove') folders.add(rest);
    if (verb === 'remove-namespace') namespaces.add(rest);
    if (verb === 'forget-namespace') namespaces.delete(rest);
  })
  .on('close', () => {
    for (const group of groups) killIfAlive(group);
    for (const namespace of namespaces) removeNamespace(namespace);
    // A dying process may still be writing: rmSync tries again on ENOTEMPTY.
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

/** @param {number} target a process, or negative, as kill(2) wants it, a group */
function killIfAlive(target) {
  try {
    process.kill(target, 'SIGKILL');
  } catch {
    // It went before its parent did.
  }
}

/** @param {string} name of a network namespace, with what runs in it outside the groups, such as a daemon */
function removeNamespace(name) {
  const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
  for (const pid of (stdout ?? '').split('\n').filter(Boolean)) killIfAlive(Number(pid));
  spawnSync('ip', ['netns', 'delete', name]);
}
