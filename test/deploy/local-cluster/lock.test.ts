import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from '../../../deploy/local-cluster/lock.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fairlead-lock-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

test('only one at a time holds it, and it leaves nothing behind', async () => {
  let [inside, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise(resolve => setTimeout(resolve, 5));
    inside--;
  };
  const lock = { folder: join(root, 'lock'), purpose: 'a test' };
  await Promise.all(Array.from({ length: 2 }, () => withLock(lock, work)));
  expect(most).toBe(1);
  expect(readdirSync(root)).toEqual([]);
});

test('a failure releases it', async () => {
  const lock = { folder: join(root, 'lock'), purpose: 'a test' };
  await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withLock(lock, async () => 'yes')).toBe('yes');
});

test.each([
  { title: 'a dead process', owner: { pid: 2 ** 22 + 1, host: hostname() }, ageS: 0 },
  { title: 'one of another machine that fell silent', owner: { pid: process.pid, host: 'elsewhere' }, ageS: 120 },
])('the lock of $title is broken', async ({ owner, ageS }) => {
  const folder = join(root, 'lock');
  const file = join(folder, 'owner');
  mkdirSync(folder);
  writeFileSync(file, JSON.stringify({ ...owner, purpose: 'a test' }));
  const then = Date.now() / 1000 - ageS;
  utimesSync(file, then, then);
  expect(await withLock({ folder, purpose: 'a test' }, async () => 'mine')).toBe('mine');
});
