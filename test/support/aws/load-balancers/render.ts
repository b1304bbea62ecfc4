import type { Answer } from '../wire/xml.ts';
import type { Account } from '../world/account.ts';
import type { LoadBalancer, Zone } from '../world/elb-model.ts';

export function loadBalancerXml(account: Account, balancer: LoadBalancer): Answer {
  return {
    LoadBalancerArn: balancer.arn,
    LoadBalancerName: balancer.name,
    DNSName: balancer.hostname,
    CanonicalHostedZoneId: 'Z18D5FSROUN65G',
    CreatedTime: new Date(balancer.createdAt).toISOString(),
    Scheme: balancer.scheme,
    VpcId: balancer.vpcId,
    State: { Code: account.isActive(balancer) ? 'active' : 'provisioning' },
    Type: 'network',
    AvailabilityZones: zonesXml(account, balancer.zones),
    SecurityGroups: balancer.securityGroups.length === 0 ? undefined : balancer.securityGroups,
    IpAddressType: balancer.addressType,
    EnablePrefixForIpv6SourceNat: balancer.prefixForIpv6SourceNat,
    EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic:
      balancer.securityGroups.length === 0 ? undefined : balancer.enforceOnPrivateLink,
  };
}

export function zonesXml(account: Account, zones: readonly Zone[]): readonly Answer[] {
  return zones.map(zone => ({
    ZoneName: zone.zone,
    SubnetId: zone.subnetId,
    LoadBalancerAddresses: addressesXml(account, zone),
    SourceNatIpv6Prefixes: zone.sourceNatPrefix === undefined ? [] : [zone.sourceNatPrefix],
  }));
}

/** Only addresses that were asked for are shown. */
function addressesXml(account: Account, { allocationId, privateIpv4, ipv6 }: Zone): readonly Answer[] {
  if (allocationId === undefined && privateIpv4 === undefined && ipv6 === undefined) return [];
  return [
    {
      IpAddress: account.addresses.get(allocationId ?? '')?.publicIp,
      AllocationId: allocationId,
      PrivateIPv4Address: privateIpv4,
      IPv6Address: ipv6,
    },
  ];
}
