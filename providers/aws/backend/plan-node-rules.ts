import { ruleKey } from '../desired/security-rules.ts';
import type { RuleDiff } from '../ensure/plan/plan-security-group.ts';
import type { IngressRule } from '../model/desired.ts';
import type { ObservedRule } from '../model/observed.ts';

/**
 * What has to change on the nodes' group so that all that is wanted is let in. Pure. A range of ours only ever grows, since not every Service that
 * needs it is known at any time: the wider one comes, then the narrower one goes. Rules of others are never touched.
 *
 * | wanted        | there, from the same source | →                                       |
 * |---------------|-----------------------------|-----------------------------------------|
 * | 8000–8080     | nothing                     | authorise 8000–8080                     |
 * | 8000–8080     | 8000–9000                   |                                         |
 * | 8000–8080     | ours, 8050–9000             | authorise 8000–9000, revoke 8050–9000   |
 * | 30000–32767   | another's, the same         |                                         |
 */
export function planNodeRules(
  wanted: readonly IngressRule[],
  observed: readonly ObservedRule[],
  description: string,
): RuleDiff {
  const authorize: IngressRule[] = [];
  const revoke: ObservedRule[] = [];
  for (const rule of wanted) {
    const there = observed.filter(one => one.protocol === rule.protocol && sameSource(one, rule));
    if (there.some(one => one.fromPort <= rule.fromPort && one.toPort >= rule.toPort)) continue;
    const meets = there.filter(one => one.description === description && overlaps(one, rule));
    authorize.push({
      ...rule,
      fromPort: Math.min(rule.fromPort, ...meets.map(one => one.fromPort)),
      toPort: Math.max(rule.toPort, ...meets.map(one => one.toPort)),
    });
    revoke.push(...meets);
  }
  return { authorize, revoke: [...new Set(revoke)] };
}

function overlaps(one: IngressRule, other: IngressRule): boolean {
  return one.fromPort <= other.toPort && one.toPort >= other.fromPort;
}

function sameSource(one: IngressRule, other: IngressRule): boolean {
  const text = (rule: IngressRule): string => ruleKey({ ...rule, protocol: 'tcp', fromPort: 0, toPort: 0 });
  return text(one) === text(other);
}
