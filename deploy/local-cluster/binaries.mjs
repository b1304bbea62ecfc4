import { constants } from 'node:fs';
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.mjs';
import { archiveBinaries, findArchive, unpackArchive } from './envtest-archive.mjs';
import { UserError } from './errors.mjs';
import { goBuild, hasGo } from './go-build.mjs';
import { withLock } from './lock.mjs';
import { chooseVersion, minorOf, parseVersion } from './versions.mjs';

/** What makes a cluster. */
const required = ['etcd', 'kube-apiserver'];

/**
 * Finds the binaries on this machine, or brings them: KUBEBUILDER_ASSETS, our cache, the published archive, a Go build.
 * @param {readonly string[]} [names]
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<import('./binaries.d.mts').Binaries>}
 */
export async function ensureBinaries(names = required, env = process.env) {
  const given = env.KUBEBUILDER_ASSETS;
  if (!given) return pathsIn(await ensureInCache(names, env), names);
  const missing = await missingIn(given, names);
  const lacking = missing.filter(name => required.includes(name));
  if (lacking.length > 0) {
    throw new UserError(
      `KUBEBUILDER_ASSETS=${given} lacks ${lacking.join(' and ')}: name a folder with both, or unset it.`,
    );
  }
  const present = names.filter(name => !missing.includes(name));
  return { dir: given, paths: { ...pathsIn(given, present).paths, ...(await separately(missing, env)) } };
}

/**
 * What KUBEBUILDER_ASSETS lacks and a cluster runs without. Nobody who brought binaries is stopped for want of kubectl.
 * @param {readonly string[]} names
 * @param {NodeJS.ProcessEnv} env
 */
async function separately(names, env) {
  if (names.length === 0) return {};
  try {
    return pathsIn(await ensureInCache(names, env), names).paths;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`Going on without ${names.join(' and ')}. ${error.message}\n`);
    return {};
  }
}

/**
 * @param {readonly string[]} names
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} the folder of one version, with all of them
 */
async function ensureInCache(names, env) {
  const wanted = parseVersion(env.K8S_VERSION);
  const root = join(cacheFolder(env), 'k8s');
  const found = await findInCache(root, names, wanted);
  if (found !== undefined) return found;
  const minor = minorOf(wanted.version);
  const lock = { folder: join(root, `${minor}.lock`), purpose: `fetching or building Kubernetes ${minor}` };
  return withLock(lock, async () => (await findInCache(root, names, wanted)) ?? bring(root, names, wanted, env));
}

/**
 * @param {string} root
 * @param {readonly string[]} names
 * @param {import('./versions.mjs').Wanted} wanted
 */
async function findInCache(root, names, wanted) {
  const version = chooseVersion(await versionsIn(root), wanted);
  if (version === undefined) return undefined;
  const folder = join(root, version);
  return (await missingIn(folder, names)).length === 0 ? folder : undefined;
}

/**
 * @param {string} root
 * @param {readonly string[]} names
 * @param {import('./versions.mjs').Wanted} wanted
 * @param {NodeJS.ProcessEnv} env
 */
async function bring(root, names, wanted, env) {
  const draft = join(root, `${minorOf(wanted.version)}.draft`);
  await rm(draft, { recursive: true, force: true }); // a killed process's; the lock is ours
  await mkdir(draft);
  // What is there already decides the patch: one folder holds binaries of one version.
  const present = chooseVersion(await versionsIn(root), wanted);
  const pinned = present === undefined ? wanted : { version: present, exact: true };
  const downloaded = names.some(name => archiveBinaries.includes(name))
    ? await tryArchive(draft, pinned, env)
    : undefined;
  const version = downloaded ?? pinned.version;
  const folder = join(root, version);
  for (const name of downloaded === undefined ? [] : archiveBinaries) await place(draft, folder, name);
  const missing = await missingIn(folder, names);
  if (missing.length > 0) await demandGo(missing, version, env);
  for (const name of missing) {
    await goBuild({ name, version, output: join(draft, name), modules: join(root, 'go'), env });
    await place(draft, folder, name);
  }
  await rm(draft, { recursive: true });
  return folder;
}

/**
 * A binary appears under its name only when it is whole, and a version's folder with its first binary: it pins the patch.
 * @param {string} draft
 * @param {string} folder
 * @param {string} name
 */
async function place(draft, folder, name) {
  await mkdir(folder, { recursive: true });
  await rename(join(draft, name), join(folder, name));
}

/**
 * @param {string} folder
 * @param {import('./versions.mjs').Wanted} wanted
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} the version unpacked into `folder`
 */
async function tryArchive(folder, wanted, env) {
  const archive = await findArchive(wanted, env);
  if (archive === undefined) return undefined;
  try {
    await unpackArchive(archive, folder);
    return archive.version;
  } catch (error) {
    if (error instanceof UserError) throw error;
    process.stderr.write(`The download failed; building instead. ${String(error)}\n`);
    return undefined;
  }
}

/**
 * @param {readonly string[]} names
 * @param {string} version
 * @param {NodeJS.ProcessEnv} env
 */
async function demandGo(names, version, env) {
  if (await hasGo(env)) return;
  const remedies = [
    `set KUBEBUILDER_ASSETS to a folder with ${[...new Set([...required, ...names])].join(', ')};`,
    ...(names.every(name => archiveBinaries.includes(name))
      ? ['connect to the internet: the published envtest archive is then downloaded from github.com;']
      : []),
    'install Go (https://go.dev/dl): what is missing is then built from source, once, in about five minutes.',
  ];
  const what = `No ${names.join(', ')} of Kubernetes ${version} on this machine`;
  throw new UserError([`${what}. Do one of these, then try again:`, ...remedies].join('\n  - '));
}

/** @param {string} root */
async function versionsIn(root) {
  return readdir(root).catch(() => []);
}

/**
 * @param {string} folder
 * @param {readonly string[]} names
 */
async function missingIn(folder, names) {
  const runnable = await Promise.all(
    names.map(name =>
      access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return names.filter((_, index) => !runnable[index]);
}

/**
 * @param {string} dir
 * @param {readonly string[]} names
 */
function pathsIn(dir, names) {
  return { dir, paths: Object.fromEntries(names.map(name => [name, join(dir, name)])) };
}
