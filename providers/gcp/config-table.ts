/** One key of the operator's config. */
export interface ConfigRow {
  /** For people, after "must be". */
  readonly shape: string;
  readonly otherwise: string;
  readonly help: string;
  /** `undefined`: it is not so. */
  readonly read: (value: unknown) => unknown;
}

const name = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Also of the older kind, `example.com:project`. */
const project = /^(?:[a-z0-9.-]{1,100}:)?[a-z][a-z0-9-]{1,62}$/;

/** Every key. The parser and the page are made from it. */
export const configTable = {
  project: {
    ...text(project, 'a project’s id'),
    otherwise: '**needed**',
    help: 'Where the nodes’ instances are, and the balancers are made.',
  },
  region: {
    ...text(name, 'a region, such as `europe-west1`'),
    otherwise: '**needed**',
    help: 'Where balancers are made; nodes of other regions take no traffic.',
  },
  networkProject: {
    ...text(project, 'a project’s id'),
    otherwise: '`project`',
    help: 'With a shared VPC: the host project, where network, subnetworks and firewall rules are.',
  },
  network: { ...text(name, 'the name of a network'), otherwise: '`default`', help: 'The nodes’ network.' },
  subnetwork: {
    ...text(name, 'the name of a subnetwork'),
    otherwise: 'the network’s own choice, and no IPv6',
    help: 'Where internal addresses, and all of IPv6, are taken from; a Service may name another one.',
  },
  tier: {
    ...word({ Premium: 'PREMIUM', Standard: 'STANDARD' }),
    otherwise: '`Premium`',
    help: 'Network tier of external addresses, for Services that name none.',
  },
  targetTags: {
    shape: 'a list of network tags, such as `["my-nodes"]`',
    read: value =>
      Array.isArray(value) && value.length <= 64 && value.every(tag => typeof tag === 'string' && name.test(tag))
        ? value
        : undefined,
    otherwise: 'none: every machine of the network',
    help: 'For which machines firewall rules are. Without tags too only what is sent to a balancer’s own address passes.',
  },
  firewall: {
    ...word({ managed: 'managed', none: 'none' }),
    otherwise: '`managed`',
    help: '`none`: somebody else lets traffic and health checks in, and source ranges are theirs too.',
  },
  ports: {
    ...word({ rules: 'rules', all: 'all' }),
    otherwise: '`rules`',
    help: 'More than five ports: several forwarding rules, or one for all ports with the firewall as the filter.',
  },
  mixedProtocols: {
    ...word({ split: 'split', l3: 'l3' }),
    otherwise: '`split`',
    help: 'TCP and UDP: a forwarding rule for each, or one for all protocols and ports with the firewall as the filter.',
  },
  instanceGroupPrefix: {
    ...text(/^[a-z][-a-z0-9]{0,61}$/, 'how the names of instance groups begin'),
    otherwise: '',
    help: 'Groups of others that begin so are used for the nodes that they hold, `k8s-ig` for example. Without it they are found once Google refuses ours.',
  },
  verifySeconds: {
    shape: 'a whole number of seconds from 0 to 86400',
    read: value =>
      typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 86_400 ? value : undefined,
    otherwise: '`300`',
    help: 'How long a balancer that was compared with what there is counts as compared.',
  },
  credentials: {
    ...word({ adc: 'default', token: 'token', none: 'none' }),
    otherwise: '`adc`; `none` with `endpoint`',
    help: 'Where credentials come from: as every program of Google finds them, `GOOGLE_OAUTH_ACCESS_TOKEN`, or nowhere.',
  },
  endpoint: {
    shape: 'an object such as `{"host":"127.0.0.1","port":8080}`',
    read: readEndpoint,
    otherwise: 'Google’s',
    help: 'For tests, over plain HTTP.',
  },
} as const satisfies Record<string, ConfigRow>;

function text(pattern: RegExp, shape: string): Pick<ConfigRow, 'shape' | 'read'> {
  return {
    shape,
    read: value => (typeof value === 'string' && value.length <= 200 && pattern.test(value) ? value : undefined),
  };
}

function word(meanings: Readonly<Record<string, string>>): Pick<ConfigRow, 'shape' | 'read'> {
  return {
    shape: Object.keys(meanings)
      .map(one => `\`${one}\``)
      .join(' or '),
    read: value => (typeof value === 'string' && Object.hasOwn(meanings, value) ? meanings[value] : undefined),
  };
}

function readEndpoint(value: unknown): unknown {
  const { host, port } = (value ?? {}) as { readonly host?: unknown; readonly port?: unknown };
  const isHost = typeof host === 'string' && /^[a-z0-9.:-]{1,253}$/i.test(host);
  return isHost && Number.isInteger(port) ? { host, port } : undefined;
}
