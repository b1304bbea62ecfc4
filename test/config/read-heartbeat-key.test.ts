import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readHeartbeatKey } from '../../src/config/read-heartbeat-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'fairlead-key-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string | Uint8Array): string {
  const path = join(folder, 'key');
  writeFileSync(path, content);
  return path;
}

test('no file, no key', async () => {
  expect(await readHeartbeatKey(undefined)).toBeUndefined();
});

test('the key is the file’s bytes, as they are', async () => {
  const bytes = new Uint8Array(32).fill(255);
  expect(new Uint8Array((await readHeartbeatKey(file(bytes))) ?? [])).toEqual(bytes);
});

test.each([0, 15, 4_097])('a file of %i bytes is refused, and its content not told', async length => {
  await expect(readHeartbeatKey(file('s'.repeat(length)))).rejects.toThrow(
    new RegExp(
      `^--heartbeat-key-file: \\S+ has ${length} bytes: write 16 to 4096, such as those of openssl rand -hex 32$`,
    ),
  );
});

test('a file that is not there is no file without a key: the others would not hear this speaker', async () => {
  await expect(readHeartbeatKey(join(folder, 'none'))).rejects.toThrow(
    /cannot be read \(ENOENT\): mount the Secret there, or leave the option out on every node$/,
  );
});
