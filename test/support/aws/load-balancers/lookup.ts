import { Refusal } from '../wire/refusal.ts';
import type { Account } from '../world/account.ts';
import type { LoadBalancer } from '../world/elb-model.ts';

/** Throws unless it can be the ARN of such a thing: one that was never there differs from one that cannot be. */
export function checkArn(kind: 'loadbalancer' | 'targetgroup' | 'listener', arn: string): void {
  if (new RegExp(`^arn:aws:elasticloadbalancing:[a-z0-9-]+:\\d{12}:${kind}/`).test(arn)) return;
  throw new Refusal('ValidationError', `'${arn}' is not a valid ${kind} ARN`);
}

export function loadBalancerAt(account: Account, arn: string): LoadBalancer {
  checkArn('loadbalancer', arn);
  const found = account.loadBalancers.get(arn);
  if (found === undefined) throw new Refusal('LoadBalancerNotFound', `Load balancer '${arn}' not found`);
  return found;
}
