import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';

export const region = 'us-west-2';

/** @typedef {{ elb: ElasticLoadBalancingV2Client, ec2: EC2Client, close(): void }} AwsClients */

/**
 * The SDK on an emulator, past everything of ours: what it says is there is there.
 * @param {string} endpoint such as http://127.0.0.1:5000
 * @returns {AwsClients}
 */
export function awsClients(endpoint) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const elb = new ElasticLoadBalancingV2Client({ endpoint, region, credentials });
  const ec2 = new EC2Client({ endpoint, region, credentials });
  return {
    elb,
    ec2,
    close() {
      elb.destroy();
      ec2.destroy();
    },
  };
}

/**
 * The variables with which the SDK in another process speaks to an emulator, and to nothing else.
 * @param {string} endpoint
 * @returns {Record<string, string>}
 */
export function emulatorEnv(endpoint) {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
