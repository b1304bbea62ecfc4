import { randomUUID } from 'node:crypto';
import type { Call } from '../../../src/provider/provider.ts';
import { isNotFound } from './classify-error.ts';
import type { GceApi, Insertable, Key, ListWhere } from './gce-api.ts';
import { kinds } from './kinds.ts';
import type { KindsWith, MethodName } from './methods.ts';
import { type Place, Places } from './places.ts';
import { plainOf, wireOf } from './plain.ts';
import type { Kind, Labels, NamedPort, Resources, StoredOf } from './resources.ts';
import type { Operations } from './sending/operations.ts';
import type { Sender } from './sending/sender.ts';

type ZonedName = { readonly name: string; readonly zone?: string };
type Group = Key<'instanceGroups'>;

const pageSize = 500;

/** What `connectGce` returns: our words to the SDK's requests, and back. */
export class GceDoor implements GceApi {
  readonly project: string;
  readonly networkProject: string;
  readonly region: string;
  readonly #places: Places;
  readonly #sender: Sender;
  readonly #operations: Operations;
  readonly #close: () => void;

  constructor(place: Place, sender: Sender, operations: Operations, close: () => void) {
    this.project = place.project;
    this.networkProject = place.networkProject;
    this.region = place.region;
    this.#places = new Places(place);
    this.#sender = sender;
    this.#operations = operations;
    this.#close = close;
  }

  async list<K extends KindsWith<'list'>>(kind: K, where: ListWhere<K>, call: Call): Promise<readonly StoredOf<K>[]> {
    const { zone, filter } = where as { zone?: string; filter?: string };
    const request = { ...this.#places.scope(kind, zone), ...(filter === undefined ? {} : { filter }) };
    return (await this.#pages(`${kind}.list`, request, call)) as readonly StoredOf<K>[];
  }

  async get<K extends KindsWith<'get'>>(kind: K, key: Key<K>, call: Call): Promise<StoredOf<K> | undefined> {
    const { name }: ZonedName = key;
    await this.#operations.settle(this.#places.path(kind, name), call);
    try {
      const [found] = await this.#sender.send(`${kind}.get`, this.#places.named(kind, name), call);
      return plainOf(found) as StoredOf<K>;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  insert<K extends KindsWith<'insert'>>(kind: K, body: Insertable<K>, call: Call): Promise<void> {
    const { zone, ...fields } = body as { name: string; zone?: string };
    const request = { ...this.#places.scope(kind, zone), [kinds[kind].body]: wireOf(fields) };
    return this.#change(
      `${kind}.insert`,
      kind,
      { name: body.name, ...(zone === undefined ? {} : { zone }) },
      request,
      call,
    );
  }

  patch<K extends KindsWith<'patch'>>(kind: K, body: Resources[K], call: Call): Promise<void> {
    const request = { ...this.#places.named(kind, body.name), [kinds[kind].body]: wireOf(body) };
    return this.#change(`${kind}.patch`, kind, { name: body.name }, request, call);
  }

  update<K extends KindsWith<'update'>>(kind: K, body: Resources[K], call: Call): Promise<void> {
    const request = { ...this.#places.named(kind, body.name), [kinds[kind].body]: wireOf(body) };
    return this.#change(`${kind}.update`, kind, { name: body.name }, request, call);
  }

  async delete<K extends KindsWith<'delete'>>(kind: K, key: Key<K>, call: Call): Promise<void> {
    const { name, zone }: ZonedName = key;
    try {
      await this.#change(`${kind}.delete`, kind, key, this.#places.named(kind, name, zone), call);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  setLabels(
    kind: KindsWith<'setLabels'>,
    name: string,
    labels: Labels,
    labelFingerprint: string,
    call: Call,
  ): Promise<void> {
    const body = { labels, labelFingerprint };
    const request = { ...this.#places.scope(kind), resource: name, regionSetLabelsRequestResource: body };
    return this.#change(`${kind}.setLabels`, kind, { name }, request, call);
  }

  async listInstances(group: Group, call: Call): Promise<readonly string[]> {
    await this.#operations.settle(this.#places.path('instanceGroups', group.name, group.zone), call);
    const request = {
      ...this.#places.named('instanceGroups', group.name, group.zone),
      instanceGroupsListInstancesRequestResource: { instanceState: 'ALL' },
    };
    const found = (await this.#pages('instanceGroups.listInstances', request, call)) as readonly { instance: string }[];
    return found.map(({ instance }) => instance);
  }

  addInstances(group: Group, instances: readonly string[], call: Call): Promise<void> {
    const body = { instances: instances.map(path => wireOf({ instance: path })) };
    const request = {
      ...this.#places.named('instanceGroups', group.name, group.zone),
      instanceGroupsAddInstancesRequestResource: body,
    };
    return this.#change('instanceGroups.addInstances', 'instanceGroups', group, request, call);
  }

  removeInstances(group: Group, instances: readonly string[], call: Call): Promise<void> {
    const body = { instances: instances.map(path => wireOf({ instance: path })) };
    const request = {
      ...this.#places.named('instanceGroups', group.name, group.zone),
      instanceGroupsRemoveInstancesRequestResource: body,
    };
    return this.#change('instanceGroups.removeInstances', 'instanceGroups', group, request, call);
  }

  setNamedPorts(
    group: Group,
    namedPorts: readonly NamedPort[],
    fingerprint: string | undefined,
    call: Call,
  ): Promise<void> {
    const body = { namedPorts, ...(fingerprint === undefined ? {} : { fingerprint }) };
    const request = {
      ...this.#places.named('instanceGroups', group.name, group.zone),
      instanceGroupsSetNamedPortsRequestResource: body,
    };
    return this.#change('instanceGroups.setNamedPorts', 'instanceGroups', group, request, call);
  }

  close(): void {
    this.#close();
  }

  async #pages(method: MethodName, request: object, call: Call): Promise<readonly unknown[]> {
    const all: unknown[] = [];
    for (let pageToken: string | undefined; ; ) {
      const page = { ...request, maxResults: pageSize, ...(pageToken === undefined ? {} : { pageToken }) };
      const [items, next] = await this.#sender.send(method, page, call);
      all.push(...((items ?? []) as readonly unknown[]).map(plainOf));
      pageToken = (next as { readonly pageToken?: string } | null | undefined)?.pageToken;
      if (pageToken === undefined || pageToken === '') return all;
    }
  }

  /** Once, under one request id, however often it is sent; resolves when its operation has ended. */
  async #change(method: MethodName, kind: Kind, key: ZonedName, request: object, call: Call): Promise<void> {
    const target = this.#places.path(kind, key.name, key.zone);
    await this.#operations.settle(target, call);
    const [answer] = await this.#sender.send(method, { ...request, requestId: randomUUID() }, call);
    await this.#operations.end(target, method, this.#places.operation(kind, key.zone), answer, call);
  }
}
