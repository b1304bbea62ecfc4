import type { TestProject } from 'vitest/node';
import { startCluster } from '../../deploy/local-cluster/cluster.mjs';

/** How the integration tests reach the cluster they share; read with `inject('cluster')`. */
export interface SharedCluster {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
  readonly kubeconfig: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: SharedCluster;
  }
}

/** One real cluster for all integration tests of a run; vitest calls this only when at least one of them is to run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCluster();
  const { url, caPem, adminToken: token, kubeconfig } = cluster;
  project.provide('cluster', { url, caPem, token, kubeconfig });
  return () => cluster.stop();
}
