import type { KubeClient, KubeRequest } from '../kube/client.ts';
import type { Leadership } from '../kube/election.ts';

/**
 * The API server as a leader may use it: every request is aborted when the Lease is lost, and every write checks the Lease deadline right
 * before it goes onto the wire. Reads go without that check: they harm nobody.
 */
export function fenced(client: KubeClient, leadership: Leadership): KubeClient {
  return {
    request: request =>
      client.request({ ...request, ...guardOf(request, leadership), signal: signalOf(request, leadership) }),
    watch: request => client.watch(request),
  };
}

function guardOf({ method, guard }: KubeRequest, leadership: Leadership): Pick<KubeRequest, 'guard'> {
  if (method === 'GET') return {};
  return {
    guard() {
      leadership.assertLeading();
      guard?.();
    },
  };
}

function signalOf({ signal }: KubeRequest, leadership: Leadership): AbortSignal {
  return signal === undefined ? leadership.signal : AbortSignal.any([signal, leadership.signal]);
}
