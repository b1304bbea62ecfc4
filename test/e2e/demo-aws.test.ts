import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { spawnGuarded } from '../../deploy/local-cluster/guarded-process.mjs';
import { bringMoto } from '../../deploy/local-cluster/moto/moto.mjs';
import { inBrackets } from '../support/e2e/describe-in-lab.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const why = await bringMoto();

function demo(...flags: readonly string[]): Promise<{ readonly code: number | null; readonly shown: string }> {
  const child = spawnGuarded(process.execPath, [main, 'demo', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  let shown = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (part: Buffer) => {
      shown += part.toString();
    });
  return new Promise(resolve => child.once('close', code => resolve({ code, shown })));
}

describe.skipIf(why !== undefined)(`the demo of AWS${inBrackets(why)}`, () => {
  test('shows a hostname, what stands at AWS for it, and that nothing is left', { timeout: 120_000 }, async () => {
    const { code, shown } = await demo('--provider', 'aws');
    expect(shown).toMatch(/LoadBalancerServing=True {2}Serving {2}k8s-default-web-\S+\.us-west-2\.elb\.amazonaws\.com/);
    expect(shown).toMatch(
      /load balancer k8s-default-web-\S+: network, internet-facing, active, in us-west-2a and us-west-2b/,
    );
    expect(shown).toMatch(/listener TCP 80 → targets (?:i-\w+:\d+(?:, )?){3}\n/);
    expect(shown).toMatch(/listener TCP 443 → targets (?:i-\w+:\d+(?:, )?){3}\n/);
    expect(shown).toMatch(/of the nodes.*lets in .*tcp 30000-32767 from sg-/);
    expect(shown).toContain('nothing: no load balancer, no target group');
    expect(shown).toContain('Nothing is left.');
    expect(code).toBe(0);
  });

  test('a provider that it cannot show is one line and exit code 2', async () => {
    const { code, shown } = await demo('--provider=azure');
    expect({ code, shown }).toEqual({
      code: 2,
      shown: 'fairlead: --provider azure: the demo knows aws and gcp; without it, it shows bare metal\n',
    });
  });
});
