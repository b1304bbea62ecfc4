import type { Resource } from '../../../src/provider/provider.ts';
import { type AddressRange, parseRange, without } from '../address/address-range.ts';
import { SpecReader } from '../reading/spec-reader.ts';
import { readPreferences } from './advertisement.ts';
import { type ObjectReference, referenceTo } from './kinds.ts';
import type { AllocateTo, Pool, PoolAnnouncement } from './pool.ts';

/** What was written, and either the pool or what is wrong with it. */
export interface ReadPool {
  readonly name: string;
  readonly origin: ObjectReference | undefined;
  readonly pool: Pool | undefined;
  readonly faults: readonly string[];
}

const mostRanges = 1_000;
const mostNames = 1_000;

/** On an IPAddressPool, which has no field for it. */
const sharedAcrossNamespacesLabel = 'fairlead.dev/shared-across-namespaces';

/** A pool of the operator's configuration: a range alone, which is its name too, or an object. */
export function readConfiguredPool(value: unknown, index: number): ReadPool {
  const spec = typeof value === 'string' ? { name: value, addresses: [value] } : value;
  const reader = new SpecReader(spec, `pools[${index}]`);
  reader.refuseOthers(['name', ...ownFields]);
  const name = reader.text('name', '');
  if (name === '') reader.fault('name', 'is missing: Services ask for a pool by its name');
  return finish(name, undefined, {}, reader, ownTraits(reader));
}

/** A fairlead.dev/v1beta1 AddressPool. */
export function readAddressPool(resource: Resource): ReadPool {
  const reader = new SpecReader(resource.spec, 'spec');
  const { name, labels } = resource;
  return finish(name, referenceTo('AddressPool', resource), labels, reader, ownTraits(reader));
}

/** A metallb.io/v1beta1 IPAddressPool. */
export function readIPAddressPool(resource: Resource): ReadPool {
  const reader = new SpecReader(resource.spec, 'spec');
  const { name, labels } = resource;
  return finish(name, referenceTo('IPAddressPool', resource), labels, reader, {
    reserved: [],
    sharedAcrossNamespaces: labels[sharedAcrossNamespacesLabel] === 'true',
    allocateTo: allocateTo(reader, 'serviceAllocation'),
    announce: { nodeSelectors: [], interfaces: [], preferredNodes: [] },
  });
}

const ownFields = [
  'addresses',
  'autoAssign',
  'avoidBuggyIPs',
  'sharedAcrossNamespaces',
  'reserved',
  'allocateTo',
  'announce',
];

/** What MetalLB's pools say in another way, or not at all. */
interface Traits extends Pick<Pool, 'sharedAcrossNamespaces' | 'allocateTo'> {
  readonly reserved: readonly AddressRange[];
  readonly announce: PoolAnnouncement;
}

function ownTraits(reader: SpecReader): Traits {
  const announce = reader.inner('announce');
  return {
    reserved: ranges(reader, 'reserved'),
    sharedAcrossNamespaces: reader.flag('sharedAcrossNamespaces', false),
    allocateTo: allocateTo(reader, 'allocateTo'),
    announce: {
      nodeSelectors: announce.selectors('nodeSelectors'),
      interfaces: announce.texts('interfaces', 100),
      preferredNodes: readPreferences(announce),
    },
  };
}

function finish(
  name: string,
  origin: ObjectReference | undefined,
  labels: Pool['labels'],
  reader: SpecReader,
  { reserved, ...traits }: Traits,
): ReadPool {
  const written = ranges(reader, 'addresses');
  if (!reader.has('addresses') || (written.length === 0 && reader.faults.length === 0))
    reader.fault('addresses', 'is empty: give at least one range');
  const pool: Pool = {
    name,
    origin,
    labels,
    ranges: written,
    usable: without(written, reserved),
    autoAssign: reader.flag('autoAssign', true),
    avoidBuggyIPs: reader.flag('avoidBuggyIPs', false),
    ...traits,
  };
  return { name, origin, pool: reader.faults.length === 0 ? pool : undefined, faults: reader.faults };
}

function ranges(reader: SpecReader, key: string): readonly AddressRange[] {
  return reader.texts(key, mostRanges).flatMap(text => {
    const range = parseRange(text);
    if (!('fault' in range)) return [range];
    reader.faults.push(`${key}: ${range.fault}`);
    return [];
  });
}

function allocateTo(reader: SpecReader, key: string): AllocateTo | undefined {
  if (!reader.has(key)) return undefined;
  const inner = reader.inner(key);
  const selectors = (field: string) => {
    const all = inner.selectors(field);
    const twice = all.find((one, index) => all.findIndex(other => other.text === one.text) < index);
    if (twice !== undefined) inner.fault(field, `has the selector ${twice.text} twice`);
    return all;
  };
  return {
    priority: inner.wholeNumber('priority', 0, 2 ** 31 - 1),
    namespaces: inner.texts('namespaces', mostNames),
    namespaceSelectors: selectors('namespaceSelectors'),
    serviceSelectors: selectors('serviceSelectors'),
  };
}
