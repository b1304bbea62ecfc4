import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LocalCluster, startCluster } from '../../deploy/local-cluster/cluster.mjs';
import { freePort } from '../../deploy/local-cluster/free-port.mjs';
import { patchType } from '../../src/kube/client.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import type { KubeList, KubeObject, Lease, Service } from '../../src/kube/objects.ts';
import { type Running, startController } from '../support/controller-process.ts';
import { applyRole, roleUser } from '../support/loop-role.ts';
import { until } from '../support/loop-until.ts';
import { addressOf, stateOf } from '../support/loop-users.ts';

/** The controller as a process of its own, under the shipped role: how it starts, leads, hands over and ends; R19 and R22 included. */
const faulty = fileURLToPath(new URL('../support/loop-faulty-provider.ts', import.meta.url));
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const secret = 'hunter2';
const leasePath = '/apis/coordination.k8s.io/v1/namespaces/fairlead-system/leases/fairlead';
const servicesPath = '/api/v1/namespaces/default/services';

let cluster: LocalCluster;
let admin: KubeConnection;
let role = '';
const folder = mkdtempSync(join(tmpdir(), 'fairlead-loop-'));
const started: Running[] = [];

beforeAll(async () => {
  cluster = await startCluster({ users: [roleUser] });
  await applyRole(cluster.kubeconfig);
  role = cluster.kubeconfigFor(roleUser.name);
  admin = await connect({ kubeconfig: cluster.kubeconfig, userAgent: 'fairlead-test', clock: systemClock });
});
afterAll(async () => {
  await admin.close();
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

describe.concurrent('what is wrong is one line that says what to do, and exit code 2', () => {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  test.for([
    { name: 'an unknown flag', flags: ['--verify-intervall=5m'], says: 'did you mean --verify-interval' },
    { name: 'a bad value', flags: ['--verify-interval=soon'], says: '--verify-interval' },
    { name: 'values that do not fit together', flags: ['--renew-deadline=12s'], says: '--renew-deadline: must be' },
    { name: 'no such kubeconfig', flags: ['--kubeconfig=/nowhere/config'], says: '/nowhere/config' },
    { name: 'a malformed kubeconfig', flags: () => [`--kubeconfig=${file('bad', 'clusters: [')}`], says: 'bad' },
    { name: 'no such context', flags: () => [`--kubeconfig=${role}`, '--context=nope'], says: '--context' },
    {
      name: 'no such provider',
      flags: () => [`--kubeconfig=${role}`, '--provider=a=fairlead-nothing'],
      says: 'fairlead-nothing not found',
    },
    {
      name: 'a provider that refuses its configuration',
      flags: () => [`--kubeconfig=${role}`, '--provider=a=in-memory,config={"pool":"nonsense"}'],
      says: 'cannot start',
    },
    {
      name: 'a token that the API server does not know',
      flags: () => [
        `--kubeconfig=${file('token', readFileSync(role, 'utf8').replace(/"token": "\w+"/, '"token": "wrong"'))}`,
      ],
      says: 'Unauthorized',
    },
    {
      name: 'a server that cannot be reached',
      flags: async () => {
        const closed = `https://127.0.0.1:${await freePort()}`;
        return [`--kubeconfig=${file('unreachable', readFileSync(role, 'utf8').replace(cluster.url, closed))}`];
      },
      says: '127.0.0.1',
    },
  ])('$name', async ({ flags, says }) => {
    const { code, stdout, stderr } = await run('controller', ...(typeof flags === 'function' ? await flags() : flags));
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(says);
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
    expect(stdout + stderr).not.toContain('wrong');
  });

  test('all wrong flags are told at once', async () => {
    const { stderr } = await run('controller', '--nope', '--log-level=loud');
    expect(stderr.trim().split('\n')).toHaveLength(2);
  });
});

describe('a run of the controller', () => {
  afterEach(async () => {
    for (const { child, exit } of started.splice(0)) {
      child.kill('SIGKILL');
      await exit;
    }
    const { items } = await admin.request<KubeList<Service>>({ method: 'GET', path: servicesPath });
    for (const { metadata } of items) {
      const path = `${servicesPath}/${metadata.name}`;
      const body = { metadata: { finalizers: null } };
      await admin.request({ method: 'PATCH', path, contentType: patchType.merge, body });
      if (metadata.name !== 'kubernetes') await admin.request({ method: 'DELETE', path }).catch(() => undefined);
    }
    await admin.request({ method: 'DELETE', path: leasePath }).catch(() => undefined);
  });

  test('serves a Service, /healthz, /readyz and /metrics, and no secret is in its log, its metrics or its ConfigMap', async () => {
    const controller = await leading('--log-level=trace');
    await create('web');
    await served('web');
    const port = /"port":(\d+),"msg":"serving/.exec(controller.output())?.[1];
    const get = async (path: string): Promise<{ status: number; text: string }> => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: answer.status, text: await answer.text() };
    };
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    expect((await get('/nothing')).status).toBe(404);
    const { text } = await get('/metrics');
    for (const line of [
      'fairlead_leader 1',
      'fairlead_services{provider="a",state="ready"} 1',
      'fairlead_provider_call_duration_seconds_count{provider="a",verb="ensure",outcome="ok"} 1',
      'workqueue_depth{name="service"} 0',
      'fairlead_api_requests_total{verb="PATCH",resource="services",code="200"}',
      'fairlead_build_info{',
    ])
      expect(text).toContain(line);
    const path = '/api/v1/namespaces/fairlead-system/configmaps/fairlead-config';
    const readShown = () => admin.request<{ data: Record<string, string> }>({ method: 'GET', path });
    await until('the configuration is shown', () =>
      readShown().then(
        () => true,
        () => false,
      ),
    );
    const config = await readShown();
    expect(JSON.stringify(config.data)).toContain('loop.test/a');
    const token = /"token": "(\w+)"/.exec(readFileSync(role, 'utf8'))?.[1] ?? '';
    expect(token.length).toBeGreaterThan(10);
    for (const shown of [controller.output(), text, JSON.stringify(config)]) {
      expect(shown).not.toContain(token);
      expect(shown).not.toContain(secret);
    }
  });

  test('R22: SIGTERM lets a running call end, gives the Lease up, and exits 0; the next one leads at once', async () => {
    const flags = ['--lease-duration=10m', '--retry-period=250ms'];
    const first = await leading(...flags);
    const second = start(...flags);
    await create('slow');
    await until('the call is out', () => first.output().includes('finalizer fairlead.dev/a: written'));
    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);
    expect(addressOf(await read('slow'))).toBeDefined();
    await until('the second leads', () => second.output().includes('gained the Lease'));
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
    expect((await admin.request<Lease>({ method: 'GET', path: leasePath })).spec.holderIdentity).toBe('');
  });

  test('R22: a call that does not end within the grace is aborted, and the process ends in good order', async () => {
    const controller = await leading('--shutdown-grace=100ms');
    await create('hangs');
    await until('the call is out', () => controller.output().includes('finalizer fairlead.dev/a: written'));
    controller.child.kill('SIGTERM');
    expect(await controller.exit).toBe(0);
    expect(addressOf(await read('hangs'))).toBeUndefined();
  });

  test('a second signal ends it at once', async () => {
    const controller = await leading('--shutdown-grace=10m');
    await create('hangs');
    await until('the call is out', () => controller.output().includes('finalizer fairlead.dev/a: written'));
    controller.child.kill('SIGTERM');
    await until('the first one was heard', () => controller.output().includes('told to stop'));
    controller.child.kill('SIGINT');
    expect(await controller.exit).toBe(1);
  });

  test('R19: after SIGKILL the next one leads within the Lease’s duration and a second', async () => {
    const flags = ['--lease-duration=6s', '--renew-deadline=1s', '--retry-period=250ms'];
    const first = await leading(...flags);
    const second = start(...flags);
    await until('the second waits', () => second.output().includes('fairlead starts'));
    first.child.kill('SIGKILL');
    await first.exit;
    const before = await admin.request<Lease>({ method: 'GET', path: leasePath });
    await create('web');
    await served('web');
    const after = await admin.request<Lease>({ method: 'GET', path: leasePath });
    const waited = Date.parse(after.spec.acquireTime ?? '') - Date.parse(before.spec.renewTime ?? '');
    expect(waited).toBeGreaterThanOrEqual(6_000 - 250);
    expect(waited).toBeLessThanOrEqual(7_000);
    expect(after.spec.leaseTransitions).toBeGreaterThan(before.spec.leaseTransitions ?? 0);
  });

  test('a Lease that another takes ends it with exit code 1', async () => {
    const controller = await leading('--retry-period=250ms');
    const spec = { holderIdentity: 'somebody-else', renewTime: microTime(Date.now()), leaseDurationSeconds: 60 };
    await admin.request({ method: 'PATCH', path: leasePath, contentType: patchType.merge, body: { spec } });
    expect(await controller.exit).toBe(1);
    const { holderIdentity } = (await admin.request<Lease>({ method: 'GET', path: leasePath })).spec;
    expect(holderIdentity).toBe('somebody-else');
  });

  test('a promise of a provider’s that fails with nobody looking is counted and kills nothing', async () => {
    const controller = await leading();
    await create('rejects');
    await served('rejects');
    await create('web');
    await served('web');
    await until('it is logged', () => controller.output().includes('nobody looks at this'));
    const port = /"port":(\d+),"msg":"serving/.exec(controller.output())?.[1];
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain('fairlead_unhandled_rejections_total 1');
  });

  test('an exception that nobody catches ends it at once, with exit code 1', async () => {
    const controller = await leading();
    await create('throws');
    expect(await controller.exit).toBe(1);
    expect(controller.output()).toContain('nobody catches this');
  });

  test('without election no Lease is taken', async () => {
    start('--leader-elect=false');
    await create('web');
    await served('web');
    const absent = await admin.request({ method: 'GET', path: leasePath }).catch(error => error.status);
    expect(absent).toBe(404);
  });

  test('R20: the API server away and back: nothing is deleted, and new Services are served', async () => {
    const controller = await leading();
    await create('web');
    const before = await served('web');
    await cluster.restartApiServer();
    await create('new');
    await served('new');
    expect((await read('web')).status).toEqual(before.status);
    expect(controller.child.exitCode).toBeNull();
    expect(controller.output()).not.toContain('"step":"delete"');
  });

  test('an API server that answers nothing: the loop is suspended, not ended, and leads again when it answers', async () => {
    const controller = await leading('--lease-duration=6s', '--renew-deadline=1s', '--retry-period=250ms');
    await create('web');
    const before = await served('web');
    cluster.freezeApiServer();
    try {
      await until('it is suspended', () => controller.output().includes('"state":"suspended"'), outputs);
    } finally {
      cluster.thawApiServer();
    }
    await create('new');
    await served('new');
    expect(controller.output().match(/gained the Lease/g)).toHaveLength(2);
    expect((await read('web')).status).toEqual(before.status);
  });

  test('S12: without the right to write status nobody is asked for anything, and log and Event say why', async () => {
    const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles/fairlead';
    const whole = await admin.request<{ rules: readonly { resources: readonly string[] }[] }>({ method: 'GET', path });
    const rules = whole.rules.filter(rule => !rule.resources.includes('services/status'));
    const setRules = (body: object) => admin.request({ method: 'PATCH', path, contentType: patchType.merge, body });
    await setRules({ rules });
    try {
      const controller = await leading();
      await create('web');
      await until('it is told', () => controller.output().includes('"msg":"sync failed"'));
      const events = (): Promise<KubeList<KubeObject & { reason: string; message: string }>> =>
        admin.request({ method: 'GET', path: '/api/v1/namespaces/default/events' });
      await until('there is an Event', async () =>
        (await events()).items.some(
          ({ reason, message }) => reason === 'SyncLoadBalancerFailed' && /forbidden/.test(message),
        ),
      );
      expect(controller.output()).not.toContain('"msg":"ensured"');
      expect((await read('web')).metadata.finalizers).toBeUndefined();
      await setRules({ rules: whole.rules });
      await admin.request({
        method: 'PATCH',
        path: `${servicesPath}/web`,
        contentType: patchType.merge,
        body: { metadata: { labels: { again: 'yes' } } },
      });
      await served('web');
    } finally {
      await setRules({ rules: whole.rules });
    }
  });

  test('--dry-run prints a plan for every Service and writes nothing anywhere', async () => {
    await create('web');
    await create('leaving', { finalizers: ['fairlead.dev/a'] });
    await admin.request({ method: 'DELETE', path: `${servicesPath}/leaving` });
    await create('unmapped', {}, 'fairlead.dev/typo');
    await create('not-ours', {}, 'example.com/other');
    const before = await everything();
    const { code, stdout } = await run('controller', ...flagsOf(), '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^default\/web: add-finalizer fairlead\.dev\/a, then ensure with provider a$/m);
    expect(stdout).toMatch(/^default\/leaving: delete fl-\w{25} with provider a/m);
    expect(stdout).toMatch(/^default\/unmapped: node-port-only ClassNotMapped/m);
    expect(stdout).toMatch(/^default\/not-ours: nothing \(class example\.com\/other is not ours\)$/m);
    expect(await everything()).toEqual(before);
  });
});

