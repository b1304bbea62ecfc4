#!/usr/bin/env node
// node deploy/kind/up-aws.mjs [moto|localstack]: a kind cluster with fairlead, and an emulator of AWS beside it. Needs docker with compose, kind
// and kubectl, and `npm ci` before. See README.md.
import { spawnSync } from 'node:child_process';
import { awsClients } from '../local-cluster/aws/clients.mjs';
import { seedNetwork } from '../local-cluster/aws/seed-network.mjs';
import { awsOverlay, emulatorAlias, emulators } from './aws-overlay.mjs';
import { applyOverlay, ensureCluster, inClone, run } from './commands.mjs';

const cluster = 'fairlead-aws';
const context = `kind-${cluster}`;

/** @param {readonly string[]} args */
function kubectl(args) {
  run('kubectl', [`--context=${context}`, ...args]);
}

/**
 * The container, new and empty, on this machine's port and on the network of the nodes.
 * @param {keyof typeof emulators} emulator
 */
function startEmulator(emulator) {
  const compose = ['compose', `--file=${inClone('docker-compose.yml')}`, '--profile=localstack'];
  run('docker', [...compose, 'up', '--detach', '--force-recreate', '--wait', emulator]);
  const container = run('docker', [...compose, 'ps', '--quiet', emulator], { quiet: true }).trim();
  run('docker', ['network', 'connect', `--alias=${emulatorAlias}`, 'kind', container]);
}

/** @param {string} word */
async function up(word) {
  if (word !== 'moto' && word !== 'localstack') throw new Error(`${word}: no such emulator: give moto or localstack.`);
  if (word === 'localstack' && !process.env['LOCALSTACK_AUTH_TOKEN'])
    throw new Error('LOCALSTACK_AUTH_TOKEN is not set: LocalStack needs one, of a plan that has ELBv2.');
  const port = emulators[word];
  ensureCluster(cluster);
  startEmulator(word);
  const clients = awsClients(`http://127.0.0.1:${port}`);
  const { vpcId } = await seedNetwork(clients.ec2, { clusterName: cluster, instances: 0 });
  clients.close();
  const config = { vpcId, clusterName: cluster };
  const endpoint = `http://${emulatorAlias}:${port}`;
  applyOverlay(kustomize => awsOverlay({ kustomize, endpoint, config }), kubectl);
  kubectl(['rollout', 'status', '--namespace=fairlead-system', 'deployment/fairlead', '--timeout=120s']);
  const script = ['deploy/aws/end-to-end.mjs', '--endpoint', `http://127.0.0.1:${port}`, '--context', context];
  process.stdout.write(`$ node ${script.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, script, { cwd: inClone('.'), stdio: 'inherit' });
  if (status !== 0) throw new Error('The end-to-end script has failed.');
  process.stdout.write(
    `To remove all: kind delete cluster --name=${cluster}; docker compose --profile localstack down\n`,
  );
}

try {
  await up(process.argv[2] ?? 'moto');
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
