import { spawn } from 'node:child_process';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goModText } from './go-module.mjs';
import { runLong } from './long-command.mjs';
import { defaultVersion, minorOf } from './versions.mjs';

/** The module for the default version. Its etcd serves every version: the API server talks to any etcd 3.6. */
const committedModule = fileURLToPath(new URL('go', import.meta.url));

/** @param {string} name */
function packageOf(name) {
  return name === 'etcd' ? 'go.etcd.io/etcd/server/v3' : `k8s.io/kubernetes/cmd/${name}`;
}

/**
 * Builds one binary from source, at `output`.
 * @param {{ name: string, version: string, output: string, modules: string, env: NodeJS.ProcessEnv }} build
 *   `modules` is the folder for the go.mod files of other versions than the default one
 */
export async function goBuild({ name, version, output, modules, env }) {
  const goEnv = { ...env, GOWORK: 'off' }; // a go.work above this clone is none of ours
  const committed = name === 'etcd' || version === defaultVersion;
  const cwd = committed ? committedModule : await generatedModule(version, modules, goEnv);
  const args = ['build', '-trimpath', '-ldflags', linkerFlags(version), '-o', output, packageOf(name)];
  await runLong(`Building ${name} ${name === 'etcd' ? '' : `${version} `}with Go, once on this machine`, 'go', args, {
    cwd,
    env: goEnv,
  });
}

/**
 * Without these, clients are told v0.0.0-master. Pure.
 * @param {string} version
 */
export function linkerFlags(version) {
  const [major, minor] = minorOf(version).split('.');
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor };
  const settings = Object.entries(values).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return ['-s', '-w', ...settings].join(' ');
}

/**
 * The folder of a module that pins `version`, made when first asked for, complete or not at all.
 * @param {string} version
 * @param {string} modules
 * @param {NodeJS.ProcessEnv} env
 */
async function generatedModule(version, modules, env) {
  const folder = join(modules, version);
  if (await exists(folder)) return folder;
  const draft = `${folder}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const options = { cwd: draft, env };
  const download = ['mod', 'download', '-json', `k8s.io/kubernetes@${version}`];
  const { GoMod } = JSON.parse(await runLong(`Fetching the sources of Kubernetes ${version}`, 'go', download, options));
  await writeFile(join(draft, 'go.mod'), goModText(await readFile(GoMod, 'utf8'), version));
  await runLong(`Fetching what Kubernetes ${version} is built from`, 'go', ['mod', 'tidy'], options);
  await rename(draft, folder);
  return folder;
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<boolean>}
 */
export function hasGo(env) {
  return new Promise(resolve => {
    const child = spawn('go', ['version'], { env, stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('exit', code => resolve(code === 0));
  });
}

/** @param {string} path */
async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}
