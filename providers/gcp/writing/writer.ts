import type { Call } from '../../../src/provider/provider.ts';
import { providerErrorCode } from '../../../src/provider/provider-error.ts';
import type { Fingerprint, GceApi, Insertable, Key } from '../client/gce-api.ts';
import type { KindsWith } from '../client/methods.ts';
import type { Labels, Resources } from '../client/resources.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { PartsRecord } from '../inventory/parts-record.ts';
import { find, type Known, type OwnKind, withOne, withoutOne } from '../model/kinds.ts';

type Patched = KindsWith<'patch'> & OwnKind;

/** Changes parts of one record, and the record with them: what comes back without an answer leaves it in doubt. */
export class Writer {
  readonly #api: GceApi;
  readonly #inventory: Inventory;
  readonly #record: PartsRecord;
  readonly #call: Call;

  constructor(api: GceApi, inventory: Inventory, record: PartsRecord, call: Call) {
    this.#api = api;
    this.#inventory = inventory;
    this.#record = record;
    this.#call = call;
  }

  find<K extends OwnKind>(kind: K, name: string): Known<K> | undefined {
    return find(this.#record.known, kind, name);
  }

  /** Throws where the name is somebody else's. */
  async insert<K extends OwnKind>(kind: K, body: Resources[K]): Promise<void> {
    this.#inventory.assertFree(kind, body.name);
    await this.#try(() => this.#api.insert(kind, body as Insertable<K>, this.#call));
    this.#record.change(withOne(this.#record.known, kind, body));
  }

  /** One request, and a read before it where the API wants to be told what is replaced and that is not known. */
  async patch<K extends Patched>(kind: K, name: string, fields: Partial<Resources[K]>): Promise<void> {
    const found = this.find(kind, name);
    const fingerprint =
      kind === 'backendServices'
        ? (found?.fingerprint ?? (await this.read('backendServices', name))?.fingerprint)
        : undefined;
    const body = { ...fields, name, ...(fingerprint === undefined ? {} : { fingerprint }) } as Resources[K] &
      Fingerprint;
    await this.#try(() => this.#api.patch(kind, body, this.#call));
    const { fingerprint: _stale, ...rest } = this.find(kind, name) ?? {};
    this.#record.change(withOne(this.#record.known, kind, { ...rest, ...fields, name } as unknown as Known<K>));
  }

  /** All fields: for a list that becomes empty, and a health check of another kind. */
  async replace<K extends KindsWith<'update'> & OwnKind>(kind: K, body: Resources[K]): Promise<void> {
    await this.#try(() => this.#api.update(kind, body, this.#call));
    this.#record.change(withOne(this.#record.known, kind, body));
  }

  /** Ours are put back beside what others have set; one request where some are missing, as far as that is known. */
  async repairLabels<K extends KindsWith<'setLabels'>>(kind: K, found: Known<K>, ours: Labels): Promise<void> {
    const { name, labels = {}, labelFingerprint } = found;
    if (labelFingerprint === undefined || Object.entries(ours).every(([key, value]) => labels[key] === value)) return;
    const wanted = { ...labels, ...ours };
    await this.#try(() => this.#api.setLabels(kind, name, wanted, labelFingerprint, this.#call));
    await this.read(kind, name);
  }

  async delete(kind: OwnKind, name: string): Promise<void> {
    await this.#try(() => this.#api.delete(kind, { name }, this.#call));
    this.#record.change(withoutOne(this.#record.known, kind, name));
  }

  /** As it is now; `undefined`: gone. */
  async read<K extends KindsWith<'get'> & OwnKind>(kind: K, name: string): Promise<Known<K> | undefined> {
    const one = await this.#api.get(kind, { name } as Key<K>, this.#call);
    this.#record.change(
      one === undefined ? withoutOne(this.#record.known, kind, name) : withOne(this.#record.known, kind, one),
    );
    return one;
  }

  async #try(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      // A clear no has changed nothing.
      if (providerErrorCode(error) === undefined) this.#record.doubt();
      throw error;
    }
  }
}
