import type { KubeRequest } from '../../../src/kube/client.ts';
import type { Random } from '../../../src/kube/clock.ts';
import type { ApiFault, WatchFault } from './api-faults.ts';
import type { ApiServer } from './api-server.ts';
import type { Process } from './process.ts';
import { between } from './random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What lies between the processes and the API server. */
export interface Network {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly server: ApiServer;
  requestFault(request: KubeRequest, from: Process): ApiFault;
  watchFault(from: Process): WatchFault;
  /** Runs `run` when all faults end: what hangs by then is broken off. */
  atPeace(run: () => void): void;
  /** SIGKILL or SIGSTOP, at this very instant. */
  harm(process: Process, how: 'kill' | 'pause'): void;
  /** Told of the process whose request the server executes now; undefined: no longer. */
  executing(from: Process | undefined, request: KubeRequest): void;
}

/** Milliseconds one way: mostly a local network, now and then a busy one. */
export function wireMs(random: Random): number {
  return random() < 0.9 ? 0.2 + 2 * random() : between(random, 5, 60);
}

/**
 * A slow way there. Shorter than any writing request may live, for nothing can be called back once it is on the wire: what a leader has
 * sent within its deadline has arrived when the next one may begin.
 */
export function slowWireMs(random: Random): number {
  return between(random, 300, 4_000);
}
