import type { KnownBalancer, KnownTargetGroup } from '../../inventory/known-balancer.ts';
import type { DesiredBalancer, DesiredTargetGroup } from '../../model/desired.ts';
import { sameHealthCheck } from '../../resources/health-check.ts';
import { keyOf } from '../../targets/known-targets.ts';
import { planTargets } from '../../targets/plan-targets.ts';
import { askedKey } from './asked-keys.ts';
import { loadBalancerDefaults, planAttributes, targetGroupDefaults } from './attribute-defaults.ts';
import type { Change } from './change.ts';
import { type Progress, planListeners, type Transition } from './plan-listeners.ts';
import { planSecurityGroup, wantedGroupIds } from './plan-security-group.ts';
import { planTags } from './plan-tags.ts';

export interface ChangesInput {
  readonly desired: DesiredBalancer;
  readonly known: KnownBalancer;
  readonly backend: BackendState;
  /** What this process has asked for before: see `askedKeys`. */
  readonly asked: ReadonlySet<string>;
  readonly progress: Progress;
  /** Targets that AWS would not take (`keyOf`), by ARN of their group. */
  readonly refused: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The group that all balancers of the cluster share. */
export interface BackendState {
  /** `undefined`: it has still to be looked for, or made. */
  readonly id: string | undefined;
  /** Nodes let in what comes from it, at all ports that are needed. */
  readonly ready: boolean;
}

export interface ChangePlan {
  /** In no order: see `inOrder`. */
  readonly changes: readonly Change[];
  readonly transitions: readonly Transition[];
}

/**
 * Everything that has to be done so that what is known becomes what is desired; nothing where they are equal. Pure. What has not been read is
 * not judged.
 *
 * | known                | →                                                                                                |
 * |----------------------|--------------------------------------------------------------------------------------------------|
 * | nothing              | create-security-group ∥ create-target-group → authorize ∥ create-load-balancer ∥ sync-targets → create-listener |
 * | all, a port too few  | create-target-group → authorize ∥ sync-targets → create-listener                                  |
 * | all, a port too much | delete-listener → delete-target-group ∥ revoke                                                    |
 * | other source ranges  | authorize → revoke                                                                                |
 * | other nodes          | sync-targets                                                                                      |
 * | other health checks  | modify-health-check                                                                               |
 * | all                  | nothing                                                                                           |
 */
export function planChanges(input: ChangesInput): ChangePlan {
  const { desired, known, progress } = input;
  const listeners =
    known.listeners === undefined
      ? { changes: [], used: undefined, transitions: [] }
      : planListeners(desired, known, progress);
  const changes = [
    ...planBackendGroup(input),
    ...planSecurityGroup(desired, known),
    ...desired.targetGroups.flatMap(group => planTargetGroup(group, input)),
    ...planLoadBalancer(input),
    ...planTags(desired, known, input.asked),
    ...listeners.changes,
    ...planLeftovers(desired, known, listeners.used),
  ];
  return { changes, transitions: listeners.transitions };
}

function planBackendGroup({ desired: { securityGroups }, backend }: ChangesInput): readonly Change[] {
  const wants = securityGroups.kind !== 'none' && securityGroups.backend;
  return wants && !backend.ready ? [{ do: 'ensure-backend-group' }] : [];
}

function planTargetGroup(group: DesiredTargetGroup, input: ChangesInput): readonly Change[] {
  const found = input.known.targetGroups.find(({ name }) => name === group.name);
  const attributes = planAttributes({
    desired: group.attributes,
    observed: found === undefined ? {} : found.attributes,
    defaults: targetGroupDefaults(group),
    asked: key => ofTheSpec.has(key) || input.asked.has(askedKey.groupAttribute(group.name, key)),
  });
  const name = group.name;
  return [
    ...(found === undefined ? [{ do: 'create-target-group', group } as const] : []),
    ...(found !== undefined && !sameHealthCheck(group.healthCheck, found.healthCheck)
      ? [{ do: 'modify-health-check', group: name, check: group.healthCheck } as const]
      : []),
    ...(attributes === undefined ? [] : [{ do: 'modify-target-group-attributes', group: name, attributes } as const]),
    ...(needsTargets(group, found, input) ? [{ do: 'sync-targets', group } as const] : []),
  ];
}

/** Session affinity decides it, so nobody else does: it is taken back after a restart too. */
const ofTheSpec = new Set(['stickiness.enabled']);

/** Unknown targets have to be read, which is a part of making them right. */
function needsTargets(group: DesiredTargetGroup, found: KnownTargetGroup | undefined, input: ChangesInput): boolean {
  if (found === undefined) return group.targets.length > 0;
  if (found.targets === undefined) return true;
  const refused = input.refused.get(found.arn);
  const { register, deregister } = planTargets(group.targets, found.targets);
  return deregister.length > 0 || register.some(target => refused?.has(keyOf(target)) !== true);
}

function planLoadBalancer({ desired, known, backend, asked }: ChangesInput): readonly Change[] {
  const found = known.loadBalancer;
  const attributes = planAttributes({
    desired: desired.attributes,
    observed: found === undefined ? {} : found.attributes,
    defaults: loadBalancerDefaults,
    asked: key => asked.has(askedKey.attribute(key)),
  });
  const modify = attributes === undefined ? [] : [{ do: 'modify-load-balancer-attributes', attributes } as const];
  if (found === undefined) return [{ do: 'create-load-balancer' }, ...modify];
  const subnets = desired.subnets.map(({ subnetId }) => subnetId);
  const groups = wantedGroupIds(desired, known, backend.id);
  // With or without groups is for ever. While one of them is still being made they are not judged.
  const otherGroups =
    found.securityGroupIds.length > 0 &&
    desired.securityGroups.kind !== 'none' &&
    groups !== undefined &&
    !sameSet(groups, found.securityGroupIds);
  return [
    ...(sameSet(subnets, found.subnetIds) ? [] : [{ do: 'set-subnets' } as const]),
    ...(desired.addressType === found.addressType ? [] : [{ do: 'set-address-type' } as const]),
    ...(otherGroups ? [{ do: 'set-security-groups' } as const] : []),
    ...modify,
  ];
}

/** Target groups that nobody wants; while a listener still uses one it stays. */
function planLeftovers(
  desired: DesiredBalancer,
  known: KnownBalancer,
  used: ReadonlySet<string> | undefined,
): readonly Change[] {
  if (used === undefined) return [];
  const names = new Set(desired.targetGroups.map(({ name }) => name));
  return known.targetGroups
    .filter(({ name, arn }) => !names.has(name) && !used.has(arn))
    .map(observed => ({ do: 'delete-target-group', observed }));
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  const set = new Set(one);
  return set.size === new Set(other).size && other.every(id => set.has(id));
}