describe('uninstall', () => {
  const uninstall = (...flags: readonly string[]) => run('uninstall', `--kubeconfig=${cluster.kubeconfig}`, ...flags);
  const lease = '--lease-namespace=fairlead-system';

  test('refuses while the Lease is held, and without somebody to ask; then it lists and lets go of everything', async () => {
    const first = await leading();
    await create('web');
    const { status } = await served('web');
    await create('going');
    await served('going');
    const held = await uninstall(lease, '--yes');
    expect(held.code).toBe(2);
    expect(held.stderr).toMatch(/holds the Lease fairlead-system\/fairlead: stop the controller first\n$/);
    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);
    await admin.request({ method: 'DELETE', path: `${servicesPath}/going` });
    const unasked = await uninstall(lease);
    expect(unasked.code).toBe(2);
    expect(unasked.stderr).toContain('--yes');
    expect((await read('web')).metadata.finalizers).toEqual(['fairlead.dev/a']);
    const done = await uninstall(lease, '--yes');
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toMatch(/^default\/web: balancer fl-\w{25} of provider a is kept outside$/m);
    expect(done.stdout).toContain('2 Services released');
    const web = await read('web');
    expect(web.metadata.finalizers).toBeUndefined();
    expect(web.status?.loadBalancer).toEqual(status?.loadBalancer);
    expect(stateOf(web, 'LoadBalancerServing')).toBe('False Abandoned');
    expect(await admin.request({ method: 'GET', path: `${servicesPath}/going` }).catch(error => error.status)).toBe(
      404,
    );
    expect((await uninstall(lease, '--yes')).stdout).toContain('nothing to do');
  });
});

