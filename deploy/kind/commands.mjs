import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const image = 'fairlead:0.1.0';
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** @param {string} path */
export const inClone = path => join(root, path);

/**
 * Runs a command with its output shown, or returned where `input` or nothing else asks for it; throws where it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ input?: string, quiet?: boolean }} [options]
 */
export function run(program, args, { input, quiet = false } = {}) {
  if (!quiet) process.stdout.write(`$ ${program} ${args.join(' ')}\n`);
  /** @type {import('node:child_process').StdioOptions} */
  const stdio = [input === undefined ? 'inherit' : 'pipe', quiet ? 'pipe' : 'inherit', 'inherit'];
  const { status, stdout, error } = spawnSync(program, args, { input, stdio, encoding: 'utf8' });
  if (error !== undefined)
    throw new Error(`${program} cannot be run (${error.message}): install docker, kind and kubectl.`);
  if (status !== 0) throw new Error(`${program} ${args[0]} failed.`);
  return stdout ?? '';
}

/**
 * A cluster of that name with the image of this clone on its nodes.
 * @param {string} cluster
 */
export function ensureCluster(cluster) {
  run('docker', ['build', '--file', inClone('deploy/Dockerfile'), '--tag', image, root]);
  const isThere = run('kind', ['get', 'clusters'], { quiet: true }).split('\n').includes(cluster);
  if (!isThere)
    run('kind', ['create', 'cluster', `--name=${cluster}`, `--config=${inClone('deploy/kind/cluster.yaml')}`]);
  run('kind', ['load', 'docker-image', image, `--name=${cluster}`]);
}

/**
 * Applies a kustomization over deploy/kustomize. It may hold a secret: it does not outlive the command.
 * @param {(kustomize: string) => object} overlayOf is given the path of deploy/kustomize, relative to the overlay
 * @param {(args: readonly string[]) => void} kubectl
 */
export function applyOverlay(overlayOf, kubectl) {
  const overlay = mkdtempSync(join(tmpdir(), 'fairlead-kind-'));
  try {
    const content = overlayOf(relative(overlay, inClone('deploy/kustomize')));
    writeFileSync(join(overlay, 'kustomization.yaml'), JSON.stringify(content), { mode: 0o600 });
    kubectl(['apply', '--server-side', `--kustomize=${overlay}`]);
  } finally {
    rmSync(overlay, { recursive: true });
  }
}
