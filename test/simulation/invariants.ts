import { isDeepStrictEqual } from 'node:util';
import { isNewer, type Lease, type Service } from '../../src/kube/objects.ts';
import { idOf } from '../../src/plan/load-balancer.ts';
import type { ApiServer } from '../support/sim/api-server.ts';
import type { HistoryEntry } from '../support/sim/api-storage.ts';
import type { FarCall } from '../support/sim/far-provider.ts';
import { clusterId, lease } from '../support/sim/incarnation.ts';
import { foreignClass } from '../support/sim/users.ts';
import type { JournalEntry, World } from '../support/sim/world.ts';
import { cloudFinalizer } from './expectation.ts';

const ours = 'fairlead.dev/';
const ourConditions = [
  'LoadBalancerServing',
  'LoadBalancerProvisioning',
  'LoadBalancerDegraded',
  'LoadBalancerPortsError',
];

/** What must hold at every instant, looked at on every write to the API server and every change outside. */
export class Invariants {
  readonly violations: string[] = [];
  readonly #server: ApiServer;
  readonly #world: World;
  readonly #stripped: ReadonlySet<string>;
  /** Node ports that have ever stood in the API server, by UID. */
  readonly #persisted = new Map<string, Set<number>>();
  #epoch = '';
  /** Of the last call for each balancer, within the epoch. */
  readonly #sequences = new Map<string, number>();
  /** The process whose request is being executed; undefined: a user's. */
  writer: string | undefined;

  constructor(server: ApiServer, world: World, stripped: ReadonlySet<string>) {
    this.#server = server;
    this.#world = world;
    this.#stripped = stripped;
    server.storage.onWrite(entry => this.#written(entry));
    world.onChange(entry => this.#changed(entry));
  }

  /** A call of a provider that keeps nothing outside has taken effect. */
  called({ epoch, sequence, id, process }: FarCall): void {
    this.#checkEpoch(epoch, sequence, `local/${id}`, process);
  }

  #fail(what: string): void {
    if (this.violations.length < 20) this.violations.push(what);
  }

  #written({ resource, object, before, type }: HistoryEntry): void {
    if (resource !== 'services') return;
    const after = object as unknown as Service;
    const ports = this.#persisted.get(after.metadata.uid) ?? new Set();
    for (const port of after.spec.ports ?? []) ports.add(port.nodePort ?? 0);
    this.#persisted.set(after.metadata.uid, ports);
    if (this.writer === undefined) return;
    if (before === undefined) return this.#fail(`${this.writer} has made ${nameOf(after)}`);
    this.#checkLease(after);
    this.#checkForeign(before as unknown as Service, after);
    this.#checkAddress(before as unknown as Service, after);
    this.#checkFinalizer(before as unknown as Service, after, type);
  }

