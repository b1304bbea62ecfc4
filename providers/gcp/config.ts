import { unknownKey } from '../../src/provider/adapter/unknown-key.ts';
import type { MixedMode, PortsMode } from './annotations/settings.ts';
import type { Credentials } from './client/credentials.ts';
import type { NetworkTier } from './client/resources.ts';
import { type ConfigRow, configTable } from './config-table.ts';

/** What the operator may write into `config`, with the defaults filled in: see `config-table.ts`. */
export interface GcpConfig {
  readonly project: string;
  readonly networkProject?: string;
  readonly region: string;
  readonly network: string;
  readonly subnetwork?: string;
  readonly tier: NetworkTier;
  readonly targetTags: readonly string[];
  readonly firewall: 'managed' | 'none';
  readonly ports: PortsMode;
  readonly mixedProtocols: MixedMode;
  readonly instanceGroupPrefix?: string;
  readonly credentials?: Credentials;
  readonly endpoint?: { readonly host: string; readonly port: number };
  readonly verifySeconds: number;
}

const defaults = {
  network: 'default',
  tier: 'PREMIUM',
  targetTags: [],
  firewall: 'managed',
  ports: 'rules',
  mixedProtocols: 'split',
  verifySeconds: 300,
} as const satisfies Partial<GcpConfig>;

/** Fills in the defaults. Throws an error of one line, for the operator, that names everything that is wrong. */
export function readConfig(given: unknown): GcpConfig {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new Error('gcp: the config must be an object such as {"project":"my-project","region":"europe-west1"}');
  const rows: Readonly<Record<string, ConfigRow>> = configTable;
  const faults: string[] = [];
  const read = new Map<string, unknown>(Object.entries(defaults));
  for (const [key, value] of Object.entries(given)) {
    const row = Object.hasOwn(rows, key) ? rows[key] : undefined;
    const found = row?.read(value);
    if (row === undefined) faults.push(unknownKey(key, Object.keys(rows)));
    else if (found === undefined) faults.push(`config.${key} must be ${row.shape.replaceAll('`', '')}`);
    else read.set(key, found);
  }
  for (const key of ['project', 'region'])
    if (!Object.hasOwn(given, key)) faults.push(`config.${key} is missing: say where the nodes are`);
  if (faults.length > 0) throw new Error(`gcp: ${faults.join('; ')}`);
  return Object.fromEntries(read) as unknown as GcpConfig;
}
