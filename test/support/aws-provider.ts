import { createProvider } from '../../providers/aws/aws.ts';
import type { Provider, ProviderContext } from '../../src/provider/provider.ts';
import type { AwsWorld } from './aws/aws-world.ts';

/** Where the SDK finds its endpoint, region and credentials: in the environment, as everywhere. */
export function pointSdkAt(url: string): void {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'us-west-2',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
}

/** The provider of a cluster whose network is the world's fixture. */
export async function providerOn(
  world: AwsWorld,
  context: ProviderContext,
  config: Readonly<Record<string, unknown>> = {},
): Promise<Provider> {
  pointSdkAt(world.url);
  const { vpcId, cluster: clusterName } = world.fixture;
  return createProvider({ ...context, config: { vpcId, clusterName, limits: 'off', ...config } });
}
