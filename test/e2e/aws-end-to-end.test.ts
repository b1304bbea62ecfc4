import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spawnGuarded } from '../../deploy/local-cluster/guarded-process.mjs';
import { bringMoto } from '../../deploy/local-cluster/moto/moto.mjs';
import { type Running, running } from '../support/controller-process.ts';
import { inBrackets } from '../support/e2e/describe-in-lab.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const why = await bringMoto();
const run = promisify(execFile);

/** The script that people run against kind, here as the kept demo prints it. */
describe.skipIf(why !== undefined)(`the end-to-end script of AWS${inBrackets(why)}`, () => {
  let demo: Running;
  let command: readonly string[] = [];

  beforeAll(async () => {
    demo = running(
      spawnGuarded(process.execPath, [main, 'demo', '--provider=aws', '--keep'], { stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    const isKept = new Promise<void>(resolve => {
      demo.child.stdout?.on('data', () => demo.output().includes('end-to-end.mjs --') && resolve());
    });
    await Promise.race([isKept, demo.exit]);
    command = /node (deploy\/aws\/end-to-end\.mjs --.*)\n/.exec(demo.output())?.[1]?.split(' ') ?? [];
  }, 120_000);

  afterAll(async () => {
    demo.child.kill('SIGINT');
    await demo.exit;
  });

  test('takes a Service through its life, and finds nothing left', { timeout: 60_000 }, async () => {
    const { stdout } = await run(process.execPath, command, { cwd: root });
    expect(stdout).toMatch(/its hostname: k8s-default-endtoend-\S*\.elb\.amazonaws\.com\n/);
    expect(stdout).toMatch(/a port was added, and is served too\ndeleted, and nothing is left at AWS\n$/);
  });

  test('fails in one line where nobody answers at the endpoint', { timeout: 60_000 }, async () => {
    const failing = run(process.execPath, [...command, '--endpoint', 'http://127.0.0.1:9'], { cwd: root });
    await expect(failing).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^[^\n]*127\.0\.0\.1:9\n$/) });
  });
});
