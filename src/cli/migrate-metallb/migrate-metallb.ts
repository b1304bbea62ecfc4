import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../config/options.ts';
import { type KindObject, kindPath } from '../../controller/kinds/kind-object.ts';
import { type KubeClient, statusOf } from '../../kube/client.ts';
import { listPages } from '../../kube/list-pages.ts';
import type { KubeObject, Service } from '../../kube/objects.ts';
import { confirmed } from '../confirm.ts';
import { connectAs } from '../connect-as.ts';
import { orUserError, UserError } from '../user-error.ts';
import { type ConvertedPool, convertPools, type MetallbObjects } from './convert-pools.ts';
import { type HeldAddress, heldAddresses, sharedAcrossNamespaces } from './held-addresses.ts';
import { concerned, judgePools, uncovered } from './judge.ts';
import { nextSteps } from './next-steps.ts';
import { toYaml } from './to-yaml.ts';

const addressPools = { group: 'fairlead.dev', version: 'v1beta1', plural: 'addresspools' };
const metallbKind = (plural: string, namespace?: string) => ({
  group: 'metallb.io',
  version: 'v1beta1',
  plural,
  ...(namespace !== undefined && { namespace }),
});

/**
 * Copies MetalLB's pools to kinds of ours, with the credentials of the person who runs it: uninstalling MetalLB removes its kinds, and
 * with them every pool. Creates only; what is there already stays as it is. 0: all is there; 1: nothing was changed.
 */
export async function migrateMetallb(config: Config): Promise<0 | 1> {
  if (config.migrateFrom === undefined) throw new UserError('write fairlead migrate metallb');
  const connection = await connectAs(config);
  try {
    return await orUserError(() => migrate(connection, config));
  } finally {
    await connection.close();
  }
}

async function migrate(client: KubeClient, config: Config): Promise<0 | 1> {
  const { metallbNamespace: namespace, dryRun } = config;
  const metallb = await readMetallb(client, namespace);
  if (metallb.pools.length === 0) return nothingThere(client, namespace);
  const plan = await planMigration(client, metallb);
  const manifests = plan.pools.map(manifestOf);
  if (dryRun) process.stdout.write(manifests.map(one => `---\n${toYaml(one)}`).join(''));
  for (const line of plan.notes) process.stderr.write(`note: ${line}\n`);
  for (const line of plan.doubts) process.stderr.write(`fairlead: ${line}\n`);
  for (const line of plan.faults) process.stderr.write(`fairlead: ${line}\n`);
  if (plan.faults.length > 0) return refuse('correct this first');
  if (plan.doubts.length > 0 && !config.force) return refuse('nothing was changed: --force goes on in spite of this');
  if (dryRun) return 0;
  const missing = manifests.filter(({ metadata }) => !plan.existing.has(metadata.name));
  if (missing.length > 0) {
    process.stdout.write(missing.map(one => `---\n${toYaml(one)}`).join(''));
    if (!config.yes && !(await confirmed(`Create these ${missing.length} AddressPools?`)))
      return refuse('nothing was changed');
    await createAll(client, missing);
  }
  return verify(client, namespace, missing.length, plan.pools.length);
}

interface Plan {
  readonly pools: readonly ConvertedPool[];
  /** Names of the AddressPools that are there. */
  readonly existing: ReadonlySet<string>;
  readonly notes: readonly string[];
  /** What a person may decide to accept. */
  readonly doubts: readonly string[];
  /** What would not work. */
  readonly faults: readonly string[];
}

async function planMigration(client: KubeClient, metallb: MetallbObjects): Promise<Plan> {
  const [own, services, { parseLabelSelector }] = await Promise.all([
    readOwn(client),
    readAll<Service>(client, '/api/v1/services'),
    import('../../../providers/bare-metal/reading/label-selector.ts'),
  ]);
  const all = heldAddresses(services);
  const before = await judgePools(own, metallb.pools);
  const shared = sharedAcrossNamespaces(concerned(all, before)).map(
    one => one.pool ?? before.poolOf(one.address) ?? '',
  );
  const pools = convertPools(metallb, new Set(shared), parseLabelSelector);
  const existing = new Map(own.map(pool => [pool.metadata.name, pool]));
  const added = pools.filter(pool => !existing.has(pool.name)).map(pool => manifestOf(pool));
  const after = await judgePools([...own, ...added], []);
  return {
    pools,
    existing: new Set(existing.keys()),
    notes: pools.flatMap(pool => pool.notes.map(note => `pool ${pool.name}: ${note}`)),
    doubts: [
      ...pools.flatMap(pool => pool.losses.map(loss => `pool ${pool.name}: ${loss}`)),
      ...pools.flatMap(pool => otherwise(pool, existing.get(pool.name))),
      ...uncovered(concerned(all, before, after), after),
    ],
    faults: after.faults,
  };
}

