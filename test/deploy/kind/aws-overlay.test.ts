import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadAllYaml } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { awsOverlay } from '../../../deploy/kind/aws-overlay.mjs';
import { ensureBinaries } from '../../../deploy/local-cluster/binaries.mjs';
import { parseConfig } from '../../../src/config/parse-config.ts';

const kustomize = fileURLToPath(new URL('../../../deploy/kustomize', import.meta.url));
const overlay = mkdtempSync(join(tmpdir(), 'fairlead-overlay-'));
let kubectl = '';

beforeAll(async () => {
  kubectl = (await ensureBinaries(['kubectl'])).paths['kubectl'] ?? 'kubectl';
}, 600_000);
afterAll(() => rmSync(overlay, { recursive: true }));

interface Deployment {
  readonly kind: string;
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly env: readonly Variable[] }[] } };
  };
}
interface Variable {
  readonly name: string;
  readonly value?: string;
}

test('kustomize builds what the script applies: the emulator’s variables, and one provider that the controller takes', () => {
  const config = { vpcId: 'vpc-1', clusterName: 'kind' };
  const content = awsOverlay({ kustomize: relative(overlay, kustomize), endpoint: 'http://aws-emulator:5000', config });
  writeFileSync(join(overlay, 'kustomization.yaml'), JSON.stringify(content));
  const built = loadAllYaml(
    execFileSync(kubectl, ['kustomize', overlay], { encoding: 'utf8' }),
  ) as readonly Deployment[];
  const deployment = built.find(({ kind }) => kind === 'Deployment');
  const variables = (deployment?.spec.template.spec.containers[0]?.env ?? []).map(
    ({ name, value }) => [name, value] as const,
  );
  expect(new Set(variables.map(([name]) => name)).size).toBe(variables.length);
  const env = Object.fromEntries(variables);
  expect(env).toMatchObject({ AWS_ENDPOINT_URL: 'http://aws-emulator:5000', AWS_EC2_METADATA_DISABLED: 'true' });
  expect(parseConfig([], { FAIRLEAD_PROVIDER: env['FAIRLEAD_PROVIDER'] })).toMatchObject({
    ok: true,
    config: { provider: [{ name: 'aws', module: 'aws', isDefault: true, config: { kind: 'inline', value: config } }] },
  });
});
