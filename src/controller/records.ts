import type { ServiceRecord } from '../plan/plan-service.ts';

/** The records of one leadership, by Service key; ids lead back to keys. */
export class Records {
  readonly #byKey = new Map<string, ServiceRecord>();
  readonly #keyById = new Map<string, string>();

  get(key: string): ServiceRecord | undefined {
    return this.#byKey.get(key);
  }

  keyOfId(id: string): string | undefined {
    return this.#keyById.get(id);
  }

  set(key: string, record: ServiceRecord): void {
    const before = this.#byKey.get(key);
    if (before !== undefined && before.ref.id !== record.ref.id) this.#keyById.delete(before.ref.id);
    this.#byKey.set(key, record);
    this.#keyById.set(record.ref.id, key);
  }

  /** Ends an attempt. What has been asked for while it was under way (a provider's requeue) stays due at once: it may have come too late for it. */
  settle(key: string, attempt: ServiceRecord, outcome: ServiceRecord): void {
    const isAskedAgain = this.#byKey.get(key) !== attempt;
    this.set(key, isAskedAgain ? { ...outcome, notBefore: Number.NEGATIVE_INFINITY } : outcome);
  }

  delete(key: string): void {
    const record = this.#byKey.get(key);
    if (record !== undefined) this.#keyById.delete(record.ref.id);
    this.#byKey.delete(key);
  }

  entries(): IterableIterator<[string, ServiceRecord]> {
    return this.#byKey.entries();
  }

  values(): IterableIterator<ServiceRecord> {
    return this.#byKey.values();
  }
}
