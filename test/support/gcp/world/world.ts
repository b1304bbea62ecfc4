import type { ProviderClock } from '../../../../src/provider/provider.ts';
import { listOf } from '../rules/fields.ts';
import { nameOf } from '../schema/paths.ts';
import { Operations } from './operations.ts';
import type { GceOptions } from './options.ts';
import { Store } from './store.ts';

/** What the rules of each kind see. Options can be changed between requests. */
export class GceWorld {
  options: GceOptions;
  readonly store = new Store();
  readonly operations: Operations;
  /** Names. */
  readonly projects = new Set<string>();
  /** Paths of instances that answer no health check. */
  readonly unhealthy = new Set<string>();
  #made = 0;

  constructor(options: GceOptions) {
    this.options = options;
    this.operations = new Operations(
      () => this.options,
      () => this.nextId(),
    );
  }

  get clock(): ProviderClock {
    return this.options.clock;
  }

  /** 19 digits, as Google's. */
  nextId(): string {
    this.#made += 1;
    return String(1_000_000_000_000_000_000n + BigInt(this.#made));
  }

  /** Another one with every change: the API's is a hash of the contents. */
  nextFingerprint(): string {
    return Buffer.from(this.nextId().slice(-8)).toString('base64');
  }

  /** Names of the zones of a region. */
  zonesOf(region: string): readonly string[] {
    const found = this.store.all('regions').find(({ path }) => nameOf(path) === region);
    return listOf(found?.fields ?? {}, 'zones').map(nameOf);
  }

  timestamp(): string {
    return new Date(this.clock.now()).toISOString();
  }
}
