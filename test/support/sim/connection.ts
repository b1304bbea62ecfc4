import type { KubeClient, KubeRequest, WatchRequest } from '../../../src/kube/client.ts';
import type { WatchEvent } from '../../../src/kube/objects.ts';
import { Exchange } from './exchange.ts';
import type { Network } from './network.ts';
import type { Process } from './process.ts';
import { WatchStream } from './watch-stream.ts';

/** The API server as one process reaches it. */
export function connectionFor(network: Network, process: Process): KubeClient {
  return {
    request<Answer>(request: KubeRequest): Promise<Answer> {
      return new Promise((resolve, reject) => {
        new Exchange(network, process, request, resolve as (answer: unknown) => void, reject).begin();
      });
    },
    watch<Kind>(request: WatchRequest): AsyncIterable<WatchEvent<Kind>> {
      return new WatchStream(network, process, request).events() as AsyncIterable<WatchEvent<Kind>>;
    },
  };
}
