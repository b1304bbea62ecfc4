import type { SecurityGroup } from '@aws-sdk/client-ec2';
import type { Listener, TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { tagKeys } from '../../../../providers/aws/model/tags.ts';
import { idOf } from '../../../../src/plan/load-balancer.ts';
import type { Served } from '../../../../src/provider/conformance.ts';
import { sourcesOf } from './inventory.ts';
import type { ObservedWorld } from './observed-world.ts';

const everyone = ['0.0.0.0/0', '::/0'];

/** What the balancer of the Service with this id serves; `nodeOf` names the node of a target. */
export function servedBy(world: ObservedWorld, id: string, nodeOf: (target: string) => string): readonly Served[] {
  return world.balancers
    .filter(({ tags }) => isOf(id, tags[tagKeys.uid]))
    .flatMap(({ shape, listeners }) => {
      const ids = new Set(shape.SecurityGroups);
      const securityGroups = world.securityGroups.filter(({ GroupId = '' }) => ids.has(GroupId));
      return listeners.flatMap(listener => servedByListener(world, listener.shape, securityGroups, nodeOf));
    });
}

function servedByListener(
  world: ObservedWorld,
  listener: Listener,
  securityGroups: readonly SecurityGroup[],
  nodeOf: (target: string) => string,
): readonly Served[] {
  const arns = (listener.DefaultActions ?? []).flatMap(({ TargetGroupArn, ForwardConfig }) =>
    (ForwardConfig?.TargetGroups ?? [{ TargetGroupArn, Weight: 1 }])
      .filter(({ Weight }) => Weight !== 0)
      .map(group => group.TargetGroupArn),
  );
  const groups = world.groups.filter(({ shape }) => arns.includes(shape.TargetGroupArn));
  const targets: readonly TargetHealthDescription[] = groups.flatMap(group => group.targets);
  const nodePort = targets[0]?.Target?.Port;
  return protocolsOf(listener).map(protocol => ({
    protocol,
    port: listener.Port ?? 0,
    ...(nodePort !== undefined && { nodePort }),
    backends: targets.map(({ Target }) => nodeOf(Target?.Id ?? '')),
    sourceRanges: rangesFor(securityGroups, protocol.toLowerCase(), listener.Port ?? 0),
  }));
}

function protocolsOf({ Protocol }: Listener): readonly ('TCP' | 'UDP')[] {
  if (Protocol === 'TCP_UDP') return ['TCP', 'UDP'];
  return [Protocol === 'UDP' ? 'UDP' : 'TCP'];
}

/** Empty where everyone may connect. */
function rangesFor(groups: readonly SecurityGroup[], protocol: string, port: number): readonly string[] {
  const permissions = groups.flatMap(({ IpPermissions = [] }) => IpPermissions);
  const fitting = permissions.filter(({ IpProtocol, FromPort = 0, ToPort = 65_535 }) => {
    return (IpProtocol === protocol || IpProtocol === '-1') && FromPort <= port && port <= ToPort;
  });
  const sources = fitting.flatMap(permission => sourcesOf(permission, new Map())).map(([source = '']) => source);
  return sources.some(source => everyone.includes(source)) ? [] : [...new Set(sources)];
}

/** Others may have written what they like into a tag of ours. */
function isOf(id: string, uid = ''): boolean {
  return /^[0-9a-f-]{36}$/.test(uid) && idOf(uid) === id;
}
