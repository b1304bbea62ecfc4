import type { Target } from '../model/desired.ts';
import type { ObservedTarget } from '../model/observed.ts';

/** What is known to be registered in one target group. */
export interface KnownTargets {
  readonly registered: ReadonlyMap<string, RegisteredTarget>;
  /** False: they were registered when somebody last looked, which was not this process. */
  readonly read: boolean;
}

export interface RegisteredTarget {
  readonly target: Target;
  /** Registered by this process and not seen healthy since: nobody knows whether traffic gets there. */
  readonly fresh: boolean;
}

export const noTargets: KnownTargets = { registered: new Map(), read: true };

/** An address or instance may stand in a group several times, at several ports. */
export function keyOf({ id, port }: Target): string {
  return `${id} ${port}`;
}

/** They are believed to be there until somebody looks. */
export function believedTargets(targets: readonly Target[]): KnownTargets {
  return {
    registered: new Map(targets.map(target => [keyOf(target), { target, fresh: false }])),
    read: false,
  };
}

/**
 * Out of an answer of DescribeTargetHealth. Pure.
 *
 * | state                                | is                                              |
 * |--------------------------------------|-------------------------------------------------|
 * | `draining`                           | gone: it gets no new connections                |
 * | `unused`, `Target.NotRegistered`     | gone                                            |
 * | `healthy`                            | registered                                      |
 * | any other                            | registered, and fresh                           |
 */
export function observedTargets(observed: readonly ObservedTarget[]): KnownTargets {
  const registered = new Map<string, RegisteredTarget>();
  for (const { state, reason, ...target } of observed) {
    if (state === 'draining' || reason === 'Target.NotRegistered') continue;
    registered.set(keyOf(target), { target, fresh: state !== 'healthy' });
  }
  return { registered, read: true };
}

export function withRegistered(known: KnownTargets, targets: readonly Target[]): KnownTargets {
  const registered = new Map(known.registered);
  for (const target of targets) registered.set(keyOf(target), { target, fresh: true });
  return { ...known, registered };
}

export function withoutTargets(known: KnownTargets, targets: readonly Target[]): KnownTargets {
  const registered = new Map(known.registered);
  for (const target of targets) registered.delete(keyOf(target));
  return { ...known, registered };
}
