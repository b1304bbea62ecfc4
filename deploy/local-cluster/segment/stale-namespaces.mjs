import { readdir } from 'node:fs/promises';
import { NetworkNamespace } from './network-namespace.mjs';

/** Where `ip netns` keeps its names. */
const folder = '/run/netns';

/**
 * The names of namespaces whose maker has gone, and its guard too (both were killed). Pure.
 * @param {readonly string[]} names
 * @param {(pid: number) => boolean} lives
 */
export function staleNames(names, lives) {
  return names.filter(name => {
    const pid = /^fl-(\d+)-[0-9a-f]{4}-/.exec(name)?.[1];
    return pid !== undefined && !lives(Number(pid));
  });
}

/** @param {string} id 4 hex digits */
export function namePrefix(id) {
  return `fl-${process.pid}-${id}-`;
}

export async function removeStaleNamespaces() {
  const names = await readdir(folder).catch(() => []);
  for (const name of staleNames(names, isAlive)) await new NetworkNamespace(name).remove().catch(() => {}); // another run was faster
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
