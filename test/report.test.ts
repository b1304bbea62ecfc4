import { expect, test } from 'vitest';
import { summarize } from './report.mjs';

const passing = file('passed');

test.each([
  { title: 'tests are counted', files: [passing, file('passed', 'failed')], passed: 2, failed: 1 },
  { title: 'a skip is only announced', files: [passing, file('skipped', 'todo')], passed: 1, failed: 0 },
  { title: 'a skip fails in CI', files: [passing, file('skipped', 'todo')], skipsFail: true, passed: 1, failed: 2 },
  {
    title: 'a file that cannot be loaded fails',
    files: [passing, { ...file(), status: 'failed' }],
    passed: 1,
    failed: 1,
  },
  { title: 'a run without a test fails', files: [], passed: 0, failed: 1 },
  { title: 'a failed run fails, though every test passed', files: [passing], exitCode: 1, passed: 1, failed: 1 },
])('$title', ({ files, exitCode = 0, skipsFail = false, passed, failed }) => {
  expect(summarize(files, { exitCode, skipsFail })).toMatchObject({ passed, failed });
});

function file(...statuses: string[]) {
  const assertionResults = statuses.map(status => ({ status, fullName: `a ${status} test` }));
  return { name: 'a.test.ts', status: statuses.includes('failed') ? 'failed' : 'passed', assertionResults };
}
