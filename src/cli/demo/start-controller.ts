import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LocalCluster } from '../../../deploy/local-cluster/cluster.mjs';
import { spawnGuarded } from '../../../deploy/local-cluster/guarded-process.mjs';
import { show } from './say.ts';

const main = fileURLToPath(new URL('../../main.ts', import.meta.url));

/** A process of its own, as in a cluster; its log goes to a file. Resolves to what ends it. */
export async function startController(
  cluster: LocalCluster,
  provider: string,
  signal: AbortSignal,
  env: Readonly<Record<string, string>> = {},
): Promise<() => Promise<void>> {
  const flags = [`--kubeconfig=${cluster.kubeconfig}`, '--listen=127.0.0.1:0', `--provider=${provider}`];
  const logFile = join(cluster.dir, 'fairlead.log');
  const child = spawnGuarded(process.execPath, [main, 'controller', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const log = createWriteStream(logFile);
  child.stdout?.pipe(log);
  child.stderr?.pipe(log);
  show(`its log: ${logFile}`);
  const ended = exitOf(child);
  void ended.then(code => {
    if (!signal.aborted && code !== 0) process.stderr.write(`the controller ended with ${code}: see ${logFile}\n`);
  });
  return async () => {
    child.kill('SIGTERM');
    await ended;
  };
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise(resolve => child.once('exit', code => resolve(code ?? 0)));
}