/** Those of every controller here; `config` carries a secret. */
function flagsOf(): readonly string[] {
  return [
    `--kubeconfig=${role}`,
    `--provider=a=${faulty},class=loop.test/a,config=${JSON.stringify({ password: secret })}`,
    '--lease-namespace=fairlead-system',
  ];
}

function start(...flags: readonly string[]): Running {
  const controller = startController(...flagsOf(), ...flags);
  started.push(controller);
  return controller;
}

async function leading(...flags: readonly string[]): Promise<Running> {
  const controller = start(...flags);
  await until('it leads', () => controller.output().includes('gained the Lease'), outputs);
  return controller;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
function run(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise(resolve => child.once('close', code => resolve({ code, stdout, stderr })));
}

async function create(name: string, metadata: object = {}, loadBalancerClass = 'loop.test/a'): Promise<void> {
  const body = {
    metadata: { name, ...metadata },
    spec: { type: 'LoadBalancer', loadBalancerClass, ports: [{ port: 80 }] },
  };
  await admin.request({ method: 'POST', path: servicesPath, body });
}

function read(name: string): Promise<Service> {
  return admin.request({ method: 'GET', path: `${servicesPath}/${name}` });
}

async function served(name: string): Promise<Service> {
  await until(`${name} has an address`, async () => addressOf(await read(name)) !== undefined, outputs);
  return read(name);
}

function outputs(): string {
  return started.map(one => one.output().slice(-3_000)).join('\n');
}

/** resourceVersion of everything that a controller might write. */
async function everything(): Promise<readonly string[]> {
  const paths = ['/api/v1/services', '/api/v1/events', '/api/v1/configmaps', '/apis/coordination.k8s.io/v1/leases'];
  const lists = await Promise.all(paths.map(path => admin.request<KubeList<KubeObject>>({ method: 'GET', path })));
  return lists.flatMap(({ items }) =>
    items
      .filter(({ metadata }) => !metadata.name.startsWith('apiserver-'))
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name} ${metadata.resourceVersion}`),
  );
}

function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
