import { checkArn, loadBalancerAt } from '../load-balancers/lookup.ts';
import type { Operation } from '../services/service.ts';
import { readPage } from '../wire/pages.ts';
import { Refusal } from '../wire/refusal.ts';
import { mergeHealthCheck, readHealthCheck } from './health-check.ts';
import { loadBalancersOf, targetGroupAt, targetGroupXml } from './lookup.ts';

const maxNamed = 20;

/** By ARNs or names all must be there; by load balancer, those that it uses; without, all in pages. */
export const describeTargetGroups: Operation = params => {
  const [arns, names] = [params.texts('TargetGroupArns') ?? [], params.texts('Names') ?? []];
  const balancerArn = params.optional('LoadBalancerArn');
  const cut = readPage(params);
  if ([arns.length, names.length, balancerArn === undefined ? 0 : 1].filter(count => count > 0).length > 1)
    throw new Refusal('ValidationError', 'Target group ARNs, names and a load balancer ARN exclude each other');
  if (arns.length > maxNamed || names.length > maxNamed)
    throw new Refusal('ValidationError', `At most ${maxNamed} target groups can be given`);
  for (const arn of arns) checkArn('targetgroup', arn);
  return account => {
    if (balancerArn !== undefined) loadBalancerAt(account, balancerArn);
    const seen = [...account.targetGroups.values()].filter(group => account.sees(group));
    const chosen = seen.filter(({ arn, name }) => {
      if (balancerArn !== undefined) return loadBalancersOf(account, arn).includes(balancerArn);
      return arns.length + names.length === 0 || arns.includes(arn) || names.includes(name);
    });
    const missing =
      arns.find(arn => !chosen.some(group => group.arn === arn)) ??
      names.find(name => !chosen.some(group => group.name === name));
    if (missing !== undefined) throw new Refusal('TargetGroupNotFound', `Target groups '[${missing}]' not found`);
    const { page, next } = cut(chosen);
    return { TargetGroups: page.map(group => targetGroupXml(account, group)), NextMarker: next };
  };
};

/** Changes the health check, and nothing else can be changed. */
export const modifyTargetGroup: Operation = params => {
  const arn = params.required('TargetGroupArn');
  const wanted = readHealthCheck(params);
  return account => {
    const group = targetGroupAt(account, arn);
    group.healthCheck = mergeHealthCheck(group.healthCheck, wanted);
    return { TargetGroups: [targetGroupXml(account, group)] };
  };
};

/** Deleting what is not there succeeds; what a listener uses, or used until a moment ago, is in use. */
export const deleteTargetGroup: Operation = params => {
  const arn = params.required('TargetGroupArn');
  checkArn('targetgroup', arn);
  return account => {
    const group = account.targetGroups.get(arn);
    if (group === undefined) return {};
    const isReleasing = group.releasedAt + account.settings.targetGroupReleaseMs > account.now();
    if (account.usersOf(arn).length > 0 || isReleasing)
      throw new Refusal('ResourceInUse', `Target group '${arn}' is currently in use by a listener or a rule`);
    account.targetGroups.delete(arn);
    return {};
  };
};
