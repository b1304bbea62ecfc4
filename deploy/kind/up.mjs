#!/usr/bin/env node
// node deploy/kind/up.mjs: a kind cluster with fairlead on its docker network. Needs docker, kind and kubectl. See README.md.
import { randomBytes } from 'node:crypto';
import { choosePool } from './choose-pool.mjs';
import { applyOverlay, ensureCluster, run } from './commands.mjs';
import { addressPool, kindOverlay } from './overlay.mjs';

const cluster = 'fairlead';

/** @param {readonly string[]} args */
function kubectl(args, input = '') {
  run('kubectl', [`--context=kind-${cluster}`, ...args], { input });
}

function up() {
  ensureCluster(cluster);
  const pool = choosePool(run('docker', ['network', 'inspect', 'kind'], { quiet: true }));
  process.stdout.write(`The pool: ${pool}\n`);
  const key = randomBytes(32).toString('hex');
  applyOverlay(kustomize => kindOverlay({ kustomize, key }), kubectl);
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

try {
  up();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
