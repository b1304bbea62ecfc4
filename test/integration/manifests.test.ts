import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureBinaries } from '../../deploy/local-cluster/binaries.mjs';
import { sharedCluster } from '../support/cluster.ts';

const kustomize = fileURLToPath(new URL('../../deploy/kustomize', import.meta.url));
const overlay = mkdtempSync(join(tmpdir(), 'fairlead-overlay-'));
let kubectl = '';

beforeAll(async () => {
  kubectl = (await ensureBinaries(['kubectl'])).paths['kubectl'] ?? 'kubectl';
});
afterAll(() => rmSync(overlay, { recursive: true }));

const run = (...args: readonly string[]): string => execFileSync(kubectl, args, { encoding: 'utf8' });

test('a real API server takes the manifests, checked field by field, and changes nothing the second time', () => {
  const { kubeconfig } = sharedCluster();
  const apply = [
    'apply',
    `--kubeconfig=${kubeconfig}`,
    '--validate=strict',
    '--server-side',
    `--kustomize=${kustomize}`,
  ];
  run(...apply);
  const versions = () =>
    run(
      'get',
      `--kubeconfig=${kubeconfig}`,
      `--kustomize=${kustomize}`,
      '-o=jsonpath={range .items[*]}{.kind} {.metadata.resourceVersion}{"\\n"}{end}',
    );
  const before = versions();
  run(...apply);
  expect(versions()).toBe(before);
  expect(before.split('\n')).toHaveLength(9);
});

test('the component turns filling on and adds its right', () => {
  const resources = [relative(overlay, kustomize)];
  const components = [relative(overlay, join(kustomize, 'components/fill-node-ports'))];
  writeFileSync(join(overlay, 'kustomization.yaml'), JSON.stringify({ resources, components }));
  const made = run('kustomize', overlay);
  expect(made).toMatch(/- name: FAIRLEAD_FILL_NODE_PORTS\n\s+value: "true"/);
  expect(made).toContain('name: fairlead-fill-node-ports');
});

test('the component for bare metal adds its kinds and rights, and a real API server takes them', () => {
  const { kubeconfig } = sharedCluster();
  const resources = [relative(overlay, kustomize)];
  const components = [relative(overlay, join(kustomize, 'components/bare-metal'))];
  writeFileSync(join(overlay, 'kustomization.yaml'), JSON.stringify({ resources, components }));
  const flags = [`--kubeconfig=${kubeconfig}`, '--validate=strict', '--server-side', '--force-conflicts'];
  const applied = run('apply', ...flags, '--dry-run=server', `--kustomize=${overlay}`);
  for (const name of ['addresspools.fairlead.dev', 'speakers.fairlead.dev'])
    expect(applied).toContain(`customresourcedefinition.apiextensions.k8s.io/${name} serverside-applied`);
  expect(applied).toContain('clusterrole.rbac.authorization.k8s.io/fairlead-bare-metal serverside-applied');
});

test('the example of an installation on EKS is taken by a real API server: the right to endpoints, the role, one provider', () => {
  const { kubeconfig } = sharedCluster();
  const eks = fileURLToPath(new URL('../../deploy/aws/eks', import.meta.url));
  const flags = [`--kubeconfig=${kubeconfig}`, '--validate=strict', '--server-side', '--force-conflicts'];
  const applied = run('apply', ...flags, '--dry-run=server', `--kustomize=${eks}`);
  expect(applied).toContain('clusterrole.rbac.authorization.k8s.io/fairlead-endpoints serverside-applied');
  const built = run('kustomize', eks);
  expect(built).toContain('eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/fairlead');
  expect(built.match(/name: FAIRLEAD_PROVIDER/g)).toHaveLength(1);
});

test('the component of the speakers is taken by a real API server, checked field by field, its admission policy among it', () => {
  const resources = [relative(overlay, kustomize)];
  const components = ['bare-metal', 'speaker'].map(name => relative(overlay, join(kustomize, 'components', name)));
  writeFileSync(join(overlay, 'kustomization.yaml'), JSON.stringify({ resources, components }));
  const { kubeconfig } = sharedCluster();
  const flags = [`--kubeconfig=${kubeconfig}`, '--validate=strict', '--server-side', '--force-conflicts'];
  const applied = run('apply', ...flags, '--dry-run=server', `--kustomize=${overlay}`);
  expect(applied.split('\n').filter(line => line.includes('fairlead-speaker'))).toHaveLength(9);
});
