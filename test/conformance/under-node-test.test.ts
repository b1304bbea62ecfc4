import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checks } from '../../src/provider/conformance.ts';

const file = fileURLToPath(new URL('under-node-test.ts', import.meta.url));

/** Runs the file as an author would, free of what vitest leaves in the environment. */
async function run(broken: 'yes' | 'no'): Promise<{ readonly code: number; readonly output: string }> {
  const env = { PATH: process.env['PATH'], BROKEN: broken };
  const child = spawn(process.execPath, ['--test', '--test-reporter=tap', file], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number]>]);
  return { code, output };
}

test('the kit runs under node:test, and reports what it skips', async () => {
  const { code, output } = await run('no');
  expect(output).toContain(`# tests ${checks.length}\n`);
  expect(output).toContain('# fail 0\n');
  expect(output).toContain('# skipped 2\n');
  expect(output).toMatch(
    /restore replaces what was remembered \(not for a provider that has a record of its own outside, or no restore\) # SKIP/,
  );
  expect(output).toContain('changed endpoints are carried out (not for a provider that sends to nodes) # SKIP');
  expect(code).toBe(0);
});

test('a broken provider fails there too, by name', async () => {
  const { code, output } = await run('yes');
  expect(output).toMatch(/not ok \d+ - world: the list names exactly what exists\n/);
  expect(output).toMatch(/\nok \d+ - world: deleting twice succeeds\n/);
  expect(code).toBe(1);
});
