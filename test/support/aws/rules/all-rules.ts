import { listenerRules } from './listener-rules.ts';
import { loadBalancerRules } from './load-balancer-rules.ts';
import type { Rule } from './rule.ts';
import { securityGroupRules } from './security-group-rules.ts';
import { tagRules } from './tag-rules.ts';
import { targetGroupRules } from './target-group-rules.ts';
import { targetRules } from './target-rules.ts';

/** What the fake keeps to, and where moto does not. */
export const rules: readonly Rule[] = [
  ...loadBalancerRules,
  ...targetGroupRules,
  ...targetRules,
  ...listenerRules,
  ...tagRules,
  ...securityGroupRules,
];
