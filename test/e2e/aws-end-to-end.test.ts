import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awsClients, emulatorEnv } from '../../deploy/local-cluster/aws/clients.mjs';
import { seedNetwork } from '../../deploy/local-cluster/aws/seed-network.mjs';
import { ensureBinaries } from '../../deploy/local-cluster/binaries.mjs';
import { startCluster } from '../../deploy/local-cluster/cluster.mjs';
import { spawnGuarded } from '../../deploy/local-cluster/guarded-process.mjs';
import { bringMoto, startMoto } from '../../deploy/local-cluster/moto/moto.mjs';
import { kubectlFor } from '../../src/cli/kubectl.ts';
import { type Running, running } from '../support/controller-process.ts';
import { inBrackets } from '../support/e2e/describe-in-lab.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const why = await bringMoto();
const run = promisify(execFile);

/** The script that people run against kind, here as the kept demo prints it. */
describe.skipIf(why !== undefined)(`the end-to-end script of AWS${inBrackets(why)}`, () => {
  let demo: Running;
  let command: readonly string[] = [];

  beforeAll(async () => {
    demo = running(
      spawnGuarded(process.execPath, [main, 'demo', '--provider=aws', '--keep'], { stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    const isKept = new Promise<void>(resolve => {
      demo.child.stdout?.on('data', () => demo.output().includes('end-to-end.mjs --') && resolve());
    });
    await Promise.race([isKept, demo.exit]);
    command = /node (deploy\/aws\/end-to-end\.mjs --.*)\n/.exec(demo.output())?.[1]?.split(' ') ?? [];
  }, 120_000);

  afterAll(async () => {
    demo.child.kill('SIGINT');
    await demo.exit;
  });

  test('takes a Service through its life, and finds nothing left', { timeout: 60_000 }, async () => {
    const { stdout } = await run(process.execPath, command, { cwd: root });
    expect(stdout).toMatch(/its hostname: k8s-default-endtoend-\S*\.elb\.amazonaws\.com\n/);
    expect(stdout).toMatch(/a port was added, and is served too\ndeleted, and nothing is left at AWS\n$/);
  });

  test('fails in one line where nobody answers at the endpoint', { timeout: 60_000 }, async () => {
    const failing = run(process.execPath, [...command, '--endpoint', 'http://127.0.0.1:9'], { cwd: root });
    await expect(failing).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^[^\n]*127\.0\.0\.1:9\n$/) });
  });
});

describe.skipIf(why !== undefined)(`the same on nodes as kind has them${inBrackets(why)}`, () => {
  const cleanUps: (() => Promise<void> | void)[] = [];
  afterAll(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  });

  test('their addresses are the targets, but for the control plane’s', { timeout: 120_000 }, async () => {
    const [moto, cluster, { paths }] = await Promise.all([startMoto(), startCluster(), ensureBinaries(['kubectl'])]);
    cleanUps.push(
      () => moto.stop(),
      () => cluster.stop(),
    );
    const binary = paths['kubectl'] ?? 'kubectl';
    await kubectlFor(binary, cluster.kubeconfig, new AbortController().signal).apply(...kindNodes);
    const clients = awsClients(moto.url);
    cleanUps.push(() => clients.close());
    const { vpcId } = await seedNetwork(clients.ec2, { clusterName: 'kind', instances: 0 });
    const controller = running(
      spawnGuarded(
        process.execPath,
        [
          main,
          'controller',
          '--listen=127.0.0.1:0',
          `--kubeconfig=${cluster.kubeconfig}`,
          `--provider=aws,default,config=${JSON.stringify({ vpcId, clusterName: 'kind' })}`,
        ],
        { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...emulatorEnv(moto.url) } },
      ),
    );
    cleanUps.push(async () => {
      controller.child.kill('SIGTERM');
      await controller.exit;
    });
    const flags = ['--endpoint', moto.url, '--kubeconfig', cluster.kubeconfig, '--kubectl', binary];
    const { stdout } = await run(process.execPath, ['deploy/aws/end-to-end.mjs', ...flags], { cwd: root });
    expect(stdout).toMatch(/; 172\.18\.0\.3:\d+, 172\.18\.0\.4:\d+\n/);
    expect(stdout).toMatch(/deleted, and nothing is left at AWS\n$/);
  });
});

const kindNodes = ['control-plane', 'worker', 'worker2'].map((role, index) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: `kind-${role}`,
    labels: role === 'control-plane' ? { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } : {},
  },
  spec: { providerID: `kind://docker/kind/kind-${role}` },
  status: { addresses: [{ type: 'InternalIP', address: `172.18.0.${index + 2}` }] },
}));
