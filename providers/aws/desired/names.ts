import { createHash } from 'node:crypto';
import type { ServiceIdentity } from '../../../src/provider/provider.ts';
import type { TargetKind } from '../annotations/settings.ts';
import type { AwsProtocol } from '../model/desired.ts';

/**
 * Names of what is made: the same for the same Service for ever, told apart by a hash, readable by their beginnings. Letters, digits and single
 * hyphens, at most 32 characters: AWS's rules for balancers and target groups, which end and begin with a letter or digit.
 */

/** `k8s-<namespace>-<service>-<hash>`, for the balancer and for its own security group. */
export function balancerName(cluster: string, service: ServiceIdentity): string {
  return joined(['k8s', start(service.namespace, 8), start(service.name, 8), hash([cluster, service.uid])]);
}

/** What cannot be changed in a target group; another one of these is another group. */
export interface TargetGroupIdentity {
  readonly port: number;
  readonly protocol: AwsProtocol;
  readonly kind: TargetKind;
  readonly addressType: 'ipv4' | 'ipv6';
  readonly vpcId: string;
}

/** `fl-<namespace>-<service>-<hash>`. */
export function targetGroupName(cluster: string, service: ServiceIdentity, identity: TargetGroupIdentity): string {
  const { port, protocol, kind, addressType, vpcId } = identity;
  const digest = hash([cluster, service.uid, String(port), protocol, kind, addressType, vpcId]);
  return joined(['fl', start(service.namespace, 8), start(service.name, 9), digest]);
}

/** Of the group that all balancers of a cluster share, by which nodes know them. */
export function backendGroupName(cluster: string): string {
  return joined(['k8s', 'traffic', start(cluster, 8), hash([cluster])]);
}

/** The hyphens of a name are left out, so that no two of them meet. */
function start(text: string, most: number): string {
  return text.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, most);
}

function joined(parts: readonly string[]): string {
  return parts.filter(part => part !== '').join('-');
}

/** 10 characters of base 36, 51 bits: two of 10,000 names meet with a chance of 1 in 50 million. */
function hash(parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
  return BigInt(`0x${digest}`).toString(36).padStart(10, '0').slice(-10);
}
