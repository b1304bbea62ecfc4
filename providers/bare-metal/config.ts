import { SpecReader } from './reading/spec-reader.ts';

/** What the operator may write into `config`. */
export interface BareMetalConfig {
  /** Ranges such as "198.18.0.0/24", or pools with a name; read with all others when they are planned. */
  readonly pools: readonly unknown[];
  /** Which kinds pools are read from beside. Default: both. */
  readonly kinds: readonly PoolKind[];
  /** Where MetalLB's kinds are read. Default metallb-system. */
  readonly metallbNamespace: string;
}

export type PoolKind = 'AddressPool' | 'IPAddressPool';

const poolKinds: readonly PoolKind[] = ['AddressPool', 'IPAddressPool'];
const mostPools = 1_000;

/** Fills in the defaults. Throws an error of one line, for the operator. */
export function readConfig(given: unknown): BareMetalConfig {
  const reader = new SpecReader(given ?? {}, 'config');
  reader.refuseOthers(['pools', 'kinds', 'metallbNamespace']);
  const kinds = reader.has('kinds') ? reader.texts('kinds', poolKinds.length) : poolKinds;
  if (!kinds.every(isPoolKind)) reader.fault('kinds', `must be a list of ${poolKinds.join(' and ')}`);
  const metallbNamespace = reader.text('metallbNamespace', 'metallb-system');
  if (!/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(metallbNamespace))
    reader.fault('metallbNamespace', 'must be the name of a namespace');
  const pools = reader.list('pools', mostPools);
  if (reader.faults.length > 0) throw new Error(`bare-metal: ${reader.faults.join('; ')}`);
  return { pools, kinds: kinds.filter(isPoolKind), metallbNamespace };
}

function isPoolKind(kind: string): kind is PoolKind {
  return poolKinds.some(one => one === kind);
}
