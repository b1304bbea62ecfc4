import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalCluster, startCluster } from '../../deploy/local-cluster/cluster.mjs';
import { systemClock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import { pastOf, pastOfEveryServer } from '../support/sim/history-table.ts';
import { runRow } from '../support/sim/request-row.ts';
import { tableNodePortRange } from '../support/sim/request-steps.ts';
import { rows } from '../support/sim/request-table.ts';

/** Its own cluster, since the table needs a small range of node ports and a server that forgets soon. */
describe('a real API server', () => {
  let cluster: LocalCluster;
  let client: KubeConnection;

  beforeAll(async () => {
    cluster = await startCluster({
      serviceNodePortRange: `${tableNodePortRange.first}-${tableNodePortRange.last}`,
      apiServerFlags: { 'etcd-compaction-interval': '300ms' },
    });
    client = await connect({ kubeconfig: cluster.kubeconfig, userAgent: 'fairlead-test', clock: systemClock });
  });

  afterAll(async () => {
    await client.close();
    await cluster.stop();
  });

  test.each(rows)('answers as the table says: $name', async row => {
    expect(await runRow(row, client)).toEqual([]);
  });

  test('forgets its past as the one of the simulation does', async () => {
    const forget = async (): Promise<void> => {
      await untilCompacted(client);
      await cluster.restartApiServer();
    };
    expect(await pastOf({ client, forget })).toEqual(pastOfEveryServer);
  });
});

/** etcd compacts one interval later what it was told of; a list at an exact version says when that has happened. */
async function untilCompacted(client: KubeConnection): Promise<void> {
  const { metadata } = await client.request<{ metadata: { resourceVersion: string } }>({
    method: 'GET',
    path: '/api/v1/services',
  });
  const query = { resourceVersion: metadata.resourceVersion, resourceVersionMatch: 'Exact', limit: '1' };
  for (let write = 0; ; write++) {
    const data = { write: String(write) };
    await client.request({
      method: 'POST',
      path: '/api/v1/namespaces/default/configmaps',
      body: { metadata: { name: `write-${write}` }, data },
    });
    try {
      await client.request({ method: 'GET', path: '/api/v1/services', query });
    } catch (error) {
      if ((error as { status?: number }).status === 410) return;
      throw error;
    }
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}
