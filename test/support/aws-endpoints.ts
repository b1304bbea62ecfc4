import { startMoto } from '../../deploy/local-cluster/moto/moto.mjs';
import type { Aws } from '../../providers/aws/client/aws.ts';
import { connectAws } from '../../providers/aws/client/connect-aws.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { type FakeAws, startFakeAws } from './aws/fake-aws.ts';

export interface AwsEndpoint {
  readonly url: string;
  /** Only where it is our own. */
  readonly fake?: FakeAws;
  close(): Promise<void>;
}

/** What the provider is judged against: our fake with AWS's rules, and moto. */
export const awsEndpoints = [
  { name: 'the fake', isMoto: false, start: fakeEndpoint },
  { name: 'moto', isMoto: true, start: motoEndpoint },
] as const;

/** The provider's door, opened as an operator opens it: by the SDK's variables. */
export async function openDoor(url: string): Promise<Aws> {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'us-west-2',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  return connectAws({ clock: systemClock });
}

async function fakeEndpoint(): Promise<AwsEndpoint> {
  const fake = await startFakeAws();
  return { url: fake.url, fake, close: () => fake.close() };
}

async function motoEndpoint(): Promise<AwsEndpoint> {
  const moto = await startMoto();
  return { url: moto.url, close: () => moto.stop() };
}
