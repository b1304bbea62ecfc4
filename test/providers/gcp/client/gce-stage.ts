import { connectGce, type GceOptions } from '../../../../providers/gcp/client/connect-gce.ts';
import type { GceApi } from '../../../../providers/gcp/client/gce-api.ts';
import type { Call } from '../../../../src/provider/provider.ts';
import type { GceServer } from '../../../support/gcp/gce-server.ts';
import { LoopClock } from '../../../support/loop-clock.ts';

export interface GceStage {
  readonly api: GceApi;
  /** The client's own: jumps in it are jumps for nobody else. */
  readonly clock: LoopClock;
}

/** The door to a fake, through the real SDK. */
export async function openDoor(server: GceServer, options: Partial<GceOptions> = {}): Promise<GceStage> {
  const clock = new LoopClock();
  const { project, region } = server.fixture;
  return { clock, api: await connectGce({ clock, project, region, endpoint: server.endpoint, ...options }) };
}

/** As the core makes one. */
export function aCall(changes: Partial<Call> = {}): Call {
  const signal = changes.signal ?? new AbortController().signal;
  return { signal, epoch: '1', sequence: 1, assertLeading: () => signal.throwIfAborted(), ...changes };
}

/** What it was rejected with. */
export async function rejection(asked: Promise<unknown>): Promise<unknown> {
  try {
    await asked;
  } catch (error) {
    return error;
  }
  throw new Error('it has succeeded');
}
