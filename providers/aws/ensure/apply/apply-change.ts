import type { Change } from '../plan/change.ts';
import { balancerAppliers } from './balancer-appliers.ts';
import { listenerAppliers } from './listener-appliers.ts';
import { securityGroupAppliers } from './security-group-appliers.ts';
import { tagAppliers } from './tag-appliers.ts';
import { targetGroupAppliers } from './target-group-appliers.ts';
import type { Appliers, ApplyDeps, Work } from './work.ts';

const appliers: Appliers<Change['do']> = {
  ...balancerAppliers,
  ...listenerAppliers,
  ...securityGroupAppliers,
  ...tagAppliers,
  ...targetGroupAppliers,
};

/** A group of changes, side by side: one that fails stops no other, and is told once all have ended. */
export async function applyTogether(deps: ApplyDeps, work: Work, changes: readonly Change[]): Promise<void> {
  const outcomes = await Promise.allSettled(changes.map(change => applyChange(deps, work, change)));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

function applyChange(deps: ApplyDeps, work: Work, change: Change): Promise<void> {
  const apply = appliers[change.do] as (deps: ApplyDeps, work: Work, change: Change) => Promise<void>;
  return apply(deps, work, change);
}
