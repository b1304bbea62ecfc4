import type { ProviderContext } from '../../../src/provider/provider.ts';
import type { Allocator } from '../allocation/allocator.ts';
import { kinds } from '../pools/kinds.ts';
import type { PoolSource } from '../pools/pool-source.ts';
import { poolStatus } from './pool-status.ts';

/** A backlog of thousands is told of once a second, not thousands of times. */
const tellAfterMs = 1_000;

/** Metrics that are set through `report`. */
export const gauges = {
  pool_addresses_total: {
    help: 'Addresses that a pool can give, those in use too.',
    labels: ['pool', 'family'],
  },
  pool_addresses_in_use: {
    help: 'Addresses of a pool that Services hold; a shared one counts once.',
    labels: ['pool', 'family'],
  },
  services_waiting_for_address: {
    help: 'Services that are waiting for an address to come free, or for a pool that has one for them.',
    labels: [],
  },
} as const satisfies Record<string, { help: string; labels: readonly string[] }>;

interface Gauge {
  readonly gauge: keyof typeof gauges;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Tells how the pools stand: metrics, the status of AddressPools, and an Event for each refusal. Behind everything else. */
export class PoolReporter {
  readonly #context: ProviderContext;
  readonly #allocator: Allocator;
  readonly #source: PoolSource;
  #cancel: (() => void) | undefined;
  #isOpen = false;
  #told = new Map<string, Gauge>();
  readonly #refusals = new Map<string, string>();

  constructor(context: ProviderContext, allocator: Allocator, source: PoolSource) {
    this.#context = context;
    this.#allocator = allocator;
    this.#source = source;
  }

  /** From the first leadership on: who only stands by says nothing. */
  open(): void {
    this.#isOpen = true;
    this.changed();
  }

  close(): void {
    this.#isOpen = false;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  changed(): void {
    if (!this.#isOpen || this.#cancel !== undefined) return;
    this.#cancel = this.#context.clock.after(tellAfterMs, () => {
      this.#cancel = undefined;
      this.#tellGauges();
      this.#tellStatus();
      this.#tellRefusals();
    });
  }

  #tellGauges(): void {
    const now = new Map(this.#gauges().map(one => [JSON.stringify([one.gauge, one.labels]), one]));
    for (const [key, { gauge, labels }] of this.#told)
      if (!now.has(key)) this.#context.report({ kind: 'gauge', gauge, labels, value: undefined });
    for (const [key, one] of now)
      if (this.#told.get(key)?.value !== one.value) this.#context.report({ kind: 'gauge', ...one });
    this.#told = now;
  }

  #gauges(): readonly Gauge[] {
    const gaugesOf = [...this.#allocator.ledger.accounts()]
      .filter(({ total }) => total > 0n)
      .flatMap(({ pool, family, total, used }): readonly Gauge[] => {
        const labels = { pool: pool.name, family };
        return [
          { gauge: 'pool_addresses_total', labels, value: Number(total) },
          { gauge: 'pool_addresses_in_use', labels, value: used.size },
        ];
      });
    return [...gaugesOf, { gauge: 'services_waiting_for_address', labels: {}, value: this.#allocator.waiting }];
  }

  #tellStatus(): void {
    const { ledger } = this.#allocator;
    const now = this.#context.clock.now();
    for (const resource of this.#source.addressPools) {
      const pool = this.#source.set.named(resource.name);
      const accounts = pool === undefined ? [] : [...ledger.accountsOf(pool)];
      const status = poolStatus(resource, accounts, this.#source.isInForce(resource), this.#source.faults, now);
      this.#context.report({ kind: 'status', of: kinds.addressPools, name: resource.name, status });
    }
  }

  /** Once for each refusal of an object. */
  #tellRefusals(): void {
    const refused = new Map(
      this.#source.faults.flatMap(({ about, message }) =>
        about.flatMap(({ origin }) => (origin === undefined ? [] : [[origin, message] as const])),
      ),
    );
    const uids = new Set([...refused.keys()].map(({ uid }) => uid));
    for (const uid of this.#refusals.keys()) if (!uids.has(uid)) this.#refusals.delete(uid);
    for (const [origin, message] of refused) {
      if (this.#refusals.get(origin.uid) === message) continue;
      this.#refusals.set(origin.uid, message);
      this.#context.report({ kind: 'event', about: origin, type: 'Warning', reason: 'PoolRefused', message });
    }
  }
}
