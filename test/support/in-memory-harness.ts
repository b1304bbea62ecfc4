import { AddressPool } from '../../providers/in-memory/address-pool.ts';
import { createProvider } from '../../providers/in-memory/in-memory.ts';
import type { TestWorld } from '../../src/provider/conformance.ts';

/** The kit's view of the in-memory provider: its pool is the world, and outlives it only where it keeps things outside. */
export function openInMemory(config: {
  readonly keepsOutside?: boolean;
  readonly pool?: string;
  readonly needsNodePorts?: boolean;
}) {
  let pool = new AddressPool(config.pool);
  return {
    createProvider(context) {
      if (config.keepsOutside !== true) pool = new AddressPool(config.pool);
      return createProvider({ ...context, config }, pool);
    },
    inventory: async () => pool.holders().map(ref => JSON.stringify([ref, pool.addressOf(ref)])),
  } satisfies TestWorld;
}
