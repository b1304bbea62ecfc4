import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureBinaries } from '../../../deploy/local-cluster/binaries.mjs';

const nobody = 'http://127.0.0.1:1/no-index';

let root: string;
let cache: string;
let server: Server | undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fairlead-binaries-'));
  cache = join(root, 'cache');
});
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(root, { recursive: true });
});

test('KUBEBUILDER_ASSETS wins over the cache', async () => {
  fill(join(cache, 'k8s/v1.36.3'), ['etcd', 'kube-apiserver']);
  const assets = fill(join(root, 'assets'), ['etcd', 'kube-apiserver']);
  expect(await ensureBinaries(undefined, environment({ KUBEBUILDER_ASSETS: assets }))).toMatchObject({ dir: assets });
});

test('KUBEBUILDER_ASSETS without kube-apiserver is refused, not passed over', async () => {
  fill(join(cache, 'k8s/v1.36.3'), ['etcd', 'kube-apiserver']);
  const assets = fill(join(root, 'assets'), ['etcd']);
  const asked = ensureBinaries(undefined, environment({ KUBEBUILDER_ASSETS: assets }));
  await expect(asked).rejects.toThrow(`KUBEBUILDER_ASSETS=${assets} lacks kube-apiserver`);
});

test('kubectl comes from the cache where KUBEBUILDER_ASSETS has none, and is done without where nothing has it', async () => {
  const assets = fill(join(root, 'assets'), ['etcd', 'kube-apiserver']);
  const names = ['etcd', 'kube-apiserver', 'kubectl'];
  const env = environment({ KUBEBUILDER_ASSETS: assets });
  expect((await ensureBinaries(names, env)).paths).not.toHaveProperty('kubectl');
  const cached = fill(join(cache, 'k8s/v1.36.3'), ['kubectl']);
  expect((await ensureBinaries(names, env)).paths).toEqual({
    etcd: join(assets, 'etcd'),
    'kube-apiserver': join(assets, 'kube-apiserver'),
    kubectl: join(cached, 'kubectl'),
  });
});

test('the cache serves the asked minor by any patch, and an exact version by that one only', async () => {
  const cached = fill(join(cache, 'k8s/v1.34.1'), ['etcd', 'kube-apiserver']);
  expect(await ensureBinaries(undefined, environment({ K8S_VERSION: '1.34' }))).toMatchObject({ dir: cached });
  await expect(ensureBinaries(undefined, environment({ K8S_VERSION: '1.34.4' }))).rejects.toThrow('v1.34.4');
});

test('the archive of the index is downloaded, checked and kept', async () => {
  const index = await serveArchive('v1.36.2');
  const env = environment({ FAIRLEAD_ENVTEST_INDEX: index });
  const { dir } = await ensureBinaries(undefined, env);
  expect(dir).toBe(join(cache, 'k8s/v1.36.2'));
  expect(readdirSync(join(cache, 'k8s'))).toEqual(['v1.36.2']);
  server?.close();
  expect(await ensureBinaries(['kubectl'], env)).toMatchObject({ dir });
});

test('nothing of an archive with another checksum is used', async () => {
  const index = await serveArchive('v1.36.2', '0'.repeat(128));
  await expect(ensureBinaries(undefined, environment({ FAIRLEAD_ENVTEST_INDEX: index }))).rejects.toThrow('SHA-512');
  expect(readdirSync(join(cache, 'k8s'))).not.toContain('v1.36.2');
});

test('without cache, internet and Go, the message names the three ways out', async () => {
  const asked = ensureBinaries(undefined, environment({}));
  await expect(asked).rejects.toThrow(
    /No etcd, kube-apiserver of Kubernetes v1\.36\.3.*KUBEBUILDER_ASSETS.*internet.*Go/s,
  );
});

test('a failing build shows the end of what Go said, and leaves nothing that looks finished', async () => {
  const bin = fill(
    join(root, 'bin'),
    ['go'],
    'if [ "$1" = version ]; then exit 0; fi; echo "no space left" >&2; exit 1',
  );
  const asked = ensureBinaries(undefined, environment({ PATH: `${bin}${delimiter}/bin` }));
  await expect(asked).rejects.toThrow(/Building etcd.*no space left/s);
  expect(readdirSync(join(cache, 'k8s'))).not.toContain('v1.36.3');
});

test('a build puts each binary in its place', async () => {
  const bin = fill(
    join(root, 'bin'),
    ['go'],
    'while [ "$1" != -o ]; do [ $# = 0 ] && exit 0; shift; done; cp "$0" "$2"',
  );
  const { dir } = await ensureBinaries(undefined, environment({ PATH: `${bin}${delimiter}/bin` }));
  expect(dir).toBe(join(cache, 'k8s/v1.36.3'));
  expect(readdirSync(dir).toSorted()).toEqual(['etcd', 'kube-apiserver']);
});

/** Without Go and the internet, unless `extra` brings them. */
function environment(extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { FAIRLEAD_CACHE: cache, FAIRLEAD_ENVTEST_INDEX: nobody, PATH: join(root, 'empty'), ...extra };
}

function fill(folder: string, names: readonly string[], script = 'exit 0'): string {
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return folder;
}

/** Serves an index in the format of envtest-releases.yaml, with one archive for this machine; returns the index's URL. */
async function serveArchive(version: string, sha512?: string): Promise<string> {
  fill(join(root, 'controller-tools/envtest'), ['etcd', 'kube-apiserver', 'kubectl']);
  const file = join(root, 'archive.tar.gz');
  execFileSync('tar', ['-czf', file, '-C', root, 'controller-tools']);
  const archive = readFileSync(file);
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const name = `envtest-${version}-${process.platform}-${arch}.tar.gz`;
  const hash = sha512 ?? createHash('sha512').update(archive).digest('hex');
  server = createServer((request, response) => {
    const link = `http://${request.headers.host}/${name}`;
    response.end(
      request.url === '/index.yaml'
        ? `releases:\n  ${version}:\n    ${name}:\n      hash: ${hash}\n      selfLink: ${link}\n`
        : archive,
    );
  });
  await new Promise<void>(resolve => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/index.yaml`;
}
