import { readFileSync } from 'node:fs';

/** @typedef {{ status: string, fullName: string }} TestResult */
/** @typedef {{ name: string, status: string, assertionResults: TestResult[] }} FileResult */
/** @typedef {{ passed: number, failed: number, notes: string[] }} Summary */

/**
 * Counts the tests in the file that vitest's JSON reporter wrote.
 * @param {string} file
 * @param {{ exitCode: number, skipsFail: boolean }} run
 * @returns {Summary}
 */
export function readReport(file, run) {
  /** @type {FileResult[]} */
  let files = [];
  try {
    files = JSON.parse(readFileSync(file, 'utf8')).testResults;
  } catch {
    // vitest stopped before it ran anything: its exit code and output say why.
  }
  return summarize(files, run);
}

/**
 * What counts as failed beside a failed test: a file that could not be loaded; a run that failed otherwise (a set-up, an
 * unhandled rejection); a run without any test; and in CI, a skipped test. Pure.
 * @param {readonly FileResult[]} files
 * @param {{ exitCode: number, skipsFail: boolean }} run
 * @returns {Summary}
 */
export function summarize(files, { exitCode, skipsFail }) {
  const tests = files.flatMap(file => file.assertionResults);
  const passed = tests.filter(test => test.status === 'passed').length;
  const failedTests = tests.filter(test => test.status === 'failed').length;
  const skipped = tests.filter(test => test.status !== 'passed' && test.status !== 'failed');
  const brokenFiles = files.filter(file => file.status === 'failed' && !file.assertionResults.some(isFailed)).length;
  const notes = skipped.map(test => `skipped: ${test.fullName}`);
  if (skipped.length > 0)
    notes.push(`${skipped.length} skipped${skipsFail ? ', which counts as failed where CI=true' : ''}`);
  let failed = failedTests + brokenFiles + (skipsFail ? skipped.length : 0);
  if (passed + failedTests === 0) {
    notes.push('No test ran.');
    failed = Math.max(failed, 1);
  }
  if (exitCode !== 0 && failed === 0) {
    notes.push('Every test passed, but the run failed: see above.');
    failed = 1;
  }
  return { passed, failed, notes };
}

/** @param {TestResult} test */
function isFailed(test) {
  return test.status === 'failed';
}
