import { batches } from '../../resources/batches.ts';
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

/** So many ports are changed side by side; a Service with fifty is not the only one that wants something of AWS. */
const mostAtOnce = 8;

/** A group of changes, side by side: one that fails stops no other, and is told once all have ended. */
export async function applyTogether(deps: ApplyDeps, work: Work, changes: readonly Change[]): Promise<void> {
  const errors: unknown[] = [];
  for (const some of batches(changes, mostAtOnce)) {
    for (const outcome of await Promise.allSettled(some.map(change => applyChange(deps, work, change))))
      if (outcome.status === 'rejected') errors.push(outcome.reason);
    work.call.signal.throwIfAborted();
  }
  if (errors.length > 0) throw errors[0];
}

function applyChange(deps: ApplyDeps, work: Work, change: Change): Promise<void> {
  const apply = appliers[change.do] as (deps: ApplyDeps, work: Work, change: Change) => Promise<void>;
  return apply(deps, work, change);
}
