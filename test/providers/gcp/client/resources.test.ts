import { expect, test } from 'vitest';
import { kinds } from '../../../../providers/gcp/client/kinds.ts';
import type { Kind, Resources, Stored } from '../../../../providers/gcp/client/resources.ts';
import { faultsOf } from '../../../support/gcp/schema/check-value.ts';
import { computeSchema } from '../../../support/gcp/schema/schema.ts';

/** Every field, to the last: the SDK drops what it does not know without a word. */
type Whole<Value> = Value extends readonly (infer Part)[]
  ? readonly Whole<Part>[]
  : Value extends object
    ? { readonly [Name in keyof Value]-?: Whole<NonNullable<Value[Name]>> }
    : Value;

const port = {
  port: 1,
  portSpecification: 'USE_FIXED_PORT',
  portName: 'x',
  requestPath: '/',
  host: 'x',
  proxyHeader: 'NONE',
} as const;
const { requestPath: _path, host: _host, ...tcpPort } = port;
const rule = { IPProtocol: 'tcp', ports: ['80'] };

const wholes: { readonly [K in Kind]: Whole<Resources[K]> } = {
  forwardingRules: {
    name: 'x',
    description: 'x',
    IPAddress: 'x',
    IPProtocol: 'L3_DEFAULT',
    ipVersion: 'IPV6',
    loadBalancingScheme: 'INTERNAL_MANAGED',
    networkTier: 'STANDARD',
    ports: ['80'],
    portRange: '80',
    allPorts: true,
    allowGlobalAccess: true,
    backendService: 'x',
    target: 'x',
    network: 'x',
    subnetwork: 'x',
    sourceIpRanges: ['x'],
    labels: { a: 'b' },
  },
  backendServices: {
    name: 'x',
    description: 'x',
    protocol: 'UNSPECIFIED',
    loadBalancingScheme: 'EXTERNAL_MANAGED',
    network: 'x',
    backends: [
      { group: 'x', balancingMode: 'CONNECTION', maxConnectionsPerInstance: 1, capacityScaler: 0.5, description: 'x' },
    ],
    healthChecks: ['x'],
    sessionAffinity: 'CLIENT_IP_PORT_PROTO',
    localityLbPolicy: 'MAGLEV',
    connectionDraining: { drainingTimeoutSec: 1 },
    connectionTrackingPolicy: {
      trackingMode: 'PER_SESSION',
      connectionPersistenceOnUnhealthyBackends: 'NEVER_PERSIST',
      idleTimeoutSec: 60,
      enableStrongAffinity: true,
    },
    networkPassThroughLbTrafficPolicy: { zonalAffinity: { spillover: 'ZONAL_AFFINITY_DISABLED', spilloverRatio: 0 } },
    logConfig: { enable: true, sampleRate: 1 },
    portName: 'x',
    timeoutSec: 1,
  },
  healthChecks: {
    name: 'x',
    description: 'x',
    type: 'HTTPS',
    checkIntervalSec: 1,
    timeoutSec: 1,
    healthyThreshold: 1,
    unhealthyThreshold: 1,
    httpHealthCheck: port,
    httpsHealthCheck: port,
    tcpHealthCheck: tcpPort as typeof port,
    logConfig: { enable: true },
  },
  targetTcpProxies: {
    name: 'x',
    description: 'x',
    service: 'x',
    proxyHeader: 'PROXY_V1',
    loadBalancingScheme: 'EXTERNAL_MANAGED',
  },
  addresses: {
    name: 'x',
    description: 'x',
    address: 'x',
    addressType: 'INTERNAL',
    ipVersion: 'IPV4',
    ipv6EndpointType: 'NETLB',
    prefixLength: 96,
    networkTier: 'PREMIUM',
    network: 'x',
    subnetwork: 'x',
    purpose: 'GCE_ENDPOINT',
    status: 'IN_USE',
    users: ['x'],
    labels: { a: 'b' },
  },
  firewalls: {
    name: 'x',
    description: 'x',
    network: 'x',
    direction: 'INGRESS',
    priority: 1,
    disabled: false,
    sourceRanges: ['x'],
    destinationRanges: ['x'],
    targetTags: ['x'],
    targetServiceAccounts: ['x'],
    allowed: [rule],
    denied: [rule],
    logConfig: { enable: true },
  },
  instanceGroups: {
    name: 'x',
    description: 'x',
    network: 'x',
    subnetwork: 'x',
    namedPorts: [{ name: 'x', port: 1 }],
    size: 1,
    zone: 'x',
  },
  subnetworks: {
    name: 'x',
    network: 'x',
    ipCidrRange: 'x',
    purpose: 'PRIVATE',
    role: 'ACTIVE',
    stackType: 'IPV6_ONLY',
    ipv6AccessType: 'EXTERNAL',
  },
  regions: { name: 'x', zones: ['x'] },
};

const schema = computeSchema();

test.each(Object.entries(wholes))('%s have no field, type or value that the schema has not', (kind, whole) => {
  expect(faultsOf(schema, schema.message(kinds[kind as Kind].message), whole, kind)).toEqual([]);
});

const stored: Whole<Omit<Stored, 'fingerprint' | 'labelFingerprint'>> = {
  name: 'x',
  selfLink: 'x',
  id: '1',
  creationTimestamp: 'x',
};

test.each(Object.keys(wholes))('%s come back with what every object has', kind => {
  expect(faultsOf(schema, schema.message(kinds[kind as Kind].message), stored, kind)).toEqual([]);
});
