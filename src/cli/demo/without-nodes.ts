import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBinaries } from '../../../deploy/local-cluster/binaries.mjs';
import { type LocalCluster, startCluster } from '../../../deploy/local-cluster/cluster.mjs';
import { spawnGuarded } from '../../../deploy/local-cluster/guarded-process.mjs';
import { kubectlFor } from '../kubectl.ts';
import { paperNodes } from './objects.ts';
import { keepRunning, type Stage, say, show } from './say.ts';
import { showAddress, showConditions, showDeletion, showEnd, showEvents, showLonely } from './show-service.ts';

const main = fileURLToPath(new URL('../../main.ts', import.meta.url));

/** A control plane and no nodes: addresses that lead nowhere, from the reference provider. */
export async function showWithoutNodes({ cleanUps, keep, signal }: Stage): Promise<void> {
  say('Starting etcd and kube-apiserver');
  const { paths } = await ensureBinaries(['etcd', 'kube-apiserver', 'kubectl']);
  const cluster = await startCluster();
  cleanUps.push(() => cluster.stop());
  signal.throwIfAborted();
  const kubectl = kubectlFor(paths['kubectl'] ?? 'kubectl', cluster.kubeconfig, signal);
  await kubectl.apply(...paperNodes);

  say('Starting the controller, with one provider: in-memory, for Services without a class');
  cleanUps.push(await startController(cluster, signal));
  await showAddress(kubectl);
  await showConditions(kubectl);
  await showLonely(kubectl);
  if (keep) return keepRunning(cluster, paths['kubectl'] ?? 'kubectl', signal);
  await showDeletion(kubectl);
  await showEvents(kubectl, 'DeletedLoadBalancer');
  await showEnd(kubectl);
}

/** A process of its own, as in a cluster; its log goes to a file. Resolves to what ends it. */
async function startController(cluster: LocalCluster, signal: AbortSignal): Promise<() => Promise<void>> {
  const config = JSON.stringify({ keepsOutside: true });
  const flags = [
    `--kubeconfig=${cluster.kubeconfig}`,
    '--listen=127.0.0.1:0',
    `--provider=demo=in-memory,default,config=${config}`,
  ];
  const logFile = join(cluster.dir, 'fairlead.log');
  const child = spawnGuarded(process.execPath, [main, 'controller', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
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
