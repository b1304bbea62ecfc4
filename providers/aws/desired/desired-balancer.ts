import type { IngressPort, LoadBalancer, Warning } from '../../../src/provider/provider.ts';
import type { Settings } from '../annotations/settings.ts';
import type { AwsConfig } from '../config.ts';
import type { DesiredBalancer } from '../model/desired.ts';
import type { Network, Present } from './network.ts';

export interface DesiredInput {
  readonly loadBalancer: LoadBalancer;
  readonly settings: Settings;
  readonly config: AwsConfig;
  readonly network: Network;
  readonly present?: Present;
}

export interface Desired {
  readonly balancer: DesiredBalancer;
  readonly warnings: readonly Warning[];
  /** Ports that are not served, for the status. */
  readonly portErrors: readonly Required<IngressPort>[];
  readonly rejectedNodes: readonly RejectedNode[];
}

export interface RejectedNode {
  readonly node: string;
  readonly reason: string;
}

/**
 * What should exist at AWS for one Service. Pure. Throws a ProviderError `unsupported` that names everything that is wrong.
 */
export function desiredBalancer(_input: DesiredInput): Desired {
  throw new Error('being written');
}
