import { checkName } from '../services/names.ts';
import type { Operation } from '../services/service.ts';
import { Refusal } from '../wire/refusal.ts';
import { readTags } from '../wire/tag-params.ts';
import type { Account } from '../world/account.ts';
import type { LoadBalancer } from '../world/elb-model.ts';
import { loadBalancerDefaults } from './attributes.ts';
import { syncInterfaces } from './interfaces.ts';
import { type Mapping, readMappings, zonesOf } from './placement.ts';
import { loadBalancerXml } from './render.ts';
import { checkSecurityGroups } from './security-groups.ts';

interface Wanted
  extends Pick<LoadBalancer, 'name' | 'scheme' | 'addressType' | 'securityGroups' | 'prefixForIpv6SourceNat'> {
  readonly mappings: readonly Mapping[];
  readonly tags: ReadonlyMap<string, string>;
}

/** The same name with the same settings again answers the load balancer that is there; tags are no settings. */
export const createLoadBalancer: Operation = params => {
  const name = params.required('Name');
  checkName('load balancer', name);
  if (params.optional('Type') !== 'network')
    throw new Refusal('ValidationError', 'This fake has load balancers of type network only');
  const wanted: Wanted = {
    name,
    scheme: params.oneOf('Scheme', ['internet-facing', 'internal']) ?? 'internet-facing',
    addressType: params.oneOf('IpAddressType', ['ipv4', 'dualstack']) ?? 'ipv4',
    securityGroups: params.texts('SecurityGroups') ?? [],
    prefixForIpv6SourceNat: params.oneOf('EnablePrefixForIpv6SourceNat', ['on', 'off']) ?? 'off',
    mappings: readMappings(params),
    tags: readTags(params, 'Tags', 'TooManyTags'),
  };
  return account => {
    const present = [...account.loadBalancers.values()].find(balancer => balancer.name === name);
    if (present !== undefined && !isSame(present, wanted))
      throw new Refusal(
        'DuplicateLoadBalancerName',
        `A load balancer with the same name '${name}' exists, but with different settings`,
      );
    return { LoadBalancers: [loadBalancerXml(account, present ?? make(account, wanted))] };
  };
};

function make(account: Account, wanted: Wanted): LoadBalancer {
  const { mappings, tags, ...settings } = wanted;
  if (account.loadBalancers.size >= account.settings.quotas.loadBalancers)
    throw new Refusal('TooManyLoadBalancers', "You've reached the limit on the number of load balancers");
  const { zones, vpcId } = zonesOf(account, mappings, wanted);
  checkSecurityGroups(account, wanted.securityGroups, vpcId);
  const hex = account.newHex(16);
  const balancer: LoadBalancer = {
    ...settings,
    arn: account.elbArn(`loadbalancer/net/${wanted.name}/${hex}`),
    hostname: `${wanted.name}-${hex}.elb.${account.region}.amazonaws.com`,
    vpcId,
    zones,
    enforceOnPrivateLink: 'on',
    attributes: new Map(loadBalancerDefaults),
    createdAt: account.now(),
    activeAt: account.nextActiveAt(),
    tags: new Map(tags),
  };
  account.loadBalancers.set(balancer.arn, balancer);
  syncInterfaces(account, balancer);
  return balancer;
}

function isSame(present: LoadBalancer, wanted: Wanted): boolean {
  return (
    present.scheme === wanted.scheme &&
    present.addressType === wanted.addressType &&
    present.prefixForIpv6SourceNat === wanted.prefixForIpv6SourceNat &&
    sameSet(present.securityGroups, wanted.securityGroups) &&
    sameSet(present.zones.map(keyOf), wanted.mappings.map(keyOf))
  );
}

function keyOf({ subnetId, allocationId, privateIpv4, ipv6, sourceNatPrefix }: Mapping): string {
  return JSON.stringify([subnetId, allocationId, privateIpv4, ipv6, sourceNatPrefix]);
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [new Set(a), new Set(b)];
  return left.size === right.size && [...left].every(entry => right.has(entry));
}
