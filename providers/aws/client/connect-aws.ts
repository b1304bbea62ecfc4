import type { ActionName, AwsService } from './actions.ts';
import type { SdkClient, SdkCommand } from './attempt.ts';
import type { Aws, AwsOptions } from './aws.ts';
import { AwsDoor } from './aws-door.ts';
import { parseFault } from './aws-fault.ts';

/** The SDK alone would wait for ever. */
const requestHandler = {
  connectionTimeout: 5_000,
  requestTimeout: 30_000,
  throwOnRequestTimeout: true,
  // What waits for a free socket would wait behind the check of the Lease: the lanes bound how many requests there are.
  httpAgent: { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY },
  httpsAgent: { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY },
};

/**
 * Loads the SDK, which finds credentials, region and endpoint as every program of AWS does: environment, profile, web identity, instance. Throws
 * an error of one line where one of them is missing.
 */
export async function connectAws(options: AwsOptions): Promise<Aws> {
  const { clients, commands } = await import('./commands.ts');
  // Sending again is the lanes' work: both would multiply.
  const common = { maxAttempts: 1, requestHandler };
  const elb = new clients.elasticloadbalancing(common);
  const ec2 = new clients.ec2(common);
  const region = await found(
    elb.config.region(),
    'no AWS region: set AWS_REGION, or region in the profile that AWS_PROFILE names',
  );
  await found(
    elb.config.credentials(),
    'no AWS credentials: give the pod a role (IRSA, EKS Pod Identity), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
  );
  const byService: Readonly<Record<AwsService, SdkClient>> = { elasticloadbalancing: elb, ec2 };
  // Each command takes its own input: `Aws.send` has seen to that.
  const makers = commands as unknown as Readonly<Record<ActionName, new (input: object) => SdkCommand>>;
  const makeCommand = (action: ActionName, input: object): SdkCommand => new makers[action](input);
  return new AwsDoor({ ...options, region, clients: byService, makeCommand });
}

async function found<Value>(asked: Promise<Value>, otherwise: string): Promise<Value> {
  try {
    return await asked;
  } catch (error) {
    throw new Error(`${otherwise} (the SDK says: ${parseFault(error).message})`, { cause: error });
  }
}
