import { Refusal } from '../wire/refusal.ts';
import type { Account } from '../world/account.ts';

export function checkSecurityGroups(account: Account, ids: readonly string[], vpcId: string): void {
  const wrong = ids.find(id => account.securityGroups.get(id)?.vpcId !== vpcId);
  if (wrong !== undefined)
    throw new Refusal('InvalidSecurityGroup', `The security group '${wrong}' does not exist in the VPC ${vpcId}`);
  const most = account.settings.quotas.securityGroupsPerInterface;
  if (new Set(ids).size > most)
    throw new Refusal('InvalidConfigurationRequest', `At most ${most} security groups can be given`);
}
