import { choice, oneOf, type Syntax } from '../../../src/provider/adapter/value-syntax.ts';
import { flag, listOf, objectName, textLike, wholeNumber } from './value-syntax.ts';

/** Keys that GKE knows, and ours for what it has no word for. */
const gke = 'networking.gke.io/';
const cloud = 'cloud.google.com/';
const own = 'fairlead.dev/gcp-';
export const annotationPrefixes: readonly string[] = [gke, cloud, own];

interface Row<Value> {
  readonly key: string;
  readonly syntax: Syntax<Value>;
  /** Where the annotation is absent or blank; for people. */
  readonly otherwise: string;
  readonly help: string;
  /** `fixed`: only the Service's creation reads it; a later change is a Warning. */
  readonly change: 'mutable' | 'fixed';
  /** Reaches beyond the Service's own balancer: only where the operator has released it. */
  readonly restricted?: true;
}

function mutable<Value>(key: string, syntax: Syntax<Value>, otherwise: string, help: string): Row<Value> {
  return { key, syntax, otherwise, help, change: 'mutable' };
}

function fixed<Value>(key: string, syntax: Syntax<Value>, otherwise: string, help: string): Row<Value> {
  return { key, syntax, otherwise, help, change: 'fixed' };
}

const type = choice({
  Internal: 'INTERNAL',
  internal: 'INTERNAL',
  External: 'EXTERNAL',
  external: 'EXTERNAL',
} as const);

/** Everything that is supported. The parser, the page and the list of what needs a release are made from it. */
export const annotationTable = {
  type: fixed(`${gke}load-balancer-type`, type, 'external', 'From where the balancer can be reached.'),
  typeAlias: fixed(`${cloud}load-balancer-type`, type, '', 'Older spelling of the same, which gives way.'),
  backendServices: mutable(
    `${cloud}l4-rbs`,
    oneOf(['enabled']),
    '',
    'Read for GKE’s sake: it is always so, backend services and never target pools.',
  ),
  tier: fixed(
    `${cloud}network-tier`,
    choice({ Premium: 'PREMIUM', Standard: 'STANDARD' } as const),
    'the operator’s `tier`',
    'Network tier of an external address; IPv6 is Premium only.',
  ),
  addresses: fixed(
    `${gke}load-balancer-ip-addresses`,
    listOf(objectName, 2),
    'an address of its own',
    'Names of reserved addresses of the region, one for each family. They are never released.',
  ),
  globalAccess: mutable(
    `${gke}internal-load-balancer-allow-global-access`,
    flag,
    '`false`',
    'Internal only: clients in other regions may connect.',
  ),
  subnet: fixed(
    `${gke}load-balancer-subnet`,
    objectName,
    'the operator’s `subnetwork`',
    'Where an internal address, or an external one of IPv6, is taken from.',
  ),
  internalSubnet: fixed(
    `${gke}internal-load-balancer-subnet`,
    objectName,
    '',
    'Older spelling of the same for internal balancers, which gives way.',
  ),
  weighted: mutable(
    `${gke}weighted-load-balancing`,
    oneOf(['pods-per-node']),
    'off',
    'Nodes get traffic by the number of their pods; with policy Local only.',
  ),
  strongAffinity: mutable(
    `${gke}l4-strong-session-affinity`,
    oneOf(['enabled']),
    'off',
    'A client keeps its node for the time of `sessionAffinityConfig`, also once that node is unhealthy; with affinity ClientIP only.',
  ),
  keepAddress: restricted(
    mutable(
      `${own}keep-address`,
      flag,
      '`false`',
      'The address is reserved, and stays when the Service goes: `<name of its rules>-keep-v4`.',
    ),
  ),
  ports: mutable(
    `${own}ports`,
    oneOf(['rules', 'all']),
    'the operator’s `ports`',
    'More than five ports: several forwarding rules on one address, or one rule for all ports, with the firewall as the filter.',
  ),
  mixedProtocols: mutable(
    `${own}mixed-protocols`,
    oneOf(['split', 'l3']),
    'the operator’s `mixedProtocols`',
    'TCP and UDP: a forwarding rule for each, or one for all protocols and ports, with the firewall as the filter. Internal balancers have the latter.',
  ),
  mode: fixed(
    `${own}mode`,
    oneOf(['passthrough', 'proxy']),
    '`passthrough`',
    'How traffic arrives: untouched, or from a proxy of Google’s at the node ports (regional proxy Network Load Balancer; external, TCP and IPv4 only).',
  ),
  drainSeconds: mutable(
    `${own}connection-draining`,
    wholeNumber(0, 3_600),
    '`30`; `0` without TCP',
    'Seconds in which connections to a node that goes may end.',
  ),
  healthPort: mutable(
    `${own}health-check-port`,
    wholeNumber(1, 65_535),
    'kube-proxy’s',
    'A port of the nodes; the Service gets a health check of its own.',
  ),
  healthProtocol: mutable(
    `${own}health-check-protocol`,
    choice({ http: 'HTTP', https: 'HTTPS', tcp: 'TCP' } as const),
    '`http`',
    'How nodes are asked.',
  ),
  healthPath: mutable(
    `${own}health-check-path`,
    textLike(/^\/[!-~]*$/, 'path that begins with /', 1_024),
    '`/healthz`',
    'HTTP and HTTPS only.',
  ),
  healthInterval: mutable(`${own}health-check-interval`, wholeNumber(1, 300), '`8`; `3` with policy Local', 'Seconds.'),
  healthTimeout: mutable(
    `${own}health-check-timeout`,
    wholeNumber(1, 300),
    '`1`',
    'Seconds; not longer than the interval.',
  ),
  healthyThreshold: mutable(
    `${own}health-check-healthy-threshold`,
    wholeNumber(1, 10),
    '`1`',
    'Good answers until a node takes traffic.',
  ),
  unhealthyThreshold: mutable(
    `${own}health-check-unhealthy-threshold`,
    wholeNumber(1, 10),
    '`3`; `2` with policy Local',
    'Bad answers until it takes none.',
  ),
} as const satisfies Record<string, Row<unknown>>;

export type AnnotationName = keyof typeof annotationTable;

function restricted<Value>(row: Row<Value>): Row<Value> {
  return { ...row, restricted: true };
}

/** For the capabilities: the operator's policy keeps these back. */
export function restrictedAnnotations(): readonly string[] {
  const rows: readonly Row<unknown>[] = Object.values(annotationTable);
  return rows.filter(row => row.restricted).map(row => row.key);
}

/** Of GKE's for balancers like these, and not supported here → why, and what to do. What is in neither table is somebody else's. */
export const unsupportedAnnotations: Readonly<Record<string, string>> = {
  [`${gke}l4lb-config`]: 'logging is left as it is: set it on the backend service',
  [`${gke}ip-collection-v6`]: 'own ranges of IPv6: reserve an address from them, and name it',
  [`${gke}custom-forwarding-rule`]: 'forwarding rules are made, not taken over',
  [`${cloud}load-balancer-backend-share`]:
    'each Service has a backend service of its own; groups and health checks are shared anyway',
  [`${gke}network`]: 'one network: the operator’s',
};

/** The page's table. */
export function annotationRows(): readonly (readonly string[])[] {
  const rows: readonly Row<unknown>[] = Object.values(annotationTable);
  return rows.map(({ key, syntax, otherwise, help, change, restricted: kept }) => [
    `\`${key}\``,
    syntax.shape,
    otherwise,
    [help, change === 'fixed' ? 'Fixed at creation.' : '', kept ? '**Needs a release.**' : '']
      .filter(part => part !== '')
      .join(' '),
  ]);
}
