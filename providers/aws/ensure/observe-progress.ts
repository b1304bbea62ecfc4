import { observeTargets } from '../resources/targets.ts';
import { observedTargets } from '../targets/known-targets.ts';
import type { ApplyDeps, Work } from './apply/work.ts';
import type { Progress } from './plan/plan-listeners.ts';

/** AWS's own figure for `deregistration_delay.timeout_seconds`. */
const defaultDrainSeconds = 300;

/** How far listeners have got that go from one target group to another: a look at the health of each that waits for it, or at the clock. */
export async function observeProgress(deps: ApplyDeps, work: Work): Promise<Progress> {
  const { desired, record, call } = work;
  const healthy = new Set<string>();
  const drained = new Set<number>();
  for (const { port, targetGroup } of desired.listeners) {
    const forwards = record.known.listeners?.find(listener => listener.port === port)?.forwards ?? [];
    const group = record.known.targetGroups.find(({ name }) => name === targetGroup);
    const own = forwards.find(({ targetGroupArn }) => targetGroupArn === group?.arn);
    if (group === undefined || own === undefined || forwards.length < 2) continue;
    if (own.weight > 0) {
      if (msUntilDrained(deps, work, port) <= 0) drained.add(port);
      continue;
    }
    const wanted = desired.targetGroups.find(({ name }) => name === targetGroup)?.targets ?? [];
    const seen = await observeTargets(deps.aws, group.arn, call);
    record.patchTargetGroup(group.arn, { targets: observedTargets(seen) });
    if (wanted.length === 0 || seen.some(({ state }) => state === 'healthy')) healthy.add(group.arn);
  }
  return { healthy, drained };
}

/** Of a listener that has been switched before this process looked, the time begins now. */
export function msUntilDrained({ clock }: ApplyDeps, { record }: Work, port: number): number {
  const now = clock.monotonic();
  const since = record.switchedAt.get(port) ?? now;
  record.switchedAt.set(port, since);
  const forwards = record.known.listeners?.find(listener => listener.port === port)?.forwards ?? [];
  const seconds = forwards
    .filter(({ weight }) => weight === 0)
    .map(({ targetGroupArn }) => {
      const attributes = record.known.targetGroups.find(({ arn }) => arn === targetGroupArn)?.attributes;
      return Number(attributes?.['deregistration_delay.timeout_seconds'] ?? defaultDrainSeconds);
    });
  return since + Math.max(0, ...seconds) * 1_000 - now;
}
