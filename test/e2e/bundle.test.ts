import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { describeInLab } from '../support/e2e/describe-in-lab.ts';
import { expose } from '../support/e2e/expose.ts';
import { soleOwner } from '../support/e2e/who-answers.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fairlead-bundle-'));
const dist = join(folder, 'dist');
afterAll(() => rmSync(folder, { recursive: true }));

const packages = ['iputils-arping'];
const build = () => {
  execFileSync(process.execPath, [join(root, 'build.mjs'), dist]);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules')); // koffi, as an installed package has it
};

describeInLab(
  'what is published',
  { packages, before: build, fairlead: { command: [process.execPath, join(dist, 'fairlead.js')] } },
  running => {
    test('gives addresses, and answers for them', async () => {
      const { lab } = running();
      const pod = await lab.addEchoPod(lab.segment.node('node-a'));
      const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
      const service = await expose(lab, { ports, backends: [pod], spec: { externalTrafficPolicy: 'Local' } });
      expect(await soleOwner(lab.segment, service.external.v4)).toMatchObject({ name: 'node-a' });
    });
  },
);
