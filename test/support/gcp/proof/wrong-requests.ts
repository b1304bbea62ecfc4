import { project, region, url, zoneB, zoneC } from './stage.ts';

/** One request that the API refuses on the stage, and what with. */
export interface WrongRequest {
  readonly sentence: string;
  /** As the SDK names it: `ForwardingRules.insert`. */
  readonly method: string;
  /** Fields of the request beside project, region or zone, and body. */
  readonly request?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly reason: string;
  /** The SDK cannot say it: it drops fields that it does not know, turns types into each other, and has here only what the provider calls. */
  readonly rawOnly?: true;
}

type Row = readonly [sentence: string, body: Readonly<Record<string, unknown>>, status?: number, reason?: string];

const inserts = (
  service: string,
  right: Readonly<Record<string, unknown>>,
  rows: readonly Row[],
): readonly WrongRequest[] =>
  rows.map(([sentence, body, status = 400, reason = 'invalid']) => ({
    sentence: `${service}: ${sentence}`,
    method: `${service}.insert`,
    body: { ...right, ...body },
    status,
    reason,
  }));

const raws = (
  service: string,
  right: Readonly<Record<string, unknown>>,
  rows: readonly Row[],
): readonly WrongRequest[] => inserts(service, right, rows).map(row => ({ ...row, rawOnly: true as const }));

const bs = `${region}/backendServices`;
const rule = { name: 'x', ports: ['81'], backendService: `${bs}/bs` };
const inner = { name: 'x', ports: ['81'], loadBalancingScheme: 'INTERNAL', backendService: `${bs}/inner` };
const service = { name: 'x', healthChecks: [`${region}/healthChecks/hc`] };
const group = (path: string) => ({ backends: [{ group: path, balancingMode: 'CONNECTION' }] });
const check = { name: 'x', type: 'HTTP' };
const firewall = { name: 'x', allowed: [{ IPProtocol: 'tcp', ports: ['80'] }] };

export const wrongRules: readonly WrongRequest[] = [
  ...inserts('ForwardingRules', rule, [
    ['six ports', { ports: ['1', '2', '3', '4', '5', '6'] }],
    ['a port twice', { ports: ['81', '81'] }],
    ['no port of this world', { ports: ['65536'] }],
    ['ports and a range', { portRange: '90-91' }],
    ['ports and all ports', { allPorts: true }],
    ['no ports', { ports: [] }, 400, 'required'],
    ['an upside-down range', { ports: [], portRange: '91-90' }],
    ['L3_DEFAULT with ports', { IPProtocol: 'L3_DEFAULT', backendService: `${bs}/mixed` }],
    ['a protocol that no balancer has', { IPProtocol: 'ESP' }],
    ['UDP to a backend service of TCP', { IPProtocol: 'UDP' }],
    ['L3_DEFAULT to a backend service of TCP', { IPProtocol: 'L3_DEFAULT', ports: [], allPorts: true }],
    ['the scheme of another backend service', { backendService: `${bs}/inner` }],
    ['a backend service that is not there', { backendService: `${bs}/nope` }, 404, 'notFound'],
    [
      'a backend service of another region',
      { backendService: `${project}/regions/us-east1/backendServices/bs` },
      404,
      'notFound',
    ],
    ['a backend service that is a health check', { backendService: `${region}/healthChecks/hc` }],
    ['no target at all', { backendService: '' }, 400, 'required'],
    ['a target beside the backend service', { target: `${region}/targetTcpProxies/proxy` }],
    ['an address that is nobody’s', { IPAddress: '198.18.9.9' }],
    ['an address that is no address', { IPAddress: 'premium' }],
    ['a reserved address that is not there', { IPAddress: `${region}/addresses/nope` }, 404, 'notFound'],
    ['an address of another tier', { IPAddress: `${region}/addresses/standard` }],
    ['another tier than the address', { IPAddress: `${region}/addresses/premium`, networkTier: 'STANDARD' }],
    ['a port that another rule has on this address', { IPAddress: `${region}/addresses/premium`, ports: ['79', '80'] }],
    [
      'a range over a port that another rule has',
      { IPAddress: `${region}/addresses/premium`, ports: [], portRange: '70-90' },
    ],
    ['global access of an external rule', { allowGlobalAccess: true }],
    ['a subnetwork of an external IPv4 rule', { subnetwork: `${region}/subnetworks/nodes` }],
    ['IPv6 in the tier STANDARD', { ipVersion: 'IPV6', networkTier: 'STANDARD' }],
    ['source ranges without a base rule', { sourceIpRanges: ['192.0.2.0/24'] }],
    ['a label in capitals', { labels: { Owner: 'me' } }],
    ['a value of a label with a space', { labels: { owner: 'not me' } }],
    ['a value that the enum has not', { networkTier: 'GOLD' }],
    ['a name in capitals', { name: 'FR' }],
    ['a name that ends with a hyphen', { name: 'fr-' }],
    ['a name of 64 characters', { name: 'a'.repeat(64) }],
    ['a name that is taken', { name: 'fr' }, 409, 'alreadyExists'],
  ]),
  ...inserts('ForwardingRules', inner, [
    ['a range of an internal rule', { ports: [], portRange: '81-82' }],
    ['an internal address outside the subnetwork', { IPAddress: '10.99.0.1' }],
    ['an internal address of an instance', { IPAddress: '10.0.0.51' }, 409, 'IP_IN_USE_BY_ANOTHER_RESOURCE'],
    ['an external address for an internal rule', { IPAddress: `${region}/addresses/premium` }],
    ['the subnetwork of the proxies', { subnetwork: `${region}/subnetworks/proxies` }],
    [
      'a subnetwork of another network',
      { network: `${project}/global/networks/other`, subnetwork: `${region}/subnetworks/nodes` },
    ],
    ['a network without a subnetwork here', { network: `${project}/global/networks/other` }],
    ['an internal rule in the tier STANDARD', { networkTier: 'STANDARD' }],
    ['internal IPv6 where the subnetwork has external', { ipVersion: 'IPV6' }],
  ]),
  ...inserts(
    'ForwardingRules',
    { name: 'x', loadBalancingScheme: 'EXTERNAL_MANAGED', portRange: '81', target: `${region}/targetTcpProxies/proxy` },
    [
      ['two ports to a proxy', { portRange: '81-82' }],
      ['no proxy', { target: '' }, 400, 'required'],
      ['a proxy that is not there', { target: `${region}/targetTcpProxies/nope` }, 404, 'notFound'],
      ['a proxy of another scheme', { loadBalancingScheme: 'INTERNAL_MANAGED' }],
      ['a network without proxies', { network: `${project}/global/networks/other` }],
    ],
  ),
  ...raws('ForwardingRules', rule, [
    ['an unknown field', { ipAddress: '198.18.0.1' }],
    ['a number for a text', { description: 7 }],
    ['a text for a truth value', { allPorts: 'true' }],
    ['a text for a list', { ports: '80' }],
    ['a list for a text', { description: ['a'] }],
    ['no name', { name: null }, 400, 'required'],
  ]),
];

