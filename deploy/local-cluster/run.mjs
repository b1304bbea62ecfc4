#!/usr/bin/env node
// The one entry of `npm run demo`, `npm test` and `npm run bench`: brings what they need, then runs them.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBinaries } from './binaries.mjs';
import { startCluster } from './cluster.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { UserError } from './errors.mjs';
import { bringMoto } from './moto/moto.mjs';
import { ensureNode } from './node-version.mjs';
import { bringLabTools, whyNoLab } from './segment/lab.mjs';
import { runStep } from './step.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

const usage = `Usage: node deploy/local-cluster/run.mjs <step> [arguments]

Steps
  demo      a local cluster with fairlead in it, and a Service that gets its address  (npm run demo)
            with --provider aws: at an emulator of AWS                                (npm run demo -- --provider aws)
  test      every check and test; arguments go to vitest: npm test -- test/plan       (npm test)
  bench     the measurements                                                          (npm run bench)
  cluster   only the cluster, until Ctrl-C; prints the path of its kubeconfig

What is missing is brought first, once: Node 22.19 or newer, the npm dependencies, etcd, kube-apiserver and kubectl; for the tests and the
demo of AWS, moto in a Python environment of its own; and as root on Linux, where nodes and their network can be had too, kube-proxy and some Debian packages.

Environment
  KUBEBUILDER_ASSETS      a folder with etcd and kube-apiserver to use
  K8S_VERSION             another Kubernetes version, such as 1.34 or v1.34.4
  FAIRLEAD_CACHE          where Node, binaries and moto are kept (default ~/.cache/fairlead)
  FAIRLEAD_ENVTEST_INDEX  another index of envtest archives than the published one
`;

/** @type {Record<string, readonly string[]>} what Node is to run */
const programs = {
  demo: ['src/main.ts', 'demo'],
  test: ['test/run.mjs'],
  bench: ['test/bench/run.ts'],
};

/** @param {readonly string[]} argv */
async function main([step = '', ...args]) {
  if (step === '--help' || step === '-h') {
    process.stdout.write(usage);
    return 0;
  }
  if (step === 'cluster') return runCluster();
  const program = programs[step];
  if (program === undefined)
    throw new UserError(`Unknown step "${step}": give demo, test, bench or cluster, or --help.`);
  const node = await ensureNode();
  await ensureDependencies(root, node);
  const env = step === 'test' && args.length > 0 ? node.env : { ...node.env, ...(await assetsEnv(step, args)) };
  return runStep(node.execPath, [...program, ...args], { cwd: root, env });
}

/**
 * Where a filtered test run needs them after all, the tests' own set-up brings them.
 * @param {string} step
 * @param {readonly string[]} args
 */
async function assetsEnv(step, args) {
  const { dir, paths } = await ensureBinaries(['etcd', 'kube-apiserver', 'kubectl']);
  const isAtAws = step === 'demo' && args.some(argument => /^(?:--provider=)?aws$/.test(argument));
  const why = isAtAws ? undefined : (whyNoLab() ?? (await bringLabTools()));
  if (why !== undefined) process.stderr.write(`Going on without nodes that carry traffic: ${why}\n`);
  if (step === 'test') {
    const whyNoMoto = await bringMoto();
    if (whyNoMoto !== undefined) process.stderr.write(`Going on without an AWS emulator: ${whyNoMoto}\n`);
  }
  return { KUBEBUILDER_ASSETS: dir, ...(paths.kubectl && { KUBECTL: paths.kubectl }) };
}

/** Until Ctrl-C. */
async function runCluster() {
  const { paths } = await ensureBinaries(['etcd', 'kube-apiserver', 'kubectl']);
  const cluster = await startCluster();
  process.stdout.write(`export KUBECONFIG=${cluster.kubeconfig}\n`);
  process.stderr.write(
    `kubectl: ${paths.kubectl ?? 'not found'}\nLogs: ${join(cluster.dir, '*.log')}\nCtrl-C ends the cluster.\n`,
  );
  await new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
  });
  await cluster.stop();
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
