import type { Resource } from '../../../src/provider/provider.ts';
import type { LabelSelector, Labels } from '../reading/label-selector.ts';
import { SpecReader } from '../reading/spec-reader.ts';
import { type ObjectReference, referenceTo } from './kinds.ts';
import type { NodePreference } from './pool.ts';

/** A MetalLB L2Advertisement: how the addresses of some pools are announced, for some Services. */
export interface Advertisement {
  readonly name: string;
  /** Neither names nor selectors: every pool. */
  readonly pools: readonly string[];
  readonly poolSelectors: readonly LabelSelector[];
  /** None: every node. */
  readonly nodeSelectors: readonly LabelSelector[];
  /** None: the interface whose subnet has the address. */
  readonly interfaces: readonly string[];
  /** None: every Service. */
  readonly serviceSelectors: readonly LabelSelector[];
  readonly preferredNodes: readonly NodePreference[];
}

export interface ReadAdvertisement {
  readonly name: string;
  readonly origin: ObjectReference;
  readonly advertisement: Advertisement | undefined;
  readonly faults: readonly string[];
}

const mostNames = 1_000;

export function readL2Advertisement(resource: Resource): ReadAdvertisement {
  const reader = new SpecReader(resource.spec, 'spec');
  const advertisement: Advertisement = {
    name: resource.name,
    pools: reader.texts('ipAddressPools', mostNames),
    poolSelectors: reader.selectors('ipAddressPoolSelectors'),
    nodeSelectors: reader.selectors('nodeSelectors'),
    interfaces: reader.texts('interfaces', 100),
    serviceSelectors: reader.selectors('serviceSelectors'),
    preferredNodes: readPreferences(reader),
  };
  const faults = reader.faults;
  return {
    name: resource.name,
    origin: referenceTo('L2Advertisement', resource),
    advertisement: faults.length === 0 ? advertisement : undefined,
    faults,
  };
}

/** Written alike in an AddressPool and in an L2Advertisement. */
export function readPreferences(reader: SpecReader): readonly NodePreference[] {
  return reader.each('preferredNodeSelectors', 100).flatMap(one => {
    const weight = one.wholeNumber('weight', 1, 100);
    const selector = one.selector('preference');
    return selector === undefined ? [] : [{ weight, selector }];
  });
}

export function selectsPool(
  advertisement: Advertisement,
  pool: { readonly name: string; readonly labels: Labels },
): boolean {
  const { pools, poolSelectors } = advertisement;
  if (pools.length + poolSelectors.length === 0) return true;
  return pools.includes(pool.name) || poolSelectors.some(one => one.matches(pool.labels));
}
