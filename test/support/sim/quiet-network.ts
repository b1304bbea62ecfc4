import type { KubeClient } from '../../../src/kube/client.ts';
import { ApiServer } from './api-server.ts';
import { connectionFor } from './connection.ts';
import type { Network } from './network.ts';
import { Process } from './process.ts';
import { seededRandom } from './random.ts';
import { VirtualClock } from './virtual-clock.ts';

/** An API server in this process behind a network without faults; time passes while an answer is awaited. */
export function quietServer(
  nodePorts: { readonly first: number; readonly last: number },
  seed = 1,
): { readonly client: KubeClient; readonly server: ApiServer } {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const server = new ApiServer({ clock, random, nodePorts });
  const network: Network = {
    clock,
    random,
    server,
    requestFault: () => 'none',
    watchFault: () => 'none',
    atPeace: () => undefined,
    harm: () => undefined,
    executing: () => undefined,
  };
  const connection = connectionFor(network, new Process('client', clock));
  const client: KubeClient = {
    request: request => clock.until(connection.request(request)),
    async *watch<Kind>(request: Parameters<KubeClient['watch']>[0]) {
      const events = connection.watch<Kind>(request)[Symbol.asyncIterator]();
      for (let next = await clock.until(events.next()); next.done !== true; next = await clock.until(events.next()))
        yield next.value;
      await events.return?.();
    },
  };
  return { client, server };
}
