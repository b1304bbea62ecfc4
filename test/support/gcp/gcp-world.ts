import { permissions } from '../../../providers/gcp/iam/role.ts';
import type { RigOptions, TestWorld } from '../../../src/provider/conformance.ts';
import type { Backend, LoadBalancer, Provider, ProviderContext } from '../../../src/provider/provider.ts';
import { type GceServer, startGceServer } from './gce-server.ts';
import { urlOf } from './schema/paths.ts';
import { fixtureNames } from './world/fixture.ts';
import type { GceOptions } from './world/options.ts';
import { servedBy } from './world/served.ts';
import type { Fields, StoredObject } from './world/store.ts';

export interface GcpWorldOptions {
  /** A provider whose API is at `server.endpoint`. */
  createProvider(context: ProviderContext, server: GceServer): Provider | Promise<Provider>;
  /** The description of a thing that another cluster's fairlead has made. */
  readonly foreignDescription: string;
  readonly server?: Partial<GceOptions>;
}

/** A world with every hook that the kit knows, and its server. */
export async function openGcpWorld(
  options: GcpWorldOptions,
): Promise<Required<TestWorld> & { readonly server: GceServer }> {
  const server = await startGceServer({ permissions: granted(), ...options.server });
  const { faults, journal, world } = server.gce;
  for (const node of kitNodes) server.fixture.addInstance(node, zoneFor(node));
  return {
    server,
    createProvider: context => options.createProvider(context, server),
    inventory: async () => made(server).map(lineOf),
    served: async id =>
      servedBy(
        world,
        made(server).filter(object => object.kind === 'forwardingRules' && isOf(object, id)),
      ),
    mutations: async () => journal.mutations.length,
    async failMutation(n, when) {
      faults.clear();
      if (n > 0) faults.add({ kind: when, mutating: true, skip: n - 1 });
    },
    async hang() {
      faults.add({ kind: 'hang', times: Number.POSITIVE_INFINITY });
      return async () => faults.clear();
    },
    async holdBack() {
      const release = world.operations.hold();
      return async () => release();
    },
    async addForeign() {
      putForeign(server, 'fl-made-by-hand', 'kept by hand');
      putForeign(server, 'fl-of-another', options.foreignDescription);
    },
    close: () => server.close(),
  };
}

/** What deploy/iam/gcp-role.yaml grants, and nothing else. */
export function granted(): ReadonlySet<string> {
  return new Set([...permissions().keys()].map(name => name.replace(/^compute\./, '')));
}

/** What the kit needs to judge a provider here. */
export function gcpRig(options: GcpWorldOptions): RigOptions {
  return { open: () => openGcpWorld(options), adjust: onInstances };
}

/** The names that the kit gives its nodes. */
const kitNodes = ['node-a', 'node-b', 'node-c', 'node-d'];

const zoneFor = (node: string): string =>
  fixtureNames.zones[node.charCodeAt(node.length - 1) % 2] ?? fixtureNames.zones[0];

const mapped = new WeakMap<readonly Backend[], readonly Backend[]>();

/** The kit's nodes as instances of the fixture's project: one array for one array, as the core hands them out. */
export function onInstances(loadBalancer: LoadBalancer): LoadBalancer {
  const known = mapped.get(loadBalancer.backends);
  const backends = known ?? loadBalancer.backends.map(onInstance);
  mapped.set(loadBalancer.backends, backends);
  return { ...loadBalancer, backends };
}

function onInstance(backend: Backend): Backend {
  const zone = zoneFor(backend.node);
  return { ...backend, providerId: `gce://${fixtureNames.project}/${zone}/${backend.node}`, zone };
}

/** Everything but what stood there from the beginning. */
export function made({ gce }: GceServer): readonly StoredObject[] {
  const fixed = new Set(['regions', 'zones', 'networks', 'subnetworks', 'instances']);
  return gce.world.store.everything().filter(({ kind }) => !fixed.has(kind));
}

/** Without what every change makes another one of. */
function lineOf({ path, fields, members }: StoredObject): string {
  const { id: _id, fingerprint: _print, labelFingerprint: _labels, creationTimestamp: _at, ...rest } = fields;
  const sorted = Object.entries(rest).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify({ path, ...Object.fromEntries(sorted), members: [...members].toSorted() });
}

/** Whoever's words the mark is in: the id of the balancer stands in it as a text of its own. */
const isOf = ({ fields }: StoredObject, id: string): boolean =>
  String(fields['description']).includes(JSON.stringify(id));

/** A whole balancer, as somebody else makes one. */
function putForeign({ gce: { world }, fixture }: GceServer, name: string, description: string): void {
  const regional = (kind: string): string => `projects/${fixture.project}/regions/${fixture.region}/${kind}/${name}`;
  const put = (path: string, fields: Fields): void => {
    world.store.add(
      path,
      { id: world.nextId(), name, description, selfLink: urlOf(path), fingerprint: world.nextFingerprint(), ...fields },
      'ready',
    );
  };
  const address = world.store.all('addresses').length + 200;
  put(regional('healthChecks'), { type: 'HTTP', httpHealthCheck: { port: 10_256 } });
  put(regional('backendServices'), {
    protocol: 'TCP',
    loadBalancingScheme: 'EXTERNAL',
    healthChecks: [urlOf(regional('healthChecks'))],
  });
  put(regional('addresses'), { address: `198.18.255.${address}`, addressType: 'EXTERNAL', networkTier: 'PREMIUM' });
  put(regional('forwardingRules'), {
    IPAddress: `198.18.255.${address}`,
    IPProtocol: 'TCP',
    ports: ['80'],
    loadBalancingScheme: 'EXTERNAL',
    backendService: urlOf(regional('backendServices')),
  });
  put(`projects/${fixture.project}/global/firewalls/${name}`, {
    network: urlOf(fixture.network),
    direction: 'INGRESS',
    allowed: [{ IPProtocol: 'tcp', ports: ['80'] }],
  });
}
