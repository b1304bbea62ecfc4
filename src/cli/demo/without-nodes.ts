import { ensureBinaries } from '../../../deploy/local-cluster/binaries.mjs';
import { startCluster } from '../../../deploy/local-cluster/cluster.mjs';
import { kubectlFor } from '../kubectl.ts';
import { paperNodes } from './objects.ts';
import { keepRunning, type Stage, say } from './say.ts';
import { showAddress, showConditions, showDeletion, showEnd, showEvents, showLonely } from './show-service.ts';
import { startController } from './start-controller.ts';

const provider = `demo=in-memory,default,config=${JSON.stringify({ keepsOutside: true })}`;

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
  cleanUps.push(await startController(cluster, provider, signal));
  await showAddress(kubectl);
  await showConditions(kubectl);
  await showLonely(kubectl);
  if (keep) return keepRunning(cluster, paths['kubectl'] ?? 'kubectl', signal);
  await showDeletion(kubectl, 'web', 'lonely');
  await showEvents(kubectl, 'DeletedLoadBalancer');
  await showEnd(kubectl);
}
