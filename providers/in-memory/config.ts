import { defaultRange, parseRange } from './address-pool.ts';

/** What the operator may write into `config`. */
export interface InMemoryConfig {
  /** The IPv4 range to give addresses from. Default 198.51.100.0/24, which RFC 5737 keeps for documentation. */
  readonly pool: string;
  /** Behaves as if there were something outside the cluster to clean up: finalizer, list, sweep. Default false. */
  readonly keepsOutside: boolean;
  /** Declares that it cannot do without node ports. Default false. */
  readonly needsNodePorts: boolean;
}

const defaults: InMemoryConfig = { pool: defaultRange, keepsOutside: false, needsNodePorts: false };

/** Fills in the defaults. Throws an error of one line, for the operator. */
export function readConfig(given: unknown): InMemoryConfig {
  if (given === undefined) return defaults;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new Error('in-memory: the config must be an object such as {"pool":"192.0.2.0/24"}');
  }
  const known = Object.keys(defaults);
  const unknown = Object.keys(given).find(key => !known.includes(key));
  if (unknown !== undefined) throw new Error(`in-memory: config.${unknown} is not known: use ${known.join(', ')}`);
  const config: Record<keyof InMemoryConfig, unknown> = { ...defaults, ...given };
  return {
    pool: readPool(config.pool),
    keepsOutside: readFlag('keepsOutside', config.keepsOutside),
    needsNodePorts: readFlag('needsNodePorts', config.needsNodePorts),
  };
}

function readPool(value: unknown): string {
  if (typeof value === 'string' && parseRange(value) !== undefined) return value;
  throw new Error('in-memory: config.pool must be an IPv4 range from /8 to /32, such as "192.0.2.0/24"');
}

function readFlag(key: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new Error(`in-memory: config.${key} must be true or false`);
}
