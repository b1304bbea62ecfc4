import { loadBalancerRules } from './load-balancer-rules.ts';
import type { Rule } from './rule.ts';

/** What the fake keeps to, and where moto does not. */
export const rules: readonly Rule[] = [...loadBalancerRules];
