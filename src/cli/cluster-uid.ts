import pRetry from 'p-retry';
import type { KubeConnection } from '../kube/connection.ts';
import type { KubeObject } from '../kube/objects.ts';
import { orUserError } from './user-error.ts';

/** The UID of kube-system, which every cluster has and no two share. Unreachable servers are asked a few times. */
export async function clusterUid(connection: KubeConnection): Promise<string> {
  const read = (): Promise<KubeObject> =>
    connection.request<KubeObject>({ method: 'GET', path: '/api/v1/namespaces/kube-system', deadlineMs: 5_000 });
  const namespace = await orUserError(() => pRetry(read, { retries: 3, minTimeout: 300, randomize: true }));
  return namespace.metadata.uid;
}
