import type { Operation } from '../services/service.ts';
import { Refusal } from '../wire/refusal.ts';
import { syncInterfaces } from './interfaces.ts';
import { loadBalancerAt } from './lookup.ts';
import { checkIpv6, readMappings, subnetAt, zonesOf } from './placement.ts';
import { zonesXml } from './render.ts';
import { checkSecurityGroups } from './security-groups.ts';

export const setSubnets: Operation = params => {
  const arn = params.required('LoadBalancerArn');
  const mappings = readMappings(params);
  const addressType = params.oneOf('IpAddressType', ['ipv4', 'dualstack']);
  const sourceNat = params.oneOf('EnablePrefixForIpv6SourceNat', ['on', 'off']);
  return account => {
    const balancer = loadBalancerAt(account, arn);
    const kind = { scheme: balancer.scheme, addressType: addressType ?? balancer.addressType };
    const { zones, vpcId } = zonesOf(account, mappings, kind, balancer.zones);
    if (vpcId !== balancer.vpcId)
      throw new Refusal('InvalidConfigurationRequest', `The subnets must be of the VPC ${balancer.vpcId}`);
    balancer.zones = zones;
    balancer.addressType = kind.addressType;
    balancer.prefixForIpv6SourceNat = sourceNat ?? balancer.prefixForIpv6SourceNat;
    syncInterfaces(account, balancer);
    return {
      AvailabilityZones: zonesXml(account, zones),
      IpAddressType: balancer.addressType,
      EnablePrefixForIpv6SourceNat: balancer.prefixForIpv6SourceNat,
    };
  };
};

/** Whether a Network Load Balancer has security groups is decided when it is made. */
export const setSecurityGroups: Operation = params => {
  const arn = params.required('LoadBalancerArn');
  const ids = params.texts('SecurityGroups') ?? [];
  const enforce = params.oneOf('EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic', ['on', 'off']);
  return account => {
    const balancer = loadBalancerAt(account, arn);
    if (balancer.securityGroups.length === 0)
      throw new Refusal(
        'InvalidConfigurationRequest',
        'You cannot set security groups of a Network Load Balancer that was made without',
      );
    if (ids.length === 0) throw new Refusal('InvalidConfigurationRequest', 'At least one security group must be given');
    checkSecurityGroups(account, ids, balancer.vpcId);
    balancer.securityGroups = ids;
    balancer.enforceOnPrivateLink = enforce ?? balancer.enforceOnPrivateLink;
    syncInterfaces(account, balancer);
    return {
      SecurityGroupIds: ids,
      EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: balancer.enforceOnPrivateLink,
    };
  };
};

export const setIpAddressType: Operation = params => {
  const arn = params.required('LoadBalancerArn');
  const addressType = params.oneOf('IpAddressType', ['ipv4', 'dualstack']);
  return account => {
    const balancer = loadBalancerAt(account, arn);
    if (addressType === undefined) throw new Refusal('ValidationError', 'IpAddressType is required');
    const subnets = balancer.zones.map(({ subnetId }) => subnetAt(account, subnetId));
    checkIpv6(subnets, { addressType });
    balancer.addressType = addressType;
    return { IpAddressType: addressType };
  };
};
