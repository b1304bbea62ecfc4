import { readFile } from 'node:fs/promises';

const least = 16;
const most = 4_096;

/** The secret of all speakers; undefined where no file is named. Throws an error of one line with the remedy, and nothing of the file's content. */
export async function readHeartbeatKey(path: string | undefined): Promise<Uint8Array | undefined> {
  if (path === undefined) return undefined;
  const key = await readFile(path).catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new Error(
      `--heartbeat-key-file: ${path} cannot be read (${code}): mount the Secret there, or leave the option out on every node`,
    );
  });
  if (key.length >= least && key.length <= most) return key;
  throw new Error(
    `--heartbeat-key-file: ${path} has ${key.length} bytes: write ${least} to ${most}, such as those of openssl rand -hex 32`,
  );
}
