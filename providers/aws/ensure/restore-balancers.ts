import type { Call, LoadBalancer } from '../../../src/provider/provider.ts';
import type { Desired } from '../desired/desired-balancer.ts';
import { fingerprint } from '../desired/fingerprint.ts';
import type { BalancerRecord } from '../inventory/balancer-record.ts';
import type { Target } from '../model/desired.ts';
import { observeTargets } from '../resources/targets.ts';
import { believedTargets, keyOf, observedTargets } from '../targets/known-targets.ts';
import { ingressFor } from './answer.ts';
import { desiredFor, type EnsureDeps } from './ensure-balancer.ts';
import { askedKeys } from './plan/asked-keys.ts';
import { planChanges } from './plan/plan-changes.ts';

/** More different sets of targets than these are looked at when their balancers are verified. */
const mostSamples = 8;

/**
 * After a gain of leadership: one look at everything, and of it a record for each balancer that is published. One whose hostname and ports stand in
 * the status as they would be published now was complete when that was written: of it only what the look shows is compared, and the rest is
 * believed until its verification.
 */
export async function restoreBalancers(deps: EnsureDeps, held: readonly LoadBalancer[], call: Call): Promise<void> {
  if (held.length === 0) return;
  await deps.inventory.look(call);
  const believed: Believed[] = [];
  for (const loadBalancer of held) {
    const { id, service } = loadBalancer;
    const { namespace, name, uid } = service;
    const record = await deps.inventory.record({ id, service: { namespace, name, uid } }, call);
    const desired = await desiredFor(deps, loadBalancer, record, call).catch(() => undefined);
    call.signal.throwIfAborted();
    // What cannot be desired is told by its ensure.
    if (desired !== undefined && isComplete(deps, loadBalancer, desired, record))
      believed.push(...believe(deps, desired, record));
  }
  await sampleTargets(deps, believed, call);
}

interface Believed {
  readonly record: BalancerRecord;
  readonly arn: string;
  readonly targets: readonly Target[];
}

function isComplete(
  { backend }: EnsureDeps,
  loadBalancer: LoadBalancer,
  desired: Desired,
  { known, asked, refused }: BalancerRecord,
): boolean {
  if (known.loadBalancer === undefined || known.loadBalancer.state === 'provisioning') return false;
  const [published, ...others] = loadBalancer.ingress;
  const wanted = ingressFor(loadBalancer, desired, known.loadBalancer);
  if (published === undefined || others.length > 0 || published.hostname !== wanted.hostname) return false;
  if (!samePorts(published.ports, wanted.ports)) return false;
  const targetGroups = known.targetGroups.map(group => ({
    ...group,
    targets: believedTargets(targetsOf(desired, group.name)),
  }));
  const { changes } = planChanges({
    desired: desired.balancer,
    known: { ...known, targetGroups },
    asked,
    refused,
    progress: { healthy: new Set(), drained: new Set() },
    backend: { ...backend.state(desired.balancer), ready: true },
  });
  return changes.length === 0 && known.targetGroups.length === desired.balancer.targetGroups.length;
}

function believe({ clock }: EnsureDeps, desired: Desired, record: BalancerRecord): readonly Believed[] {
  const { balancer } = desired;
  record.settled = fingerprint(balancer);
  record.asked = askedKeys(balancer);
  record.verifiedAt = clock.monotonic();
  return record.known.targetGroups.map(({ arn, name }) => {
    const targets = targetsOf(desired, name);
    record.patchTargetGroup(arn, { targets: believedTargets(targets) });
    return { record, arn, targets };
  });
}

function targetsOf({ balancer }: Desired, name: string): readonly Target[] {
  return balancer.targetGroups.find(group => group.name === name)?.targets ?? [];
}

/** Nodes are the same behind most Services: where one group still has them, so have the others; where it has not, all are verified at once. */
async function sampleTargets({ aws }: EnsureDeps, believed: readonly Believed[], call: Call): Promise<void> {
  const sets = Map.groupBy(believed, ({ targets }) => [...new Set(targets.map(({ id }) => id))].toSorted().join(' '));
  const largest = [...sets.values()].toSorted((one, other) => other.length - one.length).slice(0, mostSamples);
  await Promise.all(
    largest.map(async group => {
      const [sample] = group;
      if (sample === undefined) return;
      const seen = observedTargets(await observeTargets(aws, sample.arn, call));
      const wanted = new Set(sample.targets.map(keyOf));
      const isSame = wanted.size === seen.registered.size && [...wanted].every(key => seen.registered.has(key));
      if (!isSame) for (const { record } of group) record.verifiedAt = Number.NEGATIVE_INFINITY;
    }),
  );
}

type Ports = LoadBalancer['ingress'][number]['ports'];

/** In whatever order, and with whatever fields the API server adds. */
function samePorts(one: Ports = [], other: Ports = []): boolean {
  const text = (ports: Ports = []): string =>
    ports
      .map(({ port, protocol, error = '' }) => `${port}/${protocol} ${error}`)
      .toSorted()
      .join();
  return text(one) === text(other);
}