export const wrongServices: readonly WrongRequest[] = [
  ...inserts('RegionBackendServices', service, [
    ['no health check', { healthChecks: [] }, 400, 'required'],
    ['two health checks', { healthChecks: [`${region}/healthChecks/hc`, `${region}/healthChecks/hc`] }],
    ['a health check that is not there', { healthChecks: [`${region}/healthChecks/nope`] }, 404, 'notFound'],
    ['a protocol of proxies', { protocol: 'HTTP' }],
    ['a named port of a passthrough service', { portName: 'http' }],
    ['a network of an external service', { network: `${project}/global/networks/default` }],
    ['an affinity of proxies', { sessionAffinity: 'GENERATED_COOKIE' }],
    ['an affinity that is not there', { sessionAffinity: 'STICKY' }],
    ['draining for two hours', { connectionDraining: { drainingTimeoutSec: 7_200 } }],
    ['a group as a path', group(`${zoneB}/instanceGroups/ig`)],
    ['a group that is not there', group(url(`${zoneB}/instanceGroups/nope`)), 404, 'notFound'],
    [
      'a group twice',
      {
        backends: [
          ...group(url(`${zoneB}/instanceGroups/ig`)).backends,
          ...group(url(`${zoneB}/instanceGroups/ig`)).backends,
        ],
      },
    ],
    [
      'a group that shares an instance with a balanced one',
      group(url(`${zoneB}/instanceGroups/ig2`)),
      400,
      'instanceInMultipleLoadBalancedIgs',
    ],
    [
      'the balancing mode of proxies',
      { backends: [{ group: url(`${zoneB}/instanceGroups/ig`), balancingMode: 'UTILIZATION' }] },
    ],
    ['a scheme that this world has not', { loadBalancingScheme: 'INTERNAL_SELF_MANAGED' }],
    ['a name that is taken', { name: 'bs' }, 409, 'alreadyExists'],
  ]),
  ...inserts('RegionBackendServices', { ...service, loadBalancingScheme: 'EXTERNAL_MANAGED' }, [
    ['UDP through a proxy', { protocol: 'UDP' }],
    ['connections without a number', group(url(`${zoneB}/instanceGroups/ig`))],
  ]),
  ...raws('RegionBackendServices', service, [
    ['an unknown field in a backend', { backends: [{ instanceGroup: 'ig' }] }],
    ['a fraction for a whole number', { timeoutSec: 1.5 }],
  ]),
];