/** An AddressPool of that name that says something else: a later change of the operator's, or a chance. It stays as it is. */
function otherwise({ name, spec }: ConvertedPool, existing: KindObject | undefined): readonly string[] {
  const defaults = { autoAssign: true, avoidBuggyIPs: false, sharedAcrossNamespaces: false };
  if (existing === undefined || isDeepStrictEqual({ ...defaults, ...spec }, { ...defaults, ...Object(existing.spec) }))
    return [];
  return [`AddressPool ${name} is there already and says something else than MetalLB’s pool: it stays as it is`];
}

async function readMetallb(client: KubeClient, namespace: string): Promise<MetallbObjects> {
  const read = (plural: string) => orNone(readAll<KindObject>(client, kindPath(metallbKind(plural, namespace))));
  const [pools, l2Advertisements, bgpAdvertisements] = await Promise.all(
    ['ipaddresspools', 'l2advertisements', 'bgpadvertisements'].map(read),
  );
  return { pools: pools ?? [], l2Advertisements: l2Advertisements ?? [], bgpAdvertisements: bgpAdvertisements ?? [] };
}

async function readOwn(client: KubeClient): Promise<readonly KindObject[]> {
  const own = await readAll<KindObject>(client, kindPath(addressPools)).catch((error: unknown) => {
    if (statusOf(error) !== 404) throw error;
    throw new UserError('the cluster has no kind AddressPool: kubectl apply -k deploy/crds first');
  });
  return own;
}

async function nothingThere(client: KubeClient, namespace: string): Promise<0 | 1> {
  const elsewhere = await orNone(readAll<KindObject>(client, kindPath(metallbKind('ipaddresspools'))));
  const namespaces = [...new Set(elsewhere.map(pool => pool.metadata.namespace ?? ''))];
  process.stdout.write(`there is no IPAddressPool in namespace ${namespace}: nothing to do\n`);
  if (namespaces.length === 0) return 0;
  return refuse(`there are some in ${namespaces.join(', ')}: name MetalLB’s own with --metallb-namespace`);
}

async function orNone<T>(list: Promise<readonly T[]>): Promise<readonly T[]> {
  return list.catch((error: unknown) => {
    if (statusOf(error) === 404) return [];
    throw error;
  });
}

async function readAll<T extends KubeObject>(client: KubeClient, path: string): Promise<readonly T[]> {
  const all: T[] = [];
  const { signal } = new AbortController();
  for await (const page of listPages<T>({ client, path, pageSize: 500, signal })) all.push(...page.items);
  return all;
}

type Manifest = KindObject & { readonly apiVersion: string; readonly kind: string };

function manifestOf({ name, spec }: ConvertedPool): Manifest {
  const metadata = { name } as KindObject['metadata'];
  return { apiVersion: 'fairlead.dev/v1beta1', kind: 'AddressPool', metadata, spec };
}

/** All are tried before the first is made, so that a refusal leaves nothing half done. */
async function createAll(client: KubeClient, manifests: readonly Manifest[]): Promise<void> {
  const path = kindPath(addressPools);
  const query = { fieldValidation: 'Strict' };
  for (const body of manifests)
    await client.request({ method: 'POST', path, body, query: { ...query, dryRun: 'All' } });
  for (const body of manifests) await client.request({ method: 'POST', path, body, query });
}

/** Against what the API server has now, not against what was meant. */
async function verify(client: KubeClient, namespace: string, created: number, wanted: number): Promise<0 | 1> {
  const [own, services] = await Promise.all([readOwn(client), readAll<Service>(client, '/api/v1/services')]);
  const judge = await judgePools(own, []);
  const held = concerned(heldAddresses(services), judge);
  const lines = [...judge.faults, ...uncovered(held, judge)];
  for (const line of lines) process.stderr.write(`fairlead: ${line}\n`);
  const had = created === wanted ? '' : `, ${wanted - created} were there already`;
  process.stdout.write(`${created} AddressPools created${had}; ${coverage(held, lines.length)}\n`);
  process.stdout.write(nextSteps(namespace, held));
  return lines.length === 0 ? 0 : 1;
}

function coverage(held: readonly HeldAddress[], faults: number): string {
  const services = new Set(held.map(one => one.service)).size;
  return faults === 0
    ? `every address that a Service holds is covered (${held.length} of ${services} Services)`
    : 'not every address that a Service holds is covered: see above, and leave MetalLB’s objects as they are';
}

function refuse(why: string): 1 {
  process.stderr.write(`fairlead: ${why}\n`);
  return 1;
}
