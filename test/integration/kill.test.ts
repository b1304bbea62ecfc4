import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalCluster, startCluster } from '../../deploy/local-cluster/cluster.mjs';
import { patchType } from '../../src/kube/client.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import type { KubeList, Lease, Service } from '../../src/kube/objects.ts';
import { idOf } from '../../src/plan/load-balancer.ts';
import { type Running, startController, startWorld, worldProvider } from '../support/controller-process.ts';
import { seededRandom } from '../support/sim/random.ts';
import type { Fault, JournalEntry, Part } from '../support/world-state.ts';

/**
 * The provider's world in a process of its own, the controller killed and stopped at random: judged at that world and at the API server,
 * never by what the controller says.
 */
const kills = 50;
const serviceCount = 200;
const seed = Number(process.env['KILL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

let cluster: LocalCluster;
let api: KubeConnection;

beforeAll(async () => {
  cluster = await startCluster();
  api = await connect({ kubeconfig: cluster.kubeconfig, userAgent: 'kill-test', clock: systemClock });
}, 60_000);

afterAll(async () => {
  await api?.close();
  await cluster?.stop();
});

test(`ends with the right addresses and no leftovers after ${kills} SIGKILLs (KILL_SEED=${seed})`, {
  timeout: 400_000,
}, async () => {
  const random = seededRandom(seed);
  const world = await startWorld();
  const flags = (): string[] => [
    `--kubeconfig=${cluster.kubeconfig}`,
    `--provider=world=${worldProvider},default,config=${JSON.stringify({ url: world.url })}`,
    '--lease-name=kill',
    '--lease-duration=6s',
    '--renew-deadline=1s',
    '--retry-period=250ms',
  ];
  const watching = new AbortController();
  const published = watchAddresses(watching.signal);
  const users = changeServices(random);
  let controller: Running | undefined;
  try {
    for (let kill = 0; kill < kills; kill++) {
      if (random() < 0.5) await postFault(world.url, randomFault(random));
      const victim = startController(...flags());
      controller = victim;
      await until('the controller leads', async () => victim.output().includes('gained the Lease'));
      await pause(700 * random());
      controller.child.kill('SIGKILL');
      await controller.exit;
      // Most of the time somebody deletes the dead leader's Lease; sometimes the next one has to wait until it has run out.
      if (kill % 12 !== 0) await forgetLease('kill');
    }
    const wanted = await users.stop();
    await fetch(`${world.url}/faults`, { method: 'DELETE' });
    controller = startController(...flags());
    await until(
      'everything is settled',
      async () => (await faultsOf(world.url, wanted)).length === 0,
      90_000,
      async () => (await faultsOf(world.url, wanted)).slice(0, 5).join('\n'),
    );
    watching.abort();
    expect(await published).toEqual([]);
    await removeAll(wanted);
    await until(
      'nothing is left',
      async () => (await partsOf(world.url)).length === 0 && (await listServices()).length === 0,
      60_000,
    );
    expect(staleRequests(await journalOf(world.url))).toEqual([]);
  } finally {
    watching.abort();
    controller?.child.kill('SIGKILL');
    await world.stop();
  }
});

test('a leader that was stopped in mid-call past its Lease makes no request after the next one has begun', {
  timeout: 120_000,
}, async () => {
  const world = await startWorld();
  const flags = [
    `--kubeconfig=${cluster.kubeconfig}`,
    `--provider=world=${worldProvider},class=example.com/stop,config=${JSON.stringify({ url: world.url })}`,
    '--lease-name=stop',
    '--lease-duration=6s',
    '--renew-deadline=1s',
    '--retry-period=250ms',
  ];
  const first = startController(...flags);
  let second: Running | undefined;
  try {
    await until('the first leads', async () => first.output().includes('gained the Lease'));
    await postFault(world.url, { kind: 'delay', ms: 400, count: 1_000 });
    const names = Array.from({ length: 12 }, (_, index) => `stop-${index}`);
    for (const name of names) await createService('default', name, { loadBalancerClass: 'example.com/stop' });
    await until('calls are out', async () => (await journalOf(world.url)).length > 3);
    first.child.kill('SIGSTOP');
    second = startController(...flags);
    await until(
      'the second serves them all',
      async () => (await Promise.all(names.map(name => addressOf('default', name)))).every(Boolean),
      60_000,
    );
    first.child.kill('SIGCONT');
    expect(await first.exit).toBe(1);
    const journal = await journalOf(world.url);
    expect(new Set(journal.map(entry => entry.epoch)).size).toBe(2);
    expect(staleRequests(journal)).toEqual([]);
    for (const name of names)
      await api.request({ method: 'DELETE', path: `/api/v1/namespaces/default/services/${name}` });
    await until('nothing is left', async () => (await partsOf(world.url)).length === 0, 30_000);
  } finally {
    first.child.kill('SIGKILL');
    second?.child.kill('SIGKILL');
    await world.stop();
  }
});

/** Requests of an epoch that came in after one of a newer epoch. */
function staleRequests(journal: readonly JournalEntry[]): readonly JournalEntry[] {
  let newest = 0;
  return journal.filter(entry => {
    const stale = Number(entry.epoch) < newest;
    newest = Math.max(newest, Number(entry.epoch));
    return stale;
  });
}

type Wanted = ReadonlyMap<string, 'LoadBalancer' | 'ClusterIP'>;

/** Users at work: create, change, flip the type, delete, make again under the same name; `stop` returns what they want at the end. */
function changeServices(random: () => number): { stop(): Promise<Wanted> } {
  const wanted = new Map<string, 'LoadBalancer' | 'ClusterIP'>();
  let stopped = false;
  const work = async (): Promise<void> => {
    for (let name = 0; name < serviceCount; name += 4) {
      await Promise.all([0, 1, 2, 3].map(more => createService('default', `web-${name + more}`, {})));
      for (let more = 0; more < 4; more++) wanted.set(`web-${name + more}`, 'LoadBalancer');
      await pause(20);
    }
    while (!stopped) {
      const name = `web-${Math.floor(random() * serviceCount)}`;
      await changeOne(name, wanted, random);
      await pause(60 * random());
    }
  };
  const done = work();
  return {
    async stop() {
      stopped = true;
      await done;
      return wanted;
    },
  };
}

async function changeOne(
  name: string,
  wanted: Map<string, 'LoadBalancer' | 'ClusterIP'>,
  random: () => number,
): Promise<void> {
  const path = `/api/v1/namespaces/default/services/${name}`;
  const patch = (body: object): Promise<unknown> =>
    api.request({ method: 'PATCH', path, body, contentType: patchType.merge });
  const dice = random();
  if (!wanted.has(name)) {
    // Its name is taken as long as the finalizer holds the old one.
    if (await tryTo(() => createService('default', name, {}))) wanted.set(name, 'LoadBalancer');
  } else if (dice < 0.35) {
    await patch({
      spec: {
        ports: [
          { port: 80, name: 'a' },
          { port: 1_000 + Math.floor(random() * 1_000), name: 'b' },
        ],
      },
    });
  } else if (dice < 0.5) {
    await patch({ metadata: { annotations: { beat: String(random()) } } });
  } else if (dice < 0.65) {
    const type = wanted.get(name) === 'LoadBalancer' ? 'ClusterIP' : 'LoadBalancer';
    await patch({ spec: { type } });
    wanted.set(name, type);
  } else if (dice < 0.8) {
    await api.request({ method: 'DELETE', path });
    wanted.delete(name);
  }
}

/** What is not as the users want it, at the API server and in the world. */
async function faultsOf(url: string, wanted: Wanted): Promise<readonly string[]> {
  const [services, parts] = await Promise.all([listServices(), partsOf(url)]);
  const faults: string[] = [];
  const expected = new Set<string>();
  for (const service of services) {
    const { name, uid, finalizers = [], deletionTimestamp } = service.metadata;
    const ingress = service.status?.loadBalancer?.ingress ?? [];
    if (deletionTimestamp !== undefined || !wanted.has(name)) faults.push(`${name} is still there`);
    if (service.spec.type !== 'LoadBalancer') {
      if (finalizers.length > 0 || ingress.length > 0) faults.push(`${name} has left the type and has still a mark`);
      continue;
    }
    const mine = parts.filter(part => part.balancer === idOf(uid));
    const rules = (service.spec.ports ?? []).map(port => `rule-${port.protocol}-${port.port}`);
    for (const rule of ['address', ...rules]) expected.add(`${idOf(uid)}/${rule}`);
    if (mine.find(part => part.name === 'address')?.address !== ingress[0]?.ip || ingress.length !== 1)
      faults.push(`${name} publishes ${JSON.stringify(ingress)}`);
    for (const port of service.spec.ports ?? []) {
      const rule = mine.find(part => part.name === `rule-${port.protocol}-${port.port}`);
      if (rule?.spec?.nodePort !== port.nodePort)
        faults.push(`${name}: port ${port.port} leads to ${rule?.spec?.nodePort}`);
    }
    if (!finalizers.includes('fairlead.dev/world')) faults.push(`${name} has no finalizer`);
  }
  for (const part of parts)
    if (!expected.has(`${part.balancer}/${part.name}`)) faults.push(`left over: ${part.balancer}/${part.name}`);
  for (const name of wanted.keys())
    if (!services.some(service => service.metadata.name === name)) faults.push(`${name} is missing`);
  return faults;
}

/** Every address that changed, or went away, while its Service stayed a LoadBalancer. */
async function watchAddresses(signal: AbortSignal): Promise<readonly string[]> {
  const changed: string[] = [];
  const known = new Map<string, string>();
  const path = '/api/v1/services';
  const { metadata } = await api.request<KubeList<Service>>({ method: 'GET', path });
  try {
    for await (const { type, object } of api.watch<Service>({
      path,
      query: { watch: '1', resourceVersion: metadata.resourceVersion },
      signal,
      idleDeadlineMs: 600_000,
    })) {
      if (type !== 'ADDED' && type !== 'MODIFIED') continue;
      const { uid, name, deletionTimestamp } = object.metadata;
      const address = object.status?.loadBalancer?.ingress?.[0]?.ip;
      const before = known.get(uid);
      if (object.spec.type !== 'LoadBalancer' || deletionTimestamp !== undefined) known.delete(uid);
      else if (before !== undefined && address !== before) changed.push(`${name}: ${before} → ${address}`);
      else if (address !== undefined) known.set(uid, address);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return changed;
}

function randomFault(random: () => number): Fault {
  const kinds = ['before', 'after', 'delay'] as const;
  return {
    kind: kinds[Math.floor(random() * kinds.length)] ?? 'before',
    skip: Math.floor(random() * 10),
    count: 1 + Math.floor(random() * 5),
    ms: Math.floor(random() * 300),
  };
}

async function createService(namespace: string, name: string, spec: object): Promise<void> {
  const body = { metadata: { name }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec } };
  await api.request({ method: 'POST', path: `/api/v1/namespaces/${namespace}/services`, body });
}

async function addressOf(namespace: string, name: string): Promise<string | undefined> {
  const service = await api.request<Service>({
    method: 'GET',
    path: `/api/v1/namespaces/${namespace}/services/${name}`,
  });
  return service.status?.loadBalancer?.ingress?.[0]?.ip;
}

async function listServices(): Promise<readonly Service[]> {
  const list = await api.request<KubeList<Service>>({ method: 'GET', path: '/api/v1/namespaces/default/services' });
  return list.items.filter(service => service.metadata.name.startsWith('web-'));
}

async function removeAll(wanted: Wanted): Promise<void> {
  for (const name of wanted.keys())
    await api.request({ method: 'DELETE', path: `/api/v1/namespaces/default/services/${name}` });
}

async function forgetLease(name: string): Promise<void> {
  await tryTo(() =>
    api.request<Lease>({
      method: 'DELETE',
      path: `/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/${name}`,
    }),
  );
}

async function tryTo(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch {
    return false;
  }
}

async function postFault(url: string, fault: Fault): Promise<void> {
  await fetch(`${url}/faults`, { method: 'POST', body: JSON.stringify(fault) });
}

async function partsOf(url: string): Promise<readonly Part[]> {
  return ((await (await fetch(`${url}/parts`)).json()) as { parts: readonly Part[] }).parts;
}

async function journalOf(url: string): Promise<readonly JournalEntry[]> {
  return (await (await fetch(`${url}/journal`)).json()) as readonly JournalEntry[];
}

async function until(
  what: string,
  holds: () => Promise<boolean>,
  patienceMs = 20_000,
  detail: () => Promise<string> = async () => '',
): Promise<void> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > patienceMs)
      throw new Error(`after ${patienceMs / 1_000} s it is not so that ${what}\n${await detail()}`);
    await pause(100);
  }
}
