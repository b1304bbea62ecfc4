import { createProvider } from '../../../providers/gcp/gcp.ts';
import type { Served, TestWorld } from '../../../src/provider/conformance.ts';
import type { Backend, LoadBalancer } from '../../../src/provider/provider.ts';
import { type GceServer, startGceServer } from './gce-server.ts';
import type { GceOptions } from './options.ts';
import { nameOf } from './schema/paths.ts';
import type { Fields, StoredObject } from './store.ts';

/** What stands in the world by itself. */
const seeded = new Set(['regions', 'zones', 'networks', 'subnetworks', 'instances', 'operations']);

/** The kit's view of a Compute Engine, with the provider on it through the real SDK. */
export async function openGce(
  config: object = {},
  options: Partial<GceOptions> = {},
): Promise<Required<TestWorld> & { readonly server: GceServer }> {
  const server = await startGceServer(options);
  const { gce, fixture } = server;
  for (const name of ['node-a', 'node-b', 'node-c']) fixture.addInstance(name, fixture.zones[0]);
  return {
    server,
    createProvider: context =>
      createProvider({ ...context, config: configFor(server, config) }, { operationPatienceMs: 500 }),
    inventory: async () => made(server).map(lineOf),
    served: async id => servedBy(server, id),
    mutations: async () => gce.journal.mutations.length,
    async failMutation(n, when) {
      gce.faults.clear();
      if (n > 0) gce.faults.add({ kind: when, mutating: true, skip: n - 1 });
    },
    async hang() {
      gce.faults.add({ kind: 'hang', times: Number.POSITIVE_INFINITY });
      return async () => gce.faults.clear();
    },
    async holdBack() {
      const release = gce.world.operations.hold();
      return async () => release();
    },
    async addForeign() {
      addForeign(server);
    },
    close: () => server.close(),
  };
}

/** What the operator writes for this world. */
export function configFor({ endpoint, fixture }: GceServer, config: object = {}): object {
  const { hostname: host, port } = new URL(endpoint);
  const { project, region } = fixture;
  return {
    project,
    region,
    subnetwork: 'nodes',
    endpoint: { host, port: Number(port) },
    credentials: 'none',
    ...config,
  };
}

/** The kit's nodes, as machines of this world. */
export function onGce(loadBalancer: LoadBalancer): LoadBalancer {
  return { ...loadBalancer, backends: backendsOnGce(loadBalancer.backends) };
}

const mapped = new WeakMap<readonly Backend[], readonly Backend[]>();

/** One array for one array, as the core hands them out. */
function backendsOnGce(backends: readonly Backend[]): readonly Backend[] {
  const known = mapped.get(backends);
  if (known !== undefined) return known;
  const zone = 'europe-west1-b';
  const own = backends.map(backend => ({ ...backend, zone, providerId: `gce://demo-project/${zone}/${backend.node}` }));
  mapped.set(backends, own);
  return own;
}

/** Everything that somebody has made. */
export function made({ gce }: GceServer): readonly StoredObject[] {
  return gce.world.store.everything().filter(({ kind }) => !seeded.has(kind));
}

/** Without what is another one every time: ids, times, fingerprints. */
function lineOf({ path, fields, members }: StoredObject): string {
  const { id: _id, fingerprint: _print, labelFingerprint: _labels, creationTimestamp: _at, ...rest } = fields;
  const sorted = Object.fromEntries(Object.entries(rest).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  return `${path} ${JSON.stringify(sorted)} ${[...members].toSorted().join()}`;
}

function addForeign({ gce, fixture }: GceServer): void {
  const { project, region, network } = fixture;
  const { store } = gce.world;
  const mark = JSON.stringify({
    'fairlead.dev/cluster': 'somebody-else',
    'fairlead.dev/service': 'default/web',
    'fairlead.dev/uid': '1',
    'fairlead.dev/id': 'fl-1',
  });
  for (const [name, description] of [
    ['made-by-hand', undefined],
    ['fl-of-another', mark],
  ] as const) {
    const fields = { name, ...(description === undefined ? {} : { description }) };
    store.add(`projects/${project}/global/firewalls/${name}`, { ...fields, network }, 'ready');
    store.add(`projects/${project}/regions/${region}/healthChecks/${name}`, { ...fields, type: 'TCP' }, 'ready');
    store.add(`projects/${project}/regions/${region}/backendServices/${name}`, fields, 'ready');
  }
}

/** What arrives at which nodes: rules as far as the firewall lets it in. */
function servedBy({ gce }: GceServer, id: string): readonly Served[] {
  const { store } = gce.world;
  const own = (kind: string) =>
    store.all(kind).filter(({ fields }) => String(fields['description']).includes(`"fairlead.dev/id":"${id}"`));
  const firewalls = own('firewalls').filter(({ fields }) => fields['destinationRanges'] !== undefined);
  return own('forwardingRules').flatMap(({ fields: rule }) => {
    const service = store.find(pathOf(String(rule['backendService'])));
    const groups = (service?.fields['backends'] ?? []) as readonly Fields[];
    const backends = groups.flatMap(({ group }) =>
      [...(store.find(pathOf(String(group)))?.members ?? [])].map(path => nameOf(path)),
    );
    const address = String(rule['IPAddress']).replace(/\/.*/, '');
    return firewalls
      .filter(({ fields }) => String(fields['destinationRanges']).startsWith(address))
      .flatMap(({ fields }) => admitted(rule, fields).map(one => ({ ...one, backends: [...new Set(backends)] })));
  });
}

function admitted(rule: Fields, firewall: Fields): readonly Omit<Served, 'backends'>[] {
  const everyone = ['0.0.0.0/0', '::/0'];
  const sources = firewall['sourceRanges'] as readonly string[];
  const sourceRanges = sources.filter(range => !everyone.includes(range));
  const allowed = firewall['allowed'] as readonly { IPProtocol: string; ports: readonly string[] }[];
  return allowed.flatMap(({ IPProtocol, ports }) => {
    const protocol = IPProtocol.toUpperCase() as 'TCP' | 'UDP';
    if (rule['IPProtocol'] !== protocol && rule['IPProtocol'] !== 'L3_DEFAULT') return [];
    return ports
      .flatMap(expand)
      .filter(port => rule['allPorts'] === true || (rule['ports'] as readonly string[]).includes(String(port)))
      .map(port => ({ protocol, port, sourceRanges }));
  });
}

function expand(range: string): readonly number[] {
  const [first = 0, last = first] = range.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}

function pathOf(url: string): string {
  return url.replace(/^.*\/compute\/v1\//, '');
}
