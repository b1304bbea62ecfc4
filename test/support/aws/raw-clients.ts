import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';

export interface RawClients {
  readonly elb: ElasticLoadBalancingV2Client;
  readonly ec2: EC2Client;
  close(): void;
}

/** The SDK's own clients on a test endpoint, which ask once and never again. */
export function rawClients(endpoint: string): RawClients {
  const options = {
    endpoint,
    region: 'us-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  const [elb, ec2] = [new ElasticLoadBalancingV2Client(options), new EC2Client(options)];
  return {
    elb,
    ec2,
    close() {
      elb.destroy();
      ec2.destroy();
    },
  };
}