  #checkLease(service: Service): void {
    const found = this.#server.storage.all('leases').find(one => one.metadata.name === lease.name) as Lease | undefined;
    const holder = found?.spec.holderIdentity ?? '';
    if (holder !== '' && holder !== this.writer)
      this.#fail(`fence: ${this.writer} has written ${nameOf(service)} while ${holder} held the Lease`);
  }

  /** What is somebody else's stays as it is. */
  #checkForeign(before: Service, after: Service): void {
    const name = nameOf(after);
    if (before.spec.loadBalancerClass === foreignClass && !hasMarks(before))
      this.#fail(`foreign: ${this.writer} has written ${name}`);
    const finalizers = (service: Service) =>
      (service.metadata.finalizers ?? []).filter(one => !one.startsWith(ours)).toSorted();
    if (!isDeepStrictEqual(finalizers(before), finalizers(after))) this.#fail(`foreign: finalizers of ${name} changed`);
    const conditions = (service: Service) =>
      (service.status?.conditions ?? [])
        .filter(one => !one.type.startsWith(ours) && !ourConditions.includes(one.type))
        .map(one => one.type)
        .toSorted();
    if (!isDeepStrictEqual(conditions(before), conditions(after))) this.#fail(`foreign: conditions of ${name} changed`);
    if (!isDeepStrictEqual(foreignAnnotations(before), foreignAnnotations(after)))
      this.#fail(`foreign: annotations of ${name} changed`);
    if (!isDeepStrictEqual(withoutFilled(before, before), withoutFilled(after, before)))
      this.#fail(`foreign: spec of ${name} changed`);
  }

  /** What has been published stays until the object goes, and nobody else gets it; a Service that is going may have let go of it already. */
  #checkAddress(before: Service, after: Service): void {
    const [old, now] = [addressesOf(before), addressesOf(after)];
    if (old === now) return;
    const isGoing = before.metadata.deletionTimestamp !== undefined || before.spec.type !== 'LoadBalancer';
    if (old !== '' && !isGoing) this.#fail(`address: ${nameOf(after)} changed from ${old} to ${now}`);
    const others = (this.#server.storage.all('services') as unknown as readonly Service[]).filter(
      ({ metadata }) => metadata.uid !== after.metadata.uid && metadata.deletionTimestamp === undefined,
    );
    const twin = others.find(one => now !== '' && addressesOf(one) === now);
    if (twin !== undefined) this.#fail(`address: ${now} of ${nameOf(twin)} was published for ${nameOf(after)} too`);
  }

  #checkFinalizer(before: Service, after: Service, type: HistoryEntry['type']): void {
    const had = before.metadata.finalizers?.includes(cloudFinalizer) === true;
    const has = type !== 'DELETED' && after.metadata.finalizers?.includes(cloudFinalizer) === true;
    const left = this.#world.partsOf(idOf(after.metadata.uid)).length;
    if (had && !has && left > 0) this.#fail(`finalizer: taken off ${nameOf(after)} while ${left} parts are outside`);
  }

  #changed(entry: JournalEntry): void {
    const { part, op, process, epoch, sequence, id } = entry;
    const { cluster, service } = part.ref;
    this.#checkEpoch(epoch, sequence, id, process);
    if (cluster !== clusterId) this.#fail(`foreign: ${process} has touched ${part.key}`);
    const found = (this.#server.storage.all('services') as unknown as readonly Service[]).find(
      one => one.metadata.uid === service.uid,
    );
    if (op === 'put') this.#checkMade(entry, found);
    else if (part.kind === 'address') this.#checkLost(entry, found);
  }

  #checkMade({ part }: JournalEntry, found: Service | undefined): void {
    const { uid } = part.ref.service;
    const isMarked = found?.metadata.finalizers?.includes(cloudFinalizer) === true || this.#stripped.has(uid);
    if (!isMarked) this.#fail(`finalizer: ${part.key} was made without it`);
    const nodePort = Number(part.value);
    if (part.kind === 'listener' && (nodePort === 0 || this.#persisted.get(uid)?.has(nodePort) !== true)) {
      this.#fail(`node port: ${part.key} forwards to ${part.value}, which was never persisted`);
    }
  }

  #checkLost({ part }: JournalEntry, found: Service | undefined): void {
    const isWanted =
      found?.spec.type === 'LoadBalancer' &&
      found.metadata.deletionTimestamp === undefined &&
      addressesOf(found) === part.value;
    if (isWanted && !this.#stripped.has(part.ref.service.uid))
      this.#fail(`address: ${part.value} was removed while ${nameOf(found)} publishes it`);
  }

  #checkEpoch(epoch: string, sequence: number, id: string, process: string): void {
    if (isNewer(this.#epoch, epoch))
      this.#fail(`fence: ${process} did something of epoch ${epoch} after ${this.#epoch}`);
    if (isNewer(epoch, this.#epoch)) {
      this.#epoch = epoch;
      this.#sequences.clear();
    }
    const last = this.#sequences.get(id) ?? 0;
    if (sequence < last) this.#fail(`sequence: ${id} had call ${last} and then ${sequence}`);
    this.#sequences.set(id, sequence);
  }
}

function nameOf({ metadata }: Service): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function hasMarks({ metadata, status }: Service): boolean {
  const types = (status?.conditions ?? []).map(one => one.type);
  return (
    (metadata.finalizers ?? []).some(one => one.startsWith(ours)) ||
    types.some(type => type.startsWith(ours) || ourConditions.includes(type))
  );
}

function addressesOf({ status }: Service): string {
  return (status?.loadBalancer?.ingress ?? []).map(entry => entry.ip ?? entry.hostname).join();
}

function foreignAnnotations({ metadata }: Service): Readonly<Record<string, string>> {
  const { 'fairlead.dev/node-ports': _, ...others } = metadata.annotations ?? {};
  return others;
}

/** The spec without the node ports that `before` lacked: those alone may be filled in. */
function withoutFilled({ spec }: Service, before: Service): unknown {
  const ports = spec.ports?.map((port, index) =>
    (before.spec.ports?.[index]?.nodePort ?? 0) === 0 ? { ...port, nodePort: 0 } : port,
  );
  return { ...spec, ports };
}
