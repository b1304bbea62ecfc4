import { expect, test } from 'vitest';
import type { TargetKind } from '../../../../providers/aws/annotations/settings.ts';
import { parseConfig } from '../../../../providers/aws/config.ts';
import { targetGroupName } from '../../../../providers/aws/desired/names.ts';
import { chooseTargetKind, instanceIdOf } from '../../../../providers/aws/desired/target-kind.ts';
import { type Asked, node, settings, web } from '../samples.ts';

const ec2 = node(1);
const kind = node(2, { providerId: 'kind://docker/kind/worker' });

const groupNow = (of: TargetKind) =>
  targetGroupName(web.cluster, web.service, {
    port: 80,
    protocol: 'TCP',
    kind: of,
    addressType: 'ipv4',
    vpcId: 'vpc-1',
  });

test.each([
  ['the annotation decides', { 'nlb-target-type': 'ip' }, { defaultTargetType: 'instance' }, [ec2], 'instance', 'ip'],
  ['then the operator', {}, { defaultTargetType: 'node-ip' }, [ec2], 'instance', 'node-ip'],
  ['instances where nodes are some', {}, {}, [ec2], undefined, 'instance'],
  ['instances where one node is one', {}, {}, [kind, ec2], undefined, 'instance'],
  ['addresses where no node is one', {}, {}, [kind], undefined, 'node-ip'],
  ['instances while there is no node', {}, {}, [], undefined, 'instance'],
  ['addresses stay, though instances come', {}, {}, [ec2], 'node-ip', 'node-ip'],
  ['addresses stay, though nodes go', {}, {}, [], 'node-ip', 'node-ip'],
  ['pods become instances', {}, {}, [ec2], 'ip', 'instance'],
  ['instances that no node is become addresses', {}, {}, [kind], 'instance', 'node-ip'],
] as const)('%s', (_row, asked: Asked, config, backends, now, expected) => {
  expect(
    chooseTargetKind({
      settings: settings(asked),
      config: parseConfig(config),
      loadBalancer: { ...web, backends },
      ...(now !== undefined && { present: { vpcId: 'vpc-1', targetGroupNames: [groupNow(now)] } }),
    }),
  ).toBe(expected);
});

test.each([
  ['aws:///us-west-2a/i-0abc123', 'i-0abc123'],
  ['aws:////i-0abc123', 'i-0abc123'],
  ['aws:///us-west-2a/1234-5678/fargate-ip-10-0-0-1.ec2.internal', undefined],
  ['kind://docker/kind/worker', undefined],
  ['gce://project/zone/i-0abc123', undefined],
  ['aws:///us-west-2a/i-0abc123/x', undefined],
  ['', undefined],
])('%j is instance %s', (providerId, id) => {
  expect(instanceIdOf(providerId)).toBe(id);
});
