// Every check and test, in order; all run, whatever fails. The last line is "N passed, N failed".
// Arguments go to vitest (`npm test -- test/plan`), and the checks of the whole tree are then left out.
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeAfterExit } from '../deploy/local-cluster/guarded-process.mjs';
import { runStep } from '../deploy/local-cluster/step.mjs';
import { readReport } from './report.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const interruptedCodes = [129, 130, 143];

const checks = [
  { title: 'Types', command: ['tsc', '--noEmit'] },
  { title: 'Lint', command: ['oxlint', '--type-aware', '--config', '.oxlintrc.json'] },
  { title: 'Format', command: ['biome', 'check', '--colors=off'] },
];

/** @param {readonly string[]} vitestArgs */
async function main(vitestArgs) {
  const total = { passed: 0, failed: 0 };
  if (vitestArgs.every(arg => arg === '--coverage')) {
    for (const { title, command } of checks) {
      const code = await run(title, command);
      if (code === 0) total.passed++;
      else total.failed++;
    }
  }
  const tests = await runTests(vitestArgs);
  total.passed += tests.passed;
  total.failed += tests.failed;
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

/** @param {readonly string[]} vitestArgs */
async function runTests(vitestArgs) {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-test-'));
  removeAfterExit(folder);
  const file = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const exitCode = await run('Tests', ['vitest', 'run', ...reporters, ...vitestArgs]);
  const report = readReport(file, { exitCode, skipsFail: process.env.CI === 'true' });
  for (const note of report.notes) console.log(note);
  return report;
}

/**
 * @param {string} title
 * @param {readonly string[]} command a program of node_modules, and its arguments
 */
async function run(title, [program = '', ...args]) {
  console.log(`\n== ${title}: ${program}`);
  const started = performance.now();
  const script = realpathSync(join(root, 'node_modules', '.bin', program));
  const code = await runStep(process.execPath, [script, ...args], { cwd: root, env: process.env });
  if (interruptedCodes.includes(code)) process.exit(code);
  console.log(`== ${title}: ${code === 0 ? 'ok' : 'FAILED'}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return code;
}

process.exitCode = await main(process.argv.slice(2));