export const wrongParts: readonly WrongRequest[] = [
  ...inserts('RegionHealthChecks', check, [
    ['no type', { type: '' }],
    ['the part of another type', { tcpHealthCheck: { port: 80 } }],
    ['longer than its interval', { checkIntervalSec: 5, timeoutSec: 6 }],
    ['an interval of 301 seconds', { checkIntervalSec: 301 }],
    ['a threshold of 11', { unhealthyThreshold: 11 }],
    ['a path without a slash', { httpHealthCheck: { port: 80, requestPath: 'healthz' } }],
    ['port 70000', { httpHealthCheck: { port: 70_000 } }],
    ['a fixed port with the serving port', { httpHealthCheck: { port: 80, portSpecification: 'USE_SERVING_PORT' } }],
  ]),
  ...inserts('Firewalls', firewall, [
    ['nothing allowed and nothing denied', { allowed: [] }, 400, 'required'],
    ['both allowed and denied', { denied: [{ IPProtocol: 'all' }] }],
    ['a source that is no range', { sourceRanges: ['192.0.2.0/33'] }],
    ['a source with a space', { sourceRanges: [' 192.0.2.0/24'] }],
    ['both families', { sourceRanges: ['192.0.2.0/24', '2001:db8::/32'] }],
    ['a destination of the other family', { sourceRanges: ['192.0.2.0/24'], destinationRanges: ['2001:db8::1/128'] }],
    ['sources of an egress rule', { direction: 'EGRESS', sourceRanges: ['192.0.2.0/24'] }],
    ['ports of ICMP', { allowed: [{ IPProtocol: 'icmp', ports: ['80'] }] }],
    ['an unknown protocol', { allowed: [{ IPProtocol: 'quic' }] }],
    ['no protocol', { allowed: [{ ports: ['80'] }] }, 400, 'required'],
    ['priority 65536', { priority: 65_536 }],
    ['a tag in capitals', { targetTags: ['Nodes'] }],
    ['tags and service accounts', { targetTags: ['nodes'], targetServiceAccounts: ['a@b'] }],
    ['a network that is not there', { network: `${project}/global/networks/nope` }, 404, 'notFound'],
  ]),
  ...inserts('Addresses', { name: 'x' }, [
    ['an external address that is nobody’s', { address: '198.18.9.9' }],
    ['an address that is no address', { address: 'premium' }],
    ['an internal address outside the subnetwork', { addressType: 'INTERNAL', address: '10.99.0.1' }],
    [
      'the internal address of an instance',
      { addressType: 'INTERNAL', address: '10.0.0.51' },
      409,
      'IP_IN_USE_BY_ANOTHER_RESOURCE',
    ],
    ['a purpose of an external address', { purpose: 'SHARED_LOADBALANCER_VIP' }],
    ['a subnetwork of an external IPv4 address', { subnetwork: `${region}/subnetworks/nodes` }],
    ['a tier of an internal address', { addressType: 'INTERNAL', networkTier: 'STANDARD' }],
    ['a type that is not there', { addressType: 'PUBLIC' }],
  ]),
  ...inserts('RegionTargetTcpProxies', { name: 'x', service: `${bs}/managed` }, [
    ['no backend service', { service: '' }, 400, 'required'],
    ['a passthrough backend service', { service: `${bs}/bs` }],
    ['another scheme than its service', { loadBalancingScheme: 'INTERNAL_MANAGED' }],
    ['a header that is not there', { proxyHeader: 'PROXY_V2' }],
  ]),
];

const change = (
  sentence: string,
  method: string,
  request: Readonly<Record<string, string>>,
  body: WrongRequest['body'],
  status = 400,
  reason = 'invalid',
): WrongRequest => ({
  sentence: `${method}: ${sentence}`,
  method,
  request,
  ...(body === undefined ? {} : { body }),
  status,
  reason,
});

const ig = { zone: 'europe-west1-b', instanceGroup: 'ig' };
const fr = { forwardingRule: 'fr' };

