import { AllocationDesk } from '../../providers/bare-metal/allocation-desk.ts';
import { createProvider } from '../../providers/bare-metal/bare-metal.ts';
import type { TestWorld } from '../../src/provider/conformance.ts';

/** The kit's view of bare metal: nothing is outside the cluster, so what the last provider remembers is the world. */
export function openBareMetal(config: unknown): TestWorld {
  let desk: AllocationDesk | undefined;
  return {
    createProvider(context) {
      desk = new AllocationDesk({ ...context, config });
      return createProvider(context, desk);
    },
    inventory: async () =>
      [...(desk?.allocator.ledger.holders() ?? [])].map(({ id, held }) =>
        JSON.stringify([id, ...[...held.values()].map(({ address }) => address.text)]),
      ),
  };
}
