import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { version } from '../../src/version.ts';
import { startFakeAws } from '../support/aws/fake-aws.ts';
import { seedFixture } from '../support/aws/fixture.ts';
import { rawClients } from '../support/aws/raw-clients.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fairlead-package-'));
/** A stranger's project: the package unpacked under node_modules, and nothing else of ours. */
const app = join(folder, 'app');
const installed = join(app, 'node_modules/fairlead');
let packed: readonly string[] = [];

beforeAll(() => {
  const source = join(folder, 'source');
  mkdirSync(source);
  for (const file of ['package.json', 'LICENSE', 'README.md']) copyFileSync(join(root, file), join(source, file));
  execFileSync(process.execPath, [join(root, 'build.mjs'), join(source, 'dist')]);
  const pack = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--offline'], {
    cwd: source,
    encoding: 'utf8',
    stdio: 'pipe',
  });
  const { filename, files } = firstOf(JSON.parse(pack) as Packed);
  packed = files.map(({ path }) => path);
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(source, filename), '--strip-components=1', '-C', installed]);
  writeFileSync(join(app, 'package.json'), '{ "type": "module" }');
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

type Tarball = { readonly filename: string; readonly files: readonly { readonly path: string }[] };
type Packed = readonly Tarball[] | Readonly<Record<string, Tarball>>;

/** npm's answer is a list up to version 11, and one entry by name from then on. */
function firstOf(answer: Packed): Tarball {
  const [first] = Object.values(answer);
  if (first === undefined) throw new Error('npm has packed nothing');
  return first;
}

const node = (...args: readonly string[]) => spawnSync(process.execPath, args, { cwd: app, encoding: 'utf8' });
const evaluate = (code: string) => node('--input-type=module', '--eval', code).stdout.trim();

