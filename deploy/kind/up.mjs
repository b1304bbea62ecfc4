#!/usr/bin/env node
// node deploy/kind/up.mjs: a kind cluster with fairlead on its docker network. Needs docker, kind and kubectl. See README.md.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { choosePool } from './choose-pool.mjs';
import { addressPool, kindOverlay } from './overlay.mjs';

const cluster = 'fairlead';
const image = 'fairlead:0.1.0';
const root = fileURLToPath(new URL('../..', import.meta.url));
const inClone = (/** @type {string} */ path) => join(root, path);

/**
 * Runs a command with its output shown, or returned where `input` or nothing else asks for it; throws where it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ input?: string, quiet?: boolean }} [options]
 */
function run(program, args, { input, quiet = false } = {}) {
  if (!quiet) process.stdout.write(`$ ${program} ${args.join(' ')}\n`);
  /** @type {import('node:child_process').StdioOptions} */
  const stdio = [input === undefined ? 'inherit' : 'pipe', quiet ? 'pipe' : 'inherit', 'inherit'];
  const { status, stdout, error } = spawnSync(program, args, { input, stdio, encoding: 'utf8' });
  if (error !== undefined)
    throw new Error(`${program} cannot be run (${error.message}): install docker, kind and kubectl.`);
  if (status !== 0) throw new Error(`${program} ${args[0]} failed.`);
  return stdout ?? '';
}

/** @param {readonly string[]} args */
function kubectl(args, input = '') {
  run('kubectl', [`--context=kind-${cluster}`, ...args], { input });
}

function up() {
  run('docker', ['build', '--file', inClone('deploy/Dockerfile'), '--tag', image, root]);
  const isThere = run('kind', ['get', 'clusters'], { quiet: true }).split('\n').includes(cluster);
  if (!isThere)
    run('kind', ['create', 'cluster', `--name=${cluster}`, `--config=${inClone('deploy/kind/cluster.yaml')}`]);
  run('kind', ['load', 'docker-image', image, `--name=${cluster}`]);
  const pool = choosePool(run('docker', ['network', 'inspect', 'kind'], { quiet: true }));
  process.stdout.write(`The pool: ${pool}\n`);
  applyFairlead();
  kubectl([
    'wait',
    '--for=condition=Established',
    'customresourcedefinition/addresspools.fairlead.dev',
    '--timeout=60s',
  ]);
  kubectl(['apply', '--filename=-'], JSON.stringify(addressPool(pool)));
  kubectl(['rollout', 'status', '--namespace=fairlead-system', 'deployment/fairlead', '--timeout=120s']);
  kubectl(['rollout', 'status', '--namespace=fairlead-speaker', 'daemonset/fairlead-speaker', '--timeout=120s']);
  process.stdout.write(
    'Next: deploy/kind/README.md, "A Service". To remove all: kind delete cluster --name=fairlead\n',
  );
}

/** The overlay holds a secret: it does not outlive the command. */
function applyFairlead() {
  const overlay = mkdtempSync(join(tmpdir(), 'fairlead-kind-'));
  try {
    const kustomize = relative(overlay, inClone('deploy/kustomize'));
    const key = randomBytes(32).toString('hex');
    writeFileSync(join(overlay, 'kustomization.yaml'), JSON.stringify(kindOverlay({ kustomize, key })), {
      mode: 0o600,
    });
    kubectl(['apply', '--server-side', `--kustomize=${overlay}`]);
  } finally {
    rmSync(overlay, { recursive: true });
  }
}

try {
  up();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
