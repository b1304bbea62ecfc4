import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { spawnGuarded } from '../../deploy/local-cluster/guarded-process.mjs';
import { whyNoLabHere as why } from '../support/e2e/describe-in-lab.ts';
import { inBrackets } from '../support/e2e/in-brackets.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

describe.skipIf(why !== undefined)(`the demo${inBrackets(why)}`, () => {
  test('shows traffic, an outage and its end, and leaves nothing behind', { timeout: 180_000 }, async () => {
    const child = spawnGuarded(process.execPath, [main, 'demo'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let shown = '';
    child.stdout?.on('data', (part: Buffer) => {
      shown += part.toString();
    });
    const code = await new Promise(resolve => child.once('close', resolve));
    expect(shown).toMatch(/HTTP\/1\.1 200 OK/);
    expect(shown).toMatch(/announcing from node "node-[abc]" with protocol "layer2"/);
    const before = /is (node-[abc]): its speaker answers/.exec(shown)?.[1];
    const after = /longest time without an answer: \d+ ms\n.*: (node-[abc])\n/.exec(shown)?.[1];
    expect([before, after]).toEqual([expect.any(String), expect.not.stringMatching(before ?? '')]);
    expect(shown).toMatch(/Nothing is left/);
    expect(code).toBe(0);
    expect(readdirSync('/run/netns').filter(name => name.startsWith(`fl-${child.pid}-`))).toEqual([]);
  });
});
