import type { TestProject } from 'vitest/node';
import { startCluster } from '../../deploy/local-cluster/cluster.mjs';
import { applyRole, roleUser } from './loop-role.ts';

/** How the integration tests reach the cluster they share; read with `inject('cluster')`. */
export interface SharedCluster {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
  /** Admin's. */
  readonly kubeconfig: string;
  /** Of a user with exactly the rights of deploy/rbac. */
  readonly roleKubeconfig: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: SharedCluster;
  }
}

/** One real cluster for all integration tests of a run; vitest calls this only when at least one of them is to run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCluster({ users: [roleUser] });
  const { url, caPem, adminToken: token, kubeconfig } = cluster;
  await applyRole(kubeconfig);
  project.provide('cluster', { url, caPem, token, kubeconfig, roleKubeconfig: cluster.kubeconfigFor(roleUser.name) });
  return () => cluster.stop();
}
