import type { KindObject } from '../../controller/kinds/kind-object.ts';
import { resourceOf } from '../../controller/kinds/kind-object.ts';
import type { HeldAddress } from './held-addresses.ts';

/** The provider itself is the judge: what it would make of pools. Loaded when it is needed, as providers are. */
export interface Judge {
  /** The name of the pool that could give the address; undefined: none could. */
  poolOf(address: string): string | undefined;
  /** Why the pools would be refused as a whole, one line each. */
  readonly faults: readonly string[];
}

/** `own`: AddressPools; `metallb`: IPAddressPools that are not superseded by one of the same name. */
export async function judgePools(own: readonly KindObject[], metallb: readonly KindObject[]): Promise<Judge> {
  const [{ planPools }, { parseAddress }] = await Promise.all([
    import('../../../providers/bare-metal/pools/plan-pools.ts'),
    import('../../../providers/bare-metal/address/address.ts'),
  ]);
  const { set, faults } = planPools({
    configured: [],
    addressPools: own.map(resourceOf),
    ipAddressPools: metallb.map(resourceOf),
    l2Advertisements: [],
    isEverythingKnown: true,
  });
  return {
    faults: faults.map(({ message }) => message),
    poolOf(text) {
      const address = parseAddress(text);
      return address === undefined ? undefined : set.poolOf(address)?.name;
    },
  };
}

/** Addresses of MetalLB's pools, or of ours, among all that Services hold: those of other controllers are nobody's business here. Pure. */
export function concerned(held: readonly HeldAddress[], ...judges: readonly Judge[]): readonly HeldAddress[] {
  return held.filter(
    ({ address, pool }) => pool !== undefined || judges.some(judge => judge.poolOf(address) !== undefined),
  );
}

/** Those that no pool has any more, or another than the one that MetalLB took them from; one line each. Pure. */
export function uncovered(held: readonly HeldAddress[], judge: Judge): readonly string[] {
  return held.flatMap(({ address, service, pool }) => {
    const now = judge.poolOf(address);
    if (now === undefined) return [`${address}, which Service ${service} holds, would be in no pool`];
    return pool === undefined || pool === now
      ? []
      : [`${address}, which Service ${service} holds from ${pool}, would be of pool ${now}`];
  });
}
