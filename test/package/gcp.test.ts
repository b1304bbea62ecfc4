import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GceServer, startGceServer } from '../support/gcp/gce-server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fairlead-gcp-'));
const dist = join(folder, 'dist');
const chunks = join(dist, 'chunks');
const run = promisify(execFile);
let server: GceServer;

beforeAll(async () => {
  server = await startGceServer();
  await run(process.execPath, [join(root, 'build.mjs'), dist], { cwd: root });
}, 60_000);

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const chunkOf = (prefix: string): string =>
  readdirSync(chunks).find(name => name.startsWith(prefix) && name.endsWith('.js')) ?? '';

describe('the bundle', () => {
  test.each([
    ['the provider', 'gcp-'],
    ['the SDK', 'sdk-'],
  ])('loads %s only when it is chosen', (_row, prefix) => {
    const chosen = chunkOf(prefix);
    expect(chosen).not.toBe('');
    const files = [dist, chunks].flatMap(parent => readdirSync(parent).map(name => join(parent, name)));
    const all = files.filter(file => file.endsWith('.js')).map(file => readFileSync(file, 'utf8'));
    expect(
      all.some(text => text.includes(`import("./${chosen}")`) || text.includes(`import("./chunks/${chosen}")`)),
    ).toBe(true);
    expect(all.filter(text => text.includes(`from"./${chosen}"`) || text.includes(`from"./chunks/${chosen}"`))).toEqual(
      [],
    );
  });

  test('has of the SDK what is used, and little else', () => {
    expect(statSync(join(chunks, chunkOf('sdk-'))).size).toBeLessThan(1_500_000);
  });

  test('makes a balancer, without a package beside it', async () => {
    writeFileSync(join(folder, 'on-gcp.mjs'), onGcp);
    const { hostname, port } = new URL(server.endpoint);
    const { project, region, zones } = server.fixture;
    const config = JSON.stringify({ project, region, endpoint: { host: hostname, port: Number(port) } });
    const { stdout } = await run(
      process.execPath,
      ['on-gcp.mjs', chunkOf('gcp-'), config, server.fixture.providerId('n1', zones[0]), zones[0]],
      { cwd: folder },
    );
    expect(JSON.parse(stdout)).toEqual({
      address: expect.stringMatching(/^198\.18\./),
      listed: 1,
      deleted: 'deleted',
      left: 0,
    });
  });
});

/** What the core does, in a few lines. */
const onGcp = `
const [chunk, config, providerId, zone] = process.argv.slice(2);
const { createProvider } = await import('./dist/chunks/' + chunk);
const after = (ms, run) => { const timer = setTimeout(run, ms); return () => clearTimeout(timer); };
const provider = await createProvider({
  cluster: 'c1', instance: 'gcp', config: JSON.parse(config), log: { info() {}, warn() {} },
  clock: { now: Date.now, monotonic: () => performance.now(), after },
  requeue() {}, resources: () => ({}), report() {},
});
const call = { signal: new AbortController().signal, epoch: '1', sequence: 1, assertLeading() {} };
const service = { namespace: 'default', name: 'web', uid: '5eed0000-0000-4000-8000-000000000001' };
const loadBalancer = {
  id: 'fl-u1', cluster: 'c1', service: { ...service, labels: {} },
  listeners: [{ name: '', protocol: 'TCP', port: 80, nodePort: 30080 }],
  backends: [{ node: 'n1', providerId, addresses: [], zone }],
  ipFamilies: ['IPv4'], requestedAddresses: [], sourceRanges: [], externalTrafficPolicy: 'Cluster',
  healthCheck: { path: '/healthz', port: 10256 }, sessionAffinity: { type: 'None' }, annotations: {}, ingress: [],
};
await provider.restore([], call);
const { ingress } = await provider.ensureLoadBalancer(loadBalancer, call);
const listed = await provider.listLoadBalancers(call);
const gone = await provider.ensureLoadBalancerDeleted({ id: 'fl-u1', cluster: 'c1', service }, call);
const left = await provider.listLoadBalancers(call);
await provider.close();
console.log(JSON.stringify({ address: ingress[0].ip, listed: listed.length, deleted: gone.state, left: left.length }));
`;
