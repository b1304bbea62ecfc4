import { addInterface } from '../network/private-addresses.ts';
import type { Account } from '../world/account.ts';
import type { LoadBalancer } from '../world/elb-model.ts';
import { subnetAt } from './placement.ts';

/** One network interface a zone, with the groups of the balancer; those of zones that it has left linger for a while. */
export function syncInterfaces(account: Account, balancer: LoadBalancer): void {
  const mine = account.interfaces().filter(({ owner, goneAt }) => owner === balancer.arn && goneAt === undefined);
  for (const { subnetId, privateIpv4, ipv6, allocationId } of balancer.zones) {
    if (mine.some(one => one.subnetId === subnetId)) continue;
    addInterface(account, subnetAt(account, subnetId), {
      owner: balancer.arn,
      description: `ELB ${balancer.arn.split(':loadbalancer/')[1]}`,
      type: 'network_load_balancer',
      securityGroups: balancer.securityGroups,
      ...(privateIpv4 !== undefined && { privateIp: privateIpv4 }),
      ipv6,
      allocationId,
    });
  }
  for (const one of mine) {
    one.securityGroups = balancer.securityGroups;
    if (!balancer.zones.some(({ subnetId }) => subnetId === one.subnetId)) one.goneAt = leavesAt(account);
  }
}

export function leaveInterfaces(account: Account, balancer: LoadBalancer): void {
  for (const one of account.interfaces())
    if (one.owner === balancer.arn && one.goneAt === undefined) one.goneAt = leavesAt(account);
}

function leavesAt(account: Account): number {
  return account.now() + account.settings.interfaceLingerMs;
}
