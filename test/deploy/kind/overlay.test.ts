import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kindOverlay } from '../../../deploy/kind/overlay.mjs';
import { ensureBinaries } from '../../../deploy/local-cluster/binaries.mjs';

const kustomize = fileURLToPath(new URL('../../../deploy/kustomize', import.meta.url));
const overlay = mkdtempSync(join(tmpdir(), 'fairlead-overlay-'));
let kubectl = '';

beforeAll(async () => {
  kubectl = (await ensureBinaries(['kubectl'])).paths['kubectl'] ?? 'kubectl';
}, 600_000);
afterAll(() => rmSync(overlay, { recursive: true }));

test('kustomize builds what the script applies: both workloads with the provider, and the heartbeats’ Secret', () => {
  const content = kindOverlay({ kustomize: relative(overlay, kustomize), key: 'k'.repeat(64) });
  writeFileSync(join(overlay, 'kustomization.yaml'), JSON.stringify(content));
  const built = execFileSync(kubectl, ['kustomize', overlay], { encoding: 'utf8' }).split('\n---\n');
  const ofKind = (kind: string) => built.filter(text => text.includes(`\nkind: ${kind}\n`));
  for (const kind of ['Deployment', 'DaemonSet'])
    expect(ofKind(kind)).toEqual([expect.stringContaining('value: lan=bare-metal,default')]);
  expect(ofKind('Secret')).toEqual([
    expect.stringMatching(/name: fairlead-heartbeat\n {2}namespace: fairlead-speaker\n/),
  ]);
});
