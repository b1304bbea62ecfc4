import { unknownKey } from '../../src/provider/adapter/unknown-key.ts';
import type { TargetKind } from './annotations/settings.ts';
import type { LaneLimits } from './client/lane-limits.ts';
import { type ConfigRow, configTable, defaultQuotas, type Quotas } from './config-table.ts';
import type { Scheme } from './model/desired.ts';

/** What the operator may write into `config`, with the defaults filled in. `config-table.ts` says it for people. */
export interface AwsConfig {
  readonly vpcId?: string;
  readonly clusterName?: string;
  /** Ids or values of `Name` tags. */
  readonly subnets?: readonly string[];
  readonly nodeSecurityGroup?: string;
  readonly preauthorised: boolean;
  readonly defaultTargetType?: TargetKind;
  readonly defaultScheme: Scheme;
  readonly publish: 'active' | 'at-once';
  readonly tags: Readonly<Record<string, string>>;
  readonly verifySeconds: number;
  readonly limits: LaneLimits;
  readonly quotas: Quotas;
}

const defaults: AwsConfig = {
  preauthorised: false,
  defaultScheme: 'internet-facing',
  publish: 'active',
  tags: {},
  verifySeconds: 300,
  limits: {},
  quotas: defaultQuotas,
};

/** Fills in the defaults. Throws one error of one line that names everything that is wrong, for the operator. */
export function parseConfig(given: unknown): AwsConfig {
  const fields = given ?? {};
  if (typeof fields !== 'object' || Array.isArray(fields))
    throw new Error('aws: config must be an object such as {"vpcId":"vpc-0123456789abcdef0"}');
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    const row: ConfigRow<unknown> | undefined = Object.hasOwn(configTable, key)
      ? configTable[key as ConfigKey]
      : undefined;
    if (row === undefined) {
      faults.push(unknownKey(key, Object.keys(configTable)));
      continue;
    }
    const read = row.read(value);
    if ('fault' in read) faults.push(`config.${key} ${read.fault}: it must be ${row.shape}`);
    else values[key] = read.value;
  }
  if (faults.length > 0) throw new Error(`aws: ${faults.join('; ')}`);
  return { ...defaults, ...values };
}

type ConfigKey = keyof typeof configTable;
