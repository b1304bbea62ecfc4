import type { Config } from '../config/options.ts';
import type { ConnectOptions, KubeConnection } from '../kube/connection.ts';
import { clusterUid } from './cluster-uid.ts';
import { connectAs } from './connect-as.ts';

type Observe = NonNullable<ConnectOptions['observe']>;

/** The API server, and the first question to it, which is on its way while most of the program is still being loaded. */
export interface Reached {
  readonly connection: KubeConnection;
  /** Of the namespace kube-system. Rejects with a `UserError`. */
  readonly uid: Promise<string>;
  /** Names who is told of requests, those before included. */
  readonly observed: (observe: Observe) => void;
}

export async function reachCluster(config: Config): Promise<Reached> {
  const early: Parameters<Observe>[0][] = [];
  let observe: Observe = done => void early.push(done);
  const connection = await connectAs(config, { observe: done => observe(done) });
  const uid = clusterUid(connection);
  // Looked at later: a failure in between is nobody's fault yet.
  uid.catch(() => undefined);
  return {
    connection,
    uid,
    observed(other) {
      observe = other;
      for (const done of early) other(done);
    },
  };
}
