import type { Resources } from '../client/resources.ts';

/** What a Service's balancer is made of, each in the order in which it must not be missing for the next. */
export const ownKinds = [
  'addresses',
  'healthChecks',
  'backendServices',
  'targetTcpProxies',
  'forwardingRules',
  'firewalls',
] as const;
export type OwnKind = (typeof ownKinds)[number];

/** As it was read, or as it was asked for: then without what only the API knows. */
export type Known<K extends OwnKind> = Resources[K] & {
  readonly fingerprint?: string;
  readonly labelFingerprint?: string;
  readonly selfLink?: string;
};

/** Everything that is known of one Service's balancer. */
export type KnownBalancer = { readonly [K in OwnKind]: readonly Known<K>[] };

export const nothingKnown: KnownBalancer = {
  addresses: [],
  healthChecks: [],
  backendServices: [],
  targetTcpProxies: [],
  forwardingRules: [],
  firewalls: [],
};

export function find<K extends OwnKind>(known: KnownBalancer, kind: K, name: string): Known<K> | undefined {
  const all: readonly Known<K>[] = known[kind];
  return all.find(one => one.name === name);
}

/** With this one in place of the one of its name. */
export function withOne<K extends OwnKind>(known: KnownBalancer, kind: K, one: Known<K>): KnownBalancer {
  const all: readonly Known<K>[] = known[kind];
  return { ...known, [kind]: [...all.filter(({ name }) => name !== one.name), one] };
}

export function withoutOne(known: KnownBalancer, kind: OwnKind, name: string): KnownBalancer {
  return { ...known, [kind]: known[kind].filter(one => one.name !== name) };
}

export function isNothing(known: KnownBalancer): boolean {
  return ownKinds.every(kind => known[kind].length === 0);
}
