import type { KnownBalancer, KnownListener, KnownTargetGroup } from '../../inventory/known-balancer.ts';
import type { DesiredBalancer, DesiredListener } from '../../model/desired.ts';
import { sameListener, type WantedListener } from '../../resources/listeners.ts';
import type { Change } from './change.ts';
import { type ForwardPlan, planForwards } from './plan-forwards.ts';

/** How far a change of target groups has got, which only a look at the health or at the clock tells. */
export interface Progress {
  /** ARNs of target groups that can take over. */
  readonly healthy: ReadonlySet<string>;
  /** Ports whose former target groups have had their time. */
  readonly drained: ReadonlySet<number>;
}

export interface ListenerPlan {
  readonly changes: readonly Change[];
  /** ARNs of target groups that a listener uses now, or will. */
  readonly used: ReadonlySet<string>;
  /** Target groups that are being replaced. */
  readonly transitions: readonly Transition[];
}

export interface Transition {
  readonly port: number;
  readonly waitsFor: 'health' | 'drain';
  /** ARN of the one that comes. */
  readonly targetGroup: string;
  /** ARNs of those that go. */
  readonly former: readonly string[];
}

/**
 * What has to be done to the listeners, which the port alone names. Pure.
 *
 * | desired | observed | its target group | →                                                             |
 * |---------|----------|------------------|---------------------------------------------------------------|
 * | yes     | no       |                  | create                                                        |
 * | yes     | differs  | is there         | modify; its target groups step by step, as `planForwards` has it |
 * | yes     | any      | is being made    | nothing yet                                                   |
 * | no      | yes      |                  | delete                                                        |
 *
 * Of several on one port, which only moto has, the first is kept.
 */
export function planListeners(desired: DesiredBalancer, known: KnownBalancer, progress: Progress): ListenerPlan {
  const observed = new Map<number, KnownListener>();
  const changes: Change[] = [];
  const wantedPorts = new Set(desired.listeners.map(({ port }) => port));
  for (const listener of known.listeners ?? []) {
    if (wantedPorts.has(listener.port) && !observed.has(listener.port)) observed.set(listener.port, listener);
    else changes.push({ do: 'delete-listener', observed: listener });
  }
  const used = new Set<string>();
  const transitions: Transition[] = [];
  for (const listener of desired.listeners) {
    const found = observed.get(listener.port);
    const group = known.targetGroups.find(({ name }) => name === listener.targetGroup);
    if (group !== undefined) used.add(group.arn);
    if (found === undefined) {
      changes.push({ do: 'create-listener', listener });
      continue;
    }
    for (const { targetGroupArn } of found.forwards) used.add(targetGroupArn);
    if (group === undefined) continue;
    const step = forwardsOf(listener, found, group, progress);
    changes.push(...modifications(listener, found, step));
    const former = found.forwards.map(one => one.targetGroupArn).filter(arn => arn !== group.arn);
    if (step.waitsFor === undefined) for (const arn of former) used.delete(arn);
    else transitions.push({ port: listener.port, waitsFor: step.waitsFor, targetGroup: group.arn, former });
  }
  return { changes, used, transitions };
}

function forwardsOf(
  listener: DesiredListener,
  observed: KnownListener,
  group: KnownTargetGroup,
  { healthy, drained }: Progress,
): ForwardPlan {
  return planForwards({
    wanted: group.arn,
    observed: observed.forwards,
    protocolChanges: listener.protocol !== observed.protocol,
    healthy: healthy.has(group.arn),
    drained: drained.has(listener.port),
  });
}

function modifications(
  listener: DesiredListener,
  observed: KnownListener,
  { forwards }: ForwardPlan,
): readonly Change[] {
  const wanted = wantedListener(listener, forwards);
  const more = listener.certificates.slice(1);
  const before = observed.certificates ?? [];
  const add = more.filter(arn => !before.includes(arn));
  const remove = before.filter(arn => !more.includes(arn));
  return [
    ...(sameListener(wanted, observed) ? [] : [{ do: 'modify-listener', observed, wanted } as const]),
    ...(add.length === 0 ? [] : [{ do: 'add-certificates', observed, certificates: add } as const]),
    ...(remove.length === 0 || listener.protocol !== 'TLS'
      ? []
      : [{ do: 'remove-certificates', observed, certificates: remove } as const]),
  ];
}

export function wantedListener(listener: DesiredListener, forwards: WantedListener['forwards']): WantedListener {
  const { port, protocol, certificates, sslPolicy, alpnPolicy } = listener;
  return { port, protocol, certificate: certificates[0], sslPolicy, alpnPolicy, forwards };
}
