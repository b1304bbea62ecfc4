import type { Call, Ensured, LoadBalancer } from '../../../src/provider/provider.ts';
import { providerErrorCode } from '../../../src/provider/provider-error.ts';
import { parseSettings } from '../annotations/parse-settings.ts';
import type { AwsConfig } from '../config.ts';
import { groupNamesOf } from '../desired/choose-security-groups.ts';
import { type Desired, desiredBalancer } from '../desired/desired-balancer.ts';
import { fingerprint } from '../desired/fingerprint.ts';
import type { Present } from '../desired/network.ts';
import type { BalancerQuota } from '../inventory/balancer-quota.ts';
import type { BalancerRecord } from '../inventory/balancer-record.ts';
import type { KnownBalancer } from '../inventory/known-balancer.ts';
import type { NetworkFacts } from '../inventory/network-facts.ts';
import type { Provisioning } from '../inventory/provisioning.ts';
import type { Reminders } from '../inventory/reminders.ts';
import { answerFor } from './answer.ts';
import { applyTogether } from './apply/apply-change.ts';
import type { ApplyDeps, Work } from './apply/work.ts';
import { msUntilDrained, observeProgress } from './observe-progress.ts';
import { askedKeys } from './plan/asked-keys.ts';
import { inOrder } from './plan/change.ts';
import { type ChangePlan, planChanges } from './plan/plan-changes.ts';
import type { Progress } from './plan/plan-listeners.ts';
import { forgetDetails, readDetails } from './read-details.ts';

export interface EnsureDeps extends ApplyDeps {
  readonly config: AwsConfig;
  readonly network: NetworkFacts;
  readonly provisioning: Provisioning;
  readonly quota: BalancerQuota;
  readonly reminders: Reminders;
}

/** A shared look at everything that is younger does for a verification. */
export const lookAgeMs = 240_000;
/** What the network is like is looked at anew for a Service that cannot be served in it, but no more often than this. */
const networkAgeMs = 10_000;
/** New parts, what becomes of them, a protocol that has to be made anew, a switch of target groups: far fewer. */
const mostRounds = 12;

/**
 * Makes a Service's balancer what it should be: what is desired and what is known give the changes, which are carried out in order, and what they
 * have made is known then. No request where the two are equal and everything was compared with AWS not long ago.
 */
export async function ensureBalancer(deps: EnsureDeps, loadBalancer: LoadBalancer, call: Call): Promise<Ensured> {
  const { id, service } = loadBalancer;
  const { namespace, name, uid } = service;
  const record = await deps.inventory.record({ id, service: { namespace, name, uid } }, call);
  const wanted = await desiredFor(deps, loadBalancer, record, call);
  const work: Work = { desired: wanted.balancer, record, call, waits: new Set() };
  const print = fingerprint(wanted.balancer);
  const isBelieved = record.settled === print;
  const isRight = isBelieved && planFor(deps, work, nowhere).changes.length === 0;
  const isDue = isVerificationDue(deps, record, isRight);
  if (isRight && !isDue) return answerFor(deps, loadBalancer, wanted, work);
  if (isDue) await beginVerification(deps, work);
  const { transitions } = await makeRight(deps, work, isBelieved && !isDue);
  settle(deps, work, print, transitions);
  if (isDue || record.verifiedAt === undefined) record.verifiedAt = deps.clock.monotonic();
  return answerFor(deps, loadBalancer, wanted, work);
}

/** A verification waits for a call that changes nothing, so that a change costs no more than it must; but not for ever. */
function isVerificationDue({ clock, config }: EnsureDeps, { verifiedAt }: BalancerRecord, isRight: boolean): boolean {
  if (verifiedAt === undefined) return false;
  const age = clock.monotonic() - verifiedAt;
  return age >= config.verifySeconds * 1_000 * (isRight ? 1 : 4);
}

/** What should exist; looked at the network once more where it cannot be. */
export async function desiredFor(
  { config, network }: Pick<EnsureDeps, 'config' | 'network'>,
  loadBalancer: LoadBalancer,
  { known }: BalancerRecord,
  call: Call,
): Promise<Desired> {
  const { settings, warnings } = parseSettings(loadBalancer.annotations);
  const named = groupNamesOf(settings).length > 0;
  const present = presentOf(known);
  const input = { loadBalancer, settings, config, ...(present === undefined ? {} : { present }) };
  const desire = async (maxAgeMs?: number): Promise<Desired> => {
    const desired = desiredBalancer({ ...input, network: await network.get(call, named, maxAgeMs) });
    return { ...desired, warnings: [...warnings, ...desired.warnings] };
  };
  try {
    return await desire();
  } catch (error) {
    if (providerErrorCode(error) === undefined) throw error;
    return desire(networkAgeMs);
  }
}

function presentOf({ loadBalancer, targetGroups }: KnownBalancer): Present | undefined {
  if (loadBalancer === undefined) return undefined;
  return { ...loadBalancer, targetGroupNames: targetGroups.map(group => group.name) };
}

async function beginVerification(deps: EnsureDeps, work: Work): Promise<void> {
  await deps.inventory.refresh(work.record, work.call, lookAgeMs);
  deps.backend.doubtRules(lookAgeMs);
  forgetDetails(work);
}

const nowhere: Progress = { healthy: new Set(), drained: new Set() };

function planFor({ backend }: ApplyDeps, { desired, record }: Work, progress: Progress): ChangePlan {
  const { known, asked, refused } = record;
  return planChanges({ desired, known, asked, refused, progress, backend: backend.state(desired) });
}

/** Round for round, until nothing is left to do or something has to be waited for. `believed`: what has not been read is as it should be. */
async function makeRight(deps: EnsureDeps, work: Work, believed: boolean): Promise<ChangePlan> {
  const { desired, record, waits } = work;
  record.asked = new Set([...record.asked, ...askedKeys(desired)]);
  for (let round = 0; ; round++) {
    if (!believed) await readDetails(deps, work);
    const plan = planFor(deps, work, await observeProgress(deps, work));
    if (plan.changes.length === 0 || waits.size > 0) return plan;
    if (round === 0 && record.known.loadBalancer === undefined)
      await deps.quota.assertRoomFor(deps.inventory.countLoadBalancers(), work.call);
    if (round >= mostRounds) throw new Error(`load balancer ${desired.name} does not become what it should be`);
    for (const group of inOrder(plan.changes)) await applyTogether(deps, work, group);
  }
}

function settle(deps: EnsureDeps, work: Work, print: string, transitions: ChangePlan['transitions']): void {
  const { desired, record, waits } = work;
  if (transitions.some(({ waitsFor }) => waitsFor === 'health'))
    waits.add('the new target group is not healthy yet, so the former one serves');
  if (waits.size > 0) return;
  for (const { port } of transitions)
    deps.reminders.set(desired.id, msUntilDrained(deps, work, port), 'the former target group has drained');
  if (transitions.length > 0) return;
  record.asked = askedKeys(desired);
  record.settled = print;
}
