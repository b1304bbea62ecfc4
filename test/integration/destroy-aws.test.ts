import { afterAll, beforeAll, expect, test } from 'vitest';
import { emulatorEnv } from '../../deploy/local-cluster/aws/clients.mjs';
import { createProvider } from '../../providers/aws/aws.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { sampleLoadBalancer } from '../../src/provider/conformance/sample.ts';
import type { Call } from '../../src/provider/provider.ts';
import { type FakeAws, startFakeAws } from '../support/aws/fake-aws.ts';
import { seedFixture } from '../support/aws/fixture.ts';
import { rawClients } from '../support/aws/raw-clients.ts';
import { kubeRequest, sharedCluster, uniqueNamespace } from '../support/cluster.ts';
import { silentContext } from '../support/provider-context.ts';
import { startFairlead } from '../support/speaker-process.ts';

/** `fairlead destroy --provider aws` as a process, against the fake: what it must leave is what it did not make. */
let fake: FakeAws;
beforeAll(async () => {
  fake = await startFakeAws({ interfaceLingerMs: 300, targetGroupReleaseMs: 300 });
  // The SDK in this process finds the fake as the one in the process under test does.
  Object.assign(process.env, emulatorEnv(fake.url));
});
afterAll(() => fake.close());

test('empties a cluster at AWS, parts that take their time included, and leaves another cluster’s balancer', {
  timeout: 60_000,
}, async () => {
  const { metadata } = (await kubeRequest('GET', '/api/v1/namespaces/kube-system')) as { metadata: { uid: string } };
  const clients = rawClients(fake.url);
  const { vpcId } = await seedFixture(clients.ec2, { cluster: 'prod' });
  const config = { vpcId, clusterName: 'prod' };
  await make([1, 2, 3], metadata.uid, config);
  const before = namesOf();
  await make([4], '11111111-2222-4333-8444-555555555555', config);
  const others = namesOf().filter(name => !before.includes(name));
  const namespace = await uniqueNamespace('destroy');
  const running = startFairlead(
    [
      'destroy',
      '--yes',
      `--kubeconfig=${sharedCluster().kubeconfig}`,
      `--lease-namespace=${namespace}`,
      `--provider=aws,config=${JSON.stringify(config)}`,
    ],
    emulatorEnv(fake.url),
  );
  const code = await running.exit;
  expect(running.output()).toContain('3 balancers deleted: nothing is left of this cluster');
  expect(code).toBe(0);
  expect(others).toHaveLength(1);
  expect(namesOf()).toEqual(others);
  clients.close();
});

function namesOf(): readonly string[] {
  return [...fake.account.loadBalancers.values()].map(({ name }) => name);
}

async function make(numbers: readonly number[], cluster: string, config: object): Promise<void> {
  const provider = await createProvider(silentContext({ cluster, config, clock: systemClock }));
  const call: Call = {
    signal: new AbortController().signal,
    epoch: '1',
    sequence: 1,
    assertLeading: () => undefined,
  };
  await provider.restore?.([], call);
  for (const n of numbers)
    await provider.ensureLoadBalancer(sampleLoadBalancer(n, cluster, provider.capabilities), call);
  await provider.close?.();
}
