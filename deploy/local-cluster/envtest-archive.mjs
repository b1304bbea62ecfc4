import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from './errors.mjs';
import { runLong } from './long-command.mjs';
import { withProgress } from './progress.mjs';
import { chooseVersion } from './versions.mjs';

/** What each archive holds. */
export const archiveBinaries = ['etcd', 'kube-apiserver', 'kubectl'];

const publishedIndex = 'https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml';
/** Short: a machine without internet goes on to the next way. */
const indexDeadlineMs = 5_000;
const archiveDeadlineMs = 600_000;

/** @typedef {{ version: string, url: string, sha512: string }} Archive */

/**
 * The published archive for this machine; undefined where there is none, or the index cannot be read.
 * @param {import('./versions.mjs').Wanted} wanted
 * @param {NodeJS.ProcessEnv} env FAIRLEAD_ENVTEST_INDEX names another index, such as a mirror's
 * @returns {Promise<Archive | undefined>}
 */
export async function findArchive(wanted, env) {
  const text = await readIndex(env.FAIRLEAD_ENVTEST_INDEX || publishedIndex);
  if (text === undefined) return undefined;
  const archives = parseIndex(text, platform());
  const version = chooseVersion(
    archives.map(archive => archive.version),
    wanted,
  );
  return archives.find(archive => archive.version === version);
}

/** @param {string} url */
async function readIndex(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(indexDeadlineMs) });
    return answer.ok ? await answer.text() : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads envtest-releases.yaml: an archive's file name, and below it, indented further, its hash and link. Pure.
 * @param {string} text
 * @param {string} wantedPlatform such as linux-amd64
 * @returns {Archive[]}
 */
export function parseIndex(text, wantedPlatform) {
  const entry = /envtest-(v[\w.-]+?)-([a-z]+-[a-z0-9]+)\.tar\.gz:\s+hash: ([0-9a-f]{128})\s+selfLink: (\S+)/g;
  return [...text.matchAll(entry)].flatMap(([, version = '', each, sha512 = '', url = '']) =>
    each === wantedPlatform ? [{ version, url, sha512 }] : [],
  );
}

function platform() {
  const architectures = /** @type {Record<string, string>} */ ({ x64: 'amd64' });
  return `${process.platform}-${architectures[process.arch] ?? process.arch}`;
}

/**
 * Puts the archive's binaries into `folder`, once its checksum is right.
 * @param {Archive} archive
 * @param {string} folder
 */
export async function unpackArchive({ version, url, sha512 }, folder) {
  const file = join(folder, 'envtest.tar.gz');
  await withProgress(`Downloading envtest ${version}`, () => download(url, file));
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest('hex');
  if (actual !== sha512) {
    throw new UserError(
      `${url} has SHA-512 ${actual}, but its index says ${sha512}. Nothing of it was used: try again later.`,
    );
  }
  // The paths inside are controller-tools/envtest/<binary>.
  await runLong(`Unpacking envtest ${version}`, 'tar', ['-xzf', file, '-C', folder, '--strip-components=2']);
  await rm(file);
}

/**
 * @param {string} url
 * @param {string} file
 */
async function download(url, file) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(archiveDeadlineMs) });
  if (!answer.ok || answer.body === null) throw new Error(`${url} answered ${answer.status}`);
  await pipeline(answer.body, createWriteStream(file));
}
