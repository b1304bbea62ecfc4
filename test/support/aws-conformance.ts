import { sampleEndpoints } from '../../src/provider/conformance/sample.ts';
import { testProvider } from '../../src/provider/conformance.ts';
import type { LoadBalancer } from '../../src/provider/provider.ts';
import { type AwsWorld, adjustTo, testWorldOf } from './aws/aws-world.ts';
import { providerOn } from './aws-provider.ts';
import { judged } from './judged.ts';

/** Its record is outside, at AWS. */
const always = 'not for a provider that has a record of its own outside, or no restore';

/** Registers the whole kit over the provider, on worlds that are opened so, with nodes or pods as targets. */
export async function judgeAws(openWorld: () => Promise<AwsWorld>, targets: 'nodes' | 'pods' = 'nodes'): Promise<void> {
  const pods = targets === 'pods';
  const { test, settle } = judged(pods ? [always] : [always, 'not for a provider that sends to nodes']);
  let world: AwsWorld | undefined;
  await testProvider({
    name: `aws, to ${targets}`,
    test,
    async open() {
      const opened = await openWorld();
      world = opened;
      // Moto has AWS's quota of 50, and makes more.
      const config = { quotas: { loadBalancers: 1_000 }, ...(pods ? { defaultTargetType: 'ip' } : {}) };
      const hooks = testWorldOf(opened, context => providerOn(opened, context, config));
      if (!pods) return hooks;
      return {
        ...hooks,
        async served(id) {
          const served = await hooks.served(id);
          return served.map(one => ({ ...one, backends: one.backends.map(address => `${address}:${podPort}`) }));
        },
      };
    },
    adjust(loadBalancer) {
      const adjusted = world === undefined ? loadBalancer : adjustTo(world, loadBalancer);
      return pods ? withPodsInVpc(adjusted) : adjusted;
    },
  });
  settle();
}

const podPort = 8_080;

/** AWS sends to no address outside the VPC that is not private, as those of the kit are. */
function withPodsInVpc(loadBalancer: LoadBalancer): LoadBalancer {
  const endpoints = loadBalancer.endpoints ?? sampleEndpoints(loadBalancer);
  const inVpc = endpoints.map(one => ({ ...one, address: one.address.replace(/^192\.0\.2\./, '10.0.15.') }));
  return { ...loadBalancer, endpoints: inVpc };
}