export const wrongChanges: readonly WrongRequest[] = [
  change('other ports', 'ForwardingRules.patch', fr, { ports: ['81'] }),
  change('another address', 'ForwardingRules.patch', fr, { IPAddress: '198.18.0.9' }),
  change('another protocol', 'ForwardingRules.patch', fr, { IPProtocol: 'UDP' }),
  change('another backend service', 'ForwardingRules.patch', fr, { backendService: `${bs}/mixed` }),
  change('another scheme', 'ForwardingRules.patch', fr, { loadBalancingScheme: 'INTERNAL' }),
  change('another name', 'ForwardingRules.patch', fr, { name: 'x' }),
  change('labels', 'ForwardingRules.patch', fr, { labels: { a: 'b' } }),
  change('the tier of a reserved address', 'ForwardingRules.patch', fr, { networkTier: 'STANDARD' }),
  change('a stale fingerprint', 'ForwardingRules.patch', fr, { fingerprint: 'c3RhbGU=' }, 412, 'conditionNotMet'),
  change('a rule that is not there', 'ForwardingRules.patch', { forwardingRule: 'nope' }, {}, 404, 'notFound'),
  change(
    'no fingerprint',
    'ForwardingRules.setLabels',
    { resource: 'fr' },
    { labels: { a: 'b' } },
    412,
    'conditionNotMet',
  ),
  change('not there', 'ForwardingRules.delete', { forwardingRule: 'nope' }, undefined, 404, 'notFound'),
  change(
    'no fingerprint',
    'RegionBackendServices.patch',
    { backendService: 'bs' },
    { sessionAffinity: 'CLIENT_IP' },
    412,
    'conditionNotMet',
  ),
  {
    ...change(
      'a stale fingerprint',
      'RegionBackendServices.update',
      { backendService: 'bs' },
      { name: 'bs', fingerprint: 'c3RhbGU=' },
      412,
      'conditionNotMet',
    ),
    rawOnly: true,
  },
  change(
    'in use by a rule',
    'RegionBackendServices.delete',
    { backendService: 'bs' },
    undefined,
    400,
    'resourceInUseByAnotherResource',
  ),
  change(
    'in use by a proxy',
    'RegionBackendServices.delete',
    { backendService: 'managed' },
    undefined,
    400,
    'resourceInUseByAnotherResource',
  ),
  {
    ...change(
      'a group that is no backend',
      'RegionBackendServices.getHealth',
      { backendService: 'bs' },
      { group: url(`${zoneB}/instanceGroups/ig2`) },
    ),
    rawOnly: true,
  },
  change(
    'in use by a backend service',
    'RegionHealthChecks.delete',
    { healthCheck: 'hc' },
    undefined,
    400,
    'resourceInUseByAnotherResource',
  ),
  change(
    'the part of another type',
    'RegionHealthChecks.patch',
    { healthCheck: 'hc' },
    { tcpHealthCheck: { port: 80 } },
  ),
  change('in use by a backend service', 'InstanceGroups.delete', ig, undefined, 400, 'resourceInUseByAnotherResource'),
  change(
    'a member already',
    'InstanceGroups.addInstances',
    ig,
    { instances: [{ instance: `${zoneB}/instances/n1` }] },
    400,
    'memberAlreadyExists',
  ),
  change('an instance of another zone', 'InstanceGroups.addInstances', ig, {
    instances: [{ instance: `${zoneC}/instances/n2` }],
  }),
  change(
    'an instance that is not there',
    'InstanceGroups.addInstances',
    ig,
    { instances: [{ instance: `${zoneB}/instances/nope` }] },
    404,
    'notFound',
  ),
  change('an instance by its bare name', 'InstanceGroups.addInstances', ig, { instances: [{ instance: 'n3' }] }),
  change('nobody', 'InstanceGroups.addInstances', ig, { instances: [] }, 400, 'required'),
  change(
    'no member',
    'InstanceGroups.removeInstances',
    ig,
    { instances: [{ instance: `${zoneB}/instances/n3` }] },
    400,
    'memberNotFound',
  ),
  change(
    'a stale fingerprint',
    'InstanceGroups.setNamedPorts',
    ig,
    { namedPorts: [{ name: 'http', port: 80 }], fingerprint: 'c3RhbGU=' },
    412,
    'conditionNotMet',
  ),
  change('a name in capitals', 'InstanceGroups.setNamedPorts', ig, { namedPorts: [{ name: 'HTTP', port: 80 }] }),
  change('a zone that is not there', 'InstanceGroups.insert', { zone: 'europe-west1-z' }, { name: 'x' }),
  change('not there', 'RegionTargetTcpProxies.delete', { targetTcpProxy: 'nope' }, undefined, 404, 'notFound'),
  {
    ...change('not there', 'Instances.get', { zone: 'europe-west1-b', instance: 'nope' }, undefined, 404, 'notFound'),
    rawOnly: true,
  },
  change('a filter that is none', 'ForwardingRules.list', { filter: 'name is fr' }, undefined),
  change('a page that is none', 'ForwardingRules.list', { pageToken: 'nope' }, undefined),
  change(
    'another region’s operation',
    'RegionOperations.wait',
    { operation: 'operation-1' },
    undefined,
    404,
    'notFound',
  ),
];

export const wrongRequests: readonly WrongRequest[] = [...wrongRules, ...wrongServices, ...wrongParts, ...wrongChanges];
