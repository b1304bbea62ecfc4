import type { Attributes, KnownListener, KnownTargetGroup } from '../../inventory/known-balancer.ts';
import type { DesiredListener, DesiredTargetGroup, HealthCheck, IngressRule } from '../../model/desired.ts';
import type { ObservedRule, Tags } from '../../model/observed.ts';
import type { WantedListener } from '../../resources/listeners.ts';

/** One thing to do at AWS: one request, unless it says otherwise. What it is done to is found by name, since it may just have been made. */
export type Change =
  /** Two, once in a cluster. */
  | { readonly do: 'ensure-backend-group' }
  | { readonly do: 'create-security-group' }
  | { readonly do: 'create-target-group'; readonly group: DesiredTargetGroup }
  | { readonly do: 'modify-health-check'; readonly group: string; readonly check: HealthCheck }
  | { readonly do: 'authorize'; readonly rules: readonly IngressRule[] }
  | { readonly do: 'create-load-balancer' }
  /** One register, one deregister; a look at the health before that where it could hurt. */
  | { readonly do: 'sync-targets'; readonly group: DesiredTargetGroup }
  | { readonly do: 'modify-target-group-attributes'; readonly group: string; readonly attributes: Attributes }
  | { readonly do: 'modify-load-balancer-attributes'; readonly attributes: Attributes }
  | { readonly do: 'set-subnets' }
  | { readonly do: 'set-address-type' }
  | { readonly do: 'set-security-groups' }
  | { readonly do: 'add-tags'; readonly arns: readonly string[]; readonly tags: Tags }
  | { readonly do: 'remove-tags'; readonly arns: readonly string[]; readonly keys: readonly string[] }
  | { readonly do: 'tag-security-group'; readonly tags: Tags }
  | { readonly do: 'untag-security-group'; readonly keys: readonly string[] }
  /** One more where there are certificates beside the default one. */
  | { readonly do: 'create-listener'; readonly listener: DesiredListener }
  | { readonly do: 'modify-listener'; readonly observed: KnownListener; readonly wanted: WantedListener }
  | { readonly do: 'add-certificates'; readonly observed: KnownListener; readonly certificates: readonly string[] }
  | { readonly do: 'remove-certificates'; readonly observed: KnownListener; readonly certificates: readonly string[] }
  | { readonly do: 'delete-listener'; readonly observed: KnownListener }
  | { readonly do: 'delete-target-group'; readonly observed: KnownTargetGroup }
  | { readonly do: 'revoke'; readonly rules: readonly ObservedRule[] }
  | { readonly do: 'delete-security-group' };

/**
 * When: each group of changes after the one before it has ended, its members side by side. New parts come before what uses them, and what goes
 * goes last: rules are authorised before others are revoked, listeners made before others are deleted.
 */
const order: Readonly<Record<Change['do'], number>> = {
  'ensure-backend-group': 0,
  'create-security-group': 0,
  'create-target-group': 0,
  'modify-health-check': 0,
  authorize: 1,
  'create-load-balancer': 1,
  'sync-targets': 1,
  'modify-target-group-attributes': 1,
  'set-subnets': 1,
  'set-address-type': 1,
  'add-tags': 1,
  'remove-tags': 1,
  'tag-security-group': 1,
  'untag-security-group': 1,
  'modify-load-balancer-attributes': 2,
  'set-security-groups': 2,
  'create-listener': 2,
  'modify-listener': 2,
  'add-certificates': 2,
  'remove-certificates': 3,
  'delete-listener': 3,
  'delete-target-group': 4,
  revoke: 4,
  'delete-security-group': 5,
};

/** The changes in the groups in which they are to be made. Pure. */
export function inOrder(changes: readonly Change[]): readonly (readonly Change[])[] {
  const groups = Map.groupBy(changes, change => order[change.do]);
  return [...groups].toSorted(([one], [other]) => one - other).map(([, group]) => group);
}
