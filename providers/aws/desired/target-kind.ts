import type { LoadBalancer } from '../../../src/provider/provider.ts';
import type { Settings, TargetKind } from '../annotations/settings.ts';
import type { AwsConfig } from '../config.ts';
import { targetGroupName } from './names.ts';
import type { Present } from './network.ts';

export interface TargetKindInput {
  readonly settings: Pick<Settings, 'targetKind'>;
  readonly config: Pick<AwsConfig, 'defaultTargetType'>;
  readonly loadBalancer: Pick<LoadBalancer, 'cluster' | 'service' | 'listeners' | 'backends'>;
  readonly present?: Pick<Present, 'vpcId' | 'targetGroupNames'>;
}

/**
 * What takes the traffic. Pure. What nobody has asked for is guessed once, and not again when nodes of another sort come.
 *
 * | annotation | config | target groups now  | nodes                        | →          |
 * |------------|--------|--------------------|------------------------------|------------|
 * | given      | any    | any                | any                          | annotation |
 * | none       | given  | any                | any                          | config     |
 * | none       | none   | nodes by address   | any                          | `node-ip`  |
 * | none       | none   | other, or none     | none, or one has an EC2 id   | `instance` |
 * | none       | none   | other, or none     | none has an EC2 id           | `node-ip`  |
 */
export function chooseTargetKind({ settings, config, loadBalancer, present }: TargetKindInput): TargetKind {
  const asked = settings.targetKind ?? config.defaultTargetType;
  if (asked !== undefined) return asked;
  if (present !== undefined && isByAddress(loadBalancer, present)) return 'node-ip';
  const { backends } = loadBalancer;
  return backends.length === 0 || backends.some(one => instanceIdOf(one.providerId) !== undefined)
    ? 'instance'
    : 'node-ip';
}

/** AWS knows pods and nodes by address as one type; the name of a target group tells them apart. */
function isByAddress(
  { cluster, service, listeners }: TargetKindInput['loadBalancer'],
  { vpcId, targetGroupNames }: Pick<Present, 'vpcId' | 'targetGroupNames'>,
): boolean {
  const names = new Set(targetGroupNames);
  return listeners.some(({ port }) =>
    (['TCP', 'UDP', 'TLS', 'TCP_UDP'] as const).some(protocol =>
      (['ipv4', 'ipv6'] as const).some(addressType =>
        names.has(targetGroupName(cluster, service, { port, protocol, kind: 'node-ip', addressType, vpcId })),
      ),
    ),
  );
}

/** `aws:///us-west-2a/i-0abc` → `i-0abc`; undefined for nodes of other kinds, Fargate's too. Pure. */
export function instanceIdOf(providerId: string): string | undefined {
  return /^aws:\/\/(?:\/[a-z0-9-]{0,40}\/|\/)?(i-[0-9a-z]{1,40})$/.exec(providerId)?.[1];
}
