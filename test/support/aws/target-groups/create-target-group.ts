import { isDeepStrictEqual } from 'node:util';
import { checkName } from '../services/names.ts';
import type { Operation } from '../services/service.ts';
import { Refusal } from '../wire/refusal.ts';
import { readTags } from '../wire/tag-params.ts';
import type { Account } from '../world/account.ts';
import { elbProtocols, type TargetGroup } from '../world/elb-model.ts';
import { targetGroupDefaults } from './attributes.ts';
import { mergeHealthCheck, readHealthCheck } from './health-check.ts';
import { targetGroupXml } from './lookup.ts';

type Settings = Pick<
  TargetGroup,
  'name' | 'protocol' | 'port' | 'vpcId' | 'targetType' | 'addressType' | 'healthCheck'
>;

/** The same name with the same settings again answers the target group that is there; tags are no settings. */
export const createTargetGroup: Operation = params => {
  const name = params.required('Name');
  checkName('target group', name);
  params.required('Protocol');
  params.required('Port');
  const settings: Settings = {
    name,
    protocol: params.oneOf('Protocol', elbProtocols) ?? 'TCP',
    port: params.within('Port', 1, 65_535) ?? 0,
    vpcId: params.required('VpcId'),
    targetType: params.oneOf('TargetType', ['instance', 'ip']) ?? 'instance',
    addressType: params.oneOf('IpAddressType', ['ipv4', 'ipv6']) ?? 'ipv4',
    healthCheck: mergeHealthCheck(undefined, readHealthCheck(params)),
  };
  const tags = readTags(params, 'Tags', 'TooManyTags');
  return account => {
    const present = [...account.targetGroups.values()].find(group => group.name === name);
    if (present !== undefined && !isDeepStrictEqual(settingsOf(present), settings))
      throw new Refusal(
        'DuplicateTargetGroupName',
        `A target group with the same name '${name}' exists, but with different settings`,
      );
    return { TargetGroups: [targetGroupXml(account, present ?? make(account, settings, tags))] };
  };
};

function make(account: Account, settings: Settings, tags: ReadonlyMap<string, string>): TargetGroup {
  if (account.targetGroups.size >= account.settings.quotas.targetGroups)
    throw new Refusal('TooManyTargetGroups', "You've reached the limit on the number of target groups");
  if (!account.vpcs.has(settings.vpcId))
    throw new Refusal('ValidationError', `The VPC ID '${settings.vpcId}' is not found`);
  const group: TargetGroup = {
    ...settings,
    arn: account.elbArn(`targetgroup/${settings.name}/${account.newHex(16)}`),
    attributes: new Map(targetGroupDefaults(settings)),
    targets: new Map(),
    tags: new Map(tags),
    createdAt: account.now(),
    releasedAt: Number.NEGATIVE_INFINITY,
  };
  account.targetGroups.set(group.arn, group);
  return group;
}

function settingsOf({ name, protocol, port, vpcId, targetType, addressType, healthCheck }: TargetGroup): Settings {
  return { name, protocol, port, vpcId, targetType, addressType, healthCheck };
}
