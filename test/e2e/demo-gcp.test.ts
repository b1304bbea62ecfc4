import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { spawnGuarded } from '../../deploy/local-cluster/guarded-process.mjs';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

test('the demo of Google Cloud shows an address, what stands there for it, and that nothing is left', {
  timeout: 120_000,
}, async () => {
  const child = spawnGuarded(process.execPath, [main, 'demo', '--provider', 'gcp'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let shown = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (part: Buffer) => {
      shown += part.toString();
    });
  const code = await new Promise(resolve => child.once('close', resolve));
  expect(shown).toMatch(/LoadBalancerServing=True {2}Serving {2}198\.18\./);
  expect(shown).toMatch(/forwarding rule fl-\S+-v4-tcp-80: TCP 80 at 198\.18\./);
  expect(shown).toMatch(/forwarding rule fl-\S+-v4-tcp-443: TCP 443 at 198\.18\./);
  expect(shown).toMatch(/instance group fl-\S+-nodes in europe-west1-b: n1, n3\n/);
  expect(shown).toMatch(/firewall rule fl-\S+-fw-v4: tcp 80 from 0\.0\.0\.0\/0 to 198\.18\./);
  expect(shown).toContain('nothing: no forwarding rule, no backend service');
  expect(shown).toContain('Nothing is left.');
  expect(code).toBe(0);
});
