import { removeListener } from '../listeners/lookup.ts';
import type { Operation } from '../services/service.ts';
import { readPage } from '../wire/pages.ts';
import { Refusal } from '../wire/refusal.ts';
import { leaveInterfaces } from './interfaces.ts';
import { checkArn } from './lookup.ts';
import { loadBalancerXml } from './render.ts';

const maxNamed = 20;

/** By ARNs or names all must be there; without, all in pages. */
export const describeLoadBalancers: Operation = params => {
  const [arns, names] = [params.texts('LoadBalancerArns') ?? [], params.texts('Names') ?? []];
  const cut = readPage(params);
  if (arns.length > 0 && names.length > 0)
    throw new Refusal('ValidationError', 'Load balancer ARNs and names cannot be given at the same time');
  if (arns.length > maxNamed || names.length > maxNamed)
    throw new Refusal('ValidationError', `At most ${maxNamed} load balancers can be given`);
  for (const arn of arns) checkArn('loadbalancer', arn);
  return account => {
    const seen = [...account.loadBalancers.values()].filter(balancer => account.sees(balancer));
    const named = arns.length + names.length > 0;
    const chosen = named ? seen.filter(({ arn, name }) => arns.includes(arn) || names.includes(name)) : seen;
    const missing =
      arns.find(arn => !chosen.some(balancer => balancer.arn === arn)) ??
      names.find(name => !chosen.some(balancer => balancer.name === name));
    if (missing !== undefined) throw new Refusal('LoadBalancerNotFound', `Load balancers '[${missing}]' not found`);
    const { page, next } = cut(chosen);
    return { LoadBalancers: page.map(balancer => loadBalancerXml(account, balancer)), NextMarker: next };
  };
};

/** With its listeners. Deleting what is not there succeeds. */
export const deleteLoadBalancer: Operation = params => {
  const arn = params.required('LoadBalancerArn');
  checkArn('loadbalancer', arn);
  return account => {
    const balancer = account.loadBalancers.get(arn);
    if (balancer === undefined) return {};
    if (balancer.attributes.get('deletion_protection.enabled') === 'true')
      throw new Refusal(
        'OperationNotPermitted',
        `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
      );
    for (const listener of account.listenersOf(arn)) removeListener(account, listener);
    leaveInterfaces(account, balancer);
    account.loadBalancers.delete(arn);
    return {};
  };
};
