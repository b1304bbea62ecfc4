import type { Call } from '../../../src/provider/provider.ts';
import type { KindsWith } from './methods.ts';
import type { InstanceGroup, Kind, Labels, NamedPort, Resources, StoredOf } from './resources.ts';

/** Which object of a kind: its name, and the zone where there is one to a zone. Project and region are the client's. */
export type Key<K extends Kind> = K extends 'instanceGroups'
  ? { readonly name: string; readonly zone: string }
  : { readonly name: string };

export type ListWhere<K extends Kind> = {
  /** Of the API's own language: `name eq "fl-.*"`, `address = "203.0.113.7"`. Never with a tenant's words in it. */
  readonly filter?: string;
} & (K extends 'instanceGroups' ? { readonly zone: string } : object);

/**
 * Compute Engine, as far as this provider needs it: the only door, and the only one who knows the SDK.
 *
 * - What changes something resolves when its operation is DONE and without an error; `call.assertLeading()` runs right before it is sent, and
 *   it may be sent again, under one request id, which makes the API apply it once.
 * - It throws a `ProviderError` where the API has clearly refused, before or in the operation; an `UnknownOutcome` where a change may have been
 *   applied; the signal's reason where nothing was sent; anything else where a read got no answer. `classify-error.ts` has the predicates.
 * - A path in `projects/…` is sent as the URL that the API wants, and comes back as a path.
 */
export interface GceApi {
  readonly project: string;
  /** Where networks, subnetworks and firewall rules are: another one with a shared VPC. */
  readonly networkProject: string;
  readonly region: string;

  /** All pages. */
  list<K extends KindsWith<'list'>>(kind: K, where: ListWhere<K>, call: Call): Promise<readonly StoredOf<K>[]>;
  /** `undefined` where there is none. */
  get<K extends KindsWith<'get'>>(kind: K, key: Key<K>, call: Call): Promise<StoredOf<K> | undefined>;
  /** An instance group needs its `zone`. */
  insert<K extends KindsWith<'insert'>>(kind: K, body: Insertable<K>, call: Call): Promise<void>;
  /** Changes the given fields. A list cannot be emptied so. With a fingerprint, where the kind has one. */
  patch<K extends KindsWith<'patch'>>(kind: K, body: Resources[K] & Fingerprint, call: Call): Promise<void>;
  /** Replaces all fields: begin from what was read, `{ ...stored, … }`. */
  update<K extends KindsWith<'update'>>(kind: K, body: Resources[K], call: Call): Promise<void>;
  /** Deleting the absent succeeds. */
  delete<K extends KindsWith<'delete'>>(kind: K, key: Key<K>, call: Call): Promise<void>;

  setLabels(
    kind: KindsWith<'setLabels'>,
    name: string,
    labels: Labels,
    labelFingerprint: string,
    call: Call,
  ): Promise<void>;

  /** Paths of the instances in a group. */
  listInstances(group: Key<'instanceGroups'>, call: Call): Promise<readonly string[]>;
  addInstances(group: Key<'instanceGroups'>, instances: readonly string[], call: Call): Promise<void>;
  removeInstances(group: Key<'instanceGroups'>, instances: readonly string[], call: Call): Promise<void>;
  /** The whole list. */
  setNamedPorts(
    group: Key<'instanceGroups'>,
    ports: readonly NamedPort[],
    fingerprint: string | undefined,
    call: Call,
  ): Promise<void>;

  close(): void;
}

export type Insertable<K extends Kind> = K extends 'instanceGroups'
  ? InstanceGroup & { readonly zone: string }
  : Resources[K];

export interface Fingerprint {
  readonly fingerprint?: string;
}
