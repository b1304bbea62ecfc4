import type { TestProject } from 'vitest/node';
import { startCluster } from '../../deploy/local-cluster/cluster.mjs';
import { systemClock } from '../../src/kube/clock.ts';
import { connect } from '../../src/kube/connection.ts';
import { applyBareMetalRole, applyRole, bareMetalUser, roleUser } from './loop-role.ts';
import { applySpeakerRole } from './speaker-role.ts';

/** How the integration tests reach the cluster they share; read with `inject('cluster')`. */
export interface SharedCluster {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
  /** Admin's. */
  readonly kubeconfig: string;
  /** Of a user with exactly the rights of deploy/rbac. */
  readonly roleKubeconfig: string;
  /** Of one with exactly the rights of deploy/rbac and of the component bare-metal. */
  readonly bareMetalKubeconfig: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: SharedCluster;
  }
}

/** One real cluster for all integration tests of a run; vitest calls this only when at least one of them is to run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCluster({ users: [roleUser, bareMetalUser] });
  const { url, caPem, adminToken: token, kubeconfig } = cluster;
  await applyRole(kubeconfig);
  await applyBareMetalRole(kubeconfig);
  const admin = await connect({ kubeconfig, userAgent: 'fairlead-test', clock: systemClock });
  await applySpeakerRole(admin);
  await admin.close();
  const roleKubeconfig = cluster.kubeconfigFor(roleUser.name);
  const bareMetalKubeconfig = cluster.kubeconfigFor(bareMetalUser.name);
  project.provide('cluster', { url, caPem, token, kubeconfig, roleKubeconfig, bareMetalKubeconfig });
  return () => cluster.stop();
}