test('holds the bundle, its declarations and what must be beside them', () => {
  const rest = packed.filter(
    path => !/^dist\/(?:chunks\/)?[\w-]+\.js(?:\.LEGAL\.txt)?$/.test(path) && !/^dist\/types\/.*\.d\.ts$/.test(path),
  );
  expect(rest.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
});

test('the version is the same everywhere', () => {
  expect(version).toBe(packageJson.version);
  expect(node(join(installed, packageJson.bin.fairlead), 'version').stdout).toBe(`fairlead ${version}\n`);
});

describe('the program', () => {
  test('needs no other package', () => {
    const { status, stderr } = node(join(installed, 'dist/fairlead.js'), 'controller', '--kubeconfig=/absent/config');
    expect(stderr).toMatch(/^fairlead: .*\/absent\/config.*\n$/);
    expect(status).toBe(2);
  });

  test('says where the demo can be run', () => {
    const { status, stderr } = node(join(installed, 'dist/fairlead.js'), 'demo');
    expect([status, stderr]).toEqual([
      2,
      'fairlead: the demo runs in a clone of the repository only: there, npm run demo\n',
    ]);
  });

  test('runs by itself', () => {
    const path = `${dirname(process.execPath)}:${process.env.PATH}`;
    const { stdout } = spawnSync(join(installed, 'dist/fairlead.js'), ['version'], {
      encoding: 'utf8',
      env: { ...process.env, PATH: path },
    });
    expect(stdout).toBe(`fairlead ${version}\n`);
  });

  test('runs in the image as its first line says', () => {
    const [shebang = ''] = readFileSync(join(installed, 'dist/fairlead.js'), 'utf8').split('\n', 1);
    const [, memory, flags = ''] = /^#!\/usr\/bin\/env -S (MALLOC_\S+) node (.+)$/.exec(shebang) ?? [];
    const image = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8');
    expect(image).toContain(`ENV NODE_ENV=production ${memory}\n`);
    expect(image).toContain(
      `ENTRYPOINT ${JSON.stringify(['/usr/local/bin/node', ...flags.split(' '), '/app/fairlead.js']).replaceAll(',', ', ')}`,
    );
  });

  test.each([
    ['a provider', 'in-memory-'],
    ['the AWS provider', 'aws-'],
    ['the AWS SDK', 'commands-'],
  ])('loads %s only when it is chosen', (_row, prefix) => {
    const chunks = readdirSync(join(installed, 'dist/chunks')).filter(name => name.endsWith('.js'));
    const chosen = chunks.find(name => name.startsWith(prefix));
    expect(chosen).toBeDefined();
    const all = chunks.map(name => readFileSync(join(installed, 'dist/chunks', name), 'utf8')).join('\n');
    expect(all).toContain(`import("./${chosen}")`);
    expect(all).not.toContain(`from"./${chosen}"`);
  });

  test('has of the AWS SDK what is used and little else, and makes a balancer with it', async () => {
    const chunkOf = (prefix: string) =>
      readdirSync(join(installed, 'dist/chunks')).find(name => name.startsWith(prefix) && name.endsWith('.js')) ?? '';
    expect(statSync(join(installed, 'dist/chunks', chunkOf('commands-'))).size).toBeLessThan(200_000);
    writeFileSync(join(app, 'on-aws.mjs'), onAws);
    const fake = await startFakeAws();
    try {
      const clients = rawClients(fake.url);
      const { cluster, instances } = await seedFixture(clients.ec2);
      clients.close();
      const credentials = { AWS_REGION: 'us-west-2', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['on-aws.mjs', chunkOf('aws-'), cluster, JSON.stringify(instances[0])],
        { cwd: app, env: { ...process.env, ...credentials, AWS_ENDPOINT_URL: fake.url } },
      );
      expect(JSON.parse(stdout)).toEqual({ hostnames: 1, listed: 1, deleted: 'deleted', left: 0 });
    } finally {
      await fake.close();
    }
  });
});

describe('the door', () => {
  test('fairlead/provider gives an author what a provider needs', () => {
    expect(evaluate("console.log(Object.keys(await import('fairlead/provider')).sort().join())")).toBe(
      'ProviderError,diffByKey,providerErrorCode,providerErrors,throttledForMs',
    );
  });

  test('fairlead/conformance gives the kit', () => {
    expect(evaluate("console.log(typeof (await import('fairlead/conformance')).testProvider)")).toBe('function');
  });

  test('what is not declared cannot be imported', () => {
    expect(evaluate("await import('fairlead/dist/provider.js').catch((error) => console.log(error.code))")).toBe(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
  });

  test('a provider in TypeScript compiles against the declarations, and a wrong one does not', () => {
    writeFileSync(join(app, 'good.ts'), good);
    writeFileSync(join(app, 'bad.ts'), good.replace("state: 'deleted'", "state: 'gone'"));
    expect(compile('good.ts')).toEqual({ status: 0, stdout: '' });
    expect(compile('bad.ts').stdout).toContain('"gone"');
  });
});

function compile(file: string): { status: number | null; stdout: string } {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const flags = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--types',
    '',
  ];
  const { status, stdout } = node(tsc, ...flags, file);
  return { status, stdout };
}

/** What the core does, in a few lines. */
const onAws = `
const [chunk, clusterName, node] = process.argv.slice(2);
const { createProvider } = await import('./node_modules/fairlead/dist/chunks/' + chunk);
const { id: instance, zone, privateIp: address } = JSON.parse(node);
const after = (ms, run) => { const timer = setTimeout(run, ms); return () => clearTimeout(timer); };
const provider = await createProvider({
  cluster: 'c1', instance: 'aws', config: { clusterName }, log: { info() {}, warn() {} },
  clock: { now: Date.now, monotonic: () => performance.now(), after },
  requeue() {}, resources: () => ({}), report() {},
});
const call = { signal: new AbortController().signal, epoch: '1', sequence: 1, assertLeading() {} };
const service = { namespace: 'default', name: 'web', uid: 'u1' };
const loadBalancer = {
  id: 'f-u1', cluster: 'c1', service: { ...service, labels: {} },
  listeners: [{ name: '', protocol: 'TCP', port: 80, nodePort: 30080 }],
  backends: [{ node: 'n1', providerId: 'aws:///' + zone + '/' + instance, addresses: [{ type: 'InternalIP', address }], zone }],
  ipFamilies: ['IPv4'], requestedAddresses: [], sourceRanges: [], externalTrafficPolicy: 'Cluster',
  healthCheck: { path: '/healthz', port: 10256 }, sessionAffinity: { type: 'None' }, annotations: {}, ingress: [],
};
await provider.restore([], call);
let answer;
do answer = await provider.ensureLoadBalancer(loadBalancer, call);
while (answer.state === 'pending' && await new Promise(resolve => after(answer.retryAfterMs, () => resolve(true))));
const listed = await provider.listLoadBalancers(call);
let gone;
do gone = await provider.ensureLoadBalancerDeleted({ id: 'f-u1', cluster: 'c1', service }, call);
while (gone.state === 'pending' && await new Promise(resolve => after(gone.retryAfterMs, () => resolve(true))));
const left = await provider.listLoadBalancers(call);
await provider.close();
console.log(JSON.stringify({ hostnames: answer.ingress.length, listed: listed.length, deleted: gone.state, left: left.length }));
`;

const good = `
import { type CreateProvider, diffByKey, ProviderError } from 'fairlead/provider';
import { testProvider } from 'fairlead/conformance';

export const createProvider: CreateProvider = () => ({
  contractVersion: 1,
  capabilities: {
    protocols: ['TCP'], mixedProtocols: false, ipFamilies: ['IPv4'], dualStack: false, sourceRanges: false, sessionAffinity: false,
    keepsOutside: false, annotationPrefixes: [], labelPrefixes: [],
  },
  needs: () => ({ nodePorts: false }),
  async ensureLoadBalancer(lb) {
    const rules = { desiredKey: (one: string) => one, observedKey: (one: string) => one, same: () => true };
    if (diffByKey(lb.requestedAddresses, [], rules).create.length > 0) throw new ProviderError('unsupported', 'no');
    return { state: 'ready', ingress: [{ ip: '192.0.2.1' }] };
  },
  ensureLoadBalancerDeleted: async () => ({ state: 'deleted' }),
});
export const kit = testProvider;
`;
