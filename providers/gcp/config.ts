import type { MixedMode, PortsMode } from './annotations/settings.ts';
import type { Credentials } from './client/credentials.ts';
import type { NetworkTier } from './client/resources.ts';

/** What the operator may write into `config`, with the defaults filled in. */
export interface GcpConfig {
  readonly project: string;
  /** Where the network, its subnetworks and its firewall rules are. Absent: `project`. */
  readonly networkProject?: string;
  readonly region: string;
  readonly network: string;
  /** Where internal addresses, and external ones of IPv6, are taken from unless a Service says otherwise. */
  readonly subnetwork?: string;
  readonly tier: NetworkTier;
  /** Network tags of the nodes that firewall rules are for; none: every machine of the network, of which only nodes get such traffic. */
  readonly targetTags: readonly string[];
  /** `none`: somebody else lets the traffic and the health checks in. */
  readonly firewall: 'managed' | 'none';
  readonly ports: PortsMode;
  readonly mixedProtocols: MixedMode;
  /** Instance groups that begin so and hold a node already are used for that node, instead of one of ours. */
  readonly instanceGroupPrefix?: string;
  readonly credentials?: Credentials;
  /** For tests: plain HTTP. */
  readonly endpoint?: { readonly host: string; readonly port: number };
  /** How long a balancer that was looked at counts as looked at. */
  readonly verifySeconds: number;
}

type Read = (value: unknown) => unknown;

const name = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Also of the older kind, `example.com:project`. */
const project = /^(?:[a-z0-9.-]{1,100}:)?[a-z][a-z0-9-]{1,62}$/;

const fields = {
  project: matching(project, 'a project’s id'),
  networkProject: matching(project, 'a project’s id'),
  region: matching(name, 'a region, such as "europe-west1"'),
  network: matching(name, 'the name of a network'),
  subnetwork: matching(name, 'the name of a subnetwork'),
  tier: oneOf({ Premium: 'PREMIUM', Standard: 'STANDARD' }),
  targetTags: value => {
    if (!Array.isArray(value) || value.length > 64 || !value.every(tag => typeof tag === 'string' && name.test(tag)))
      throw new Error('must be a list of network tags, such as ["my-nodes"]');
    return value as unknown;
  },
  firewall: oneOf({ managed: 'managed', none: 'none' }),
  ports: oneOf({ rules: 'rules', all: 'all' }),
  mixedProtocols: oneOf({ split: 'split', l3: 'l3' }),
  instanceGroupPrefix: matching(/^[a-z][-a-z0-9]{0,61}$/, 'how the names of instance groups begin'),
  credentials: oneOf({ adc: 'default', token: 'token', none: 'none' }),
  endpoint: readEndpoint,
  verifySeconds: value => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 86_400)
      throw new Error('must be a whole number of seconds from 0 to 86400');
    return value;
  },
} as const satisfies Record<keyof GcpConfig, Read>;

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
  const faults: string[] = [];
  const read = new Map<string, unknown>(Object.entries(defaults));
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(fields, key)) {
      faults.push(`config.${key} is not known: use ${Object.keys(fields).join(', ')}`);
      continue;
    }
    try {
      read.set(key, fields[key as keyof GcpConfig](value));
    } catch (error) {
      faults.push(`config.${key} ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  for (const key of ['project', 'region'])
    if (!Object.hasOwn(given, key)) faults.push(`config.${key} is missing: say where the nodes are`);
  if (faults.length > 0) throw new Error(`gcp: ${faults.join('; ')}`);
  return Object.fromEntries(read) as unknown as GcpConfig;
}

function matching(pattern: RegExp, what: string): Read {
  return value => {
    if (typeof value !== 'string' || value.length > 200 || !pattern.test(value)) throw new Error(`must be ${what}`);
    return value;
  };
}

function oneOf(meanings: Readonly<Record<string, string>>): Read {
  return value => {
    if (typeof value !== 'string' || !Object.hasOwn(meanings, value))
      throw new Error(`must be one of ${Object.keys(meanings).join(', ')}`);
    return meanings[value];
  };
}

function readEndpoint(value: unknown): unknown {
  const { host, port } = (value ?? {}) as { readonly host?: unknown; readonly port?: unknown };
  if (typeof host !== 'string' || !/^[a-z0-9.:-]{1,253}$/i.test(host) || !Number.isInteger(port))
    throw new Error('must be an object such as {"host":"127.0.0.1","port":8080}');
  return { host, port };
}
