import { fileURLToPath } from 'node:url';
import { spawnGuarded } from '../../deploy/local-cluster/guarded-process.mjs';
import { type Running, running } from './controller-process.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** The product as a process of its own: `speaker …`, `drain …`. */
export function startFairlead(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawnGuarded(process.execPath, [main, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  return running(child);
}
