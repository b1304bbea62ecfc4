import { pause } from '../../../../src/provider/adapter/unless-aborted.ts';
import type { Call, ProviderClock } from '../../../../src/provider/provider.ts';
import { isInUse } from '../../client/classify-error.ts';

/** AWS lets go of the parts of a balancer within seconds, of its security group within a minute or so. */
const shortWaitsMs = [250, 1_000];

/** Deletes, and waits a moment where something still holds on to it. `false`: it does so even then. */
export async function unlessHeld(clock: ProviderClock, call: Call, send: () => Promise<void>): Promise<boolean> {
  for (const waitMs of [...shortWaitsMs, 0]) {
    try {
      await send();
      return true;
    } catch (error) {
      if (!isInUse(error)) throw error;
    }
    if (waitMs > 0) await pause(clock, waitMs, call.signal);
  }
  return false;
}
