import type { Target } from '../model/desired.ts';
import type { ObservedTarget } from '../model/observed.ts';
import { type KnownTargets, keyOf } from './known-targets.ts';

export interface TargetPlan {
  /** To be registered, first of all. */
  readonly register: readonly Target[];
  /** To be deregistered after that. */
  readonly deregister: readonly Target[];
  /** Whether their health has to be read before: they may be the only ones that traffic gets to. */
  readonly afterLook: boolean;
}

/**
 * What has to be done so that exactly the wanted targets are registered. Pure. Unknown targets are to be read first.
 *
 * | wanted | known         | stays                       | →                                                     |
 * |--------|---------------|-----------------------------|-------------------------------------------------------|
 * | a, b   | a             |                             | register b                                            |
 * | a      | a, b          | a has been there for long   | deregister b                                          |
 * | c      | a             | none: c is new              | register c; look at the health; then perhaps a        |
 * | b      | a, b          | b is fresh                  | look at the health; then perhaps a                    |
 * | a:2    | a:1           | none                        | register a:2; look; then perhaps a:1                  |
 * | a:2, b | a:1, b        | b; but a stays by its id    | register a:2; look (moto knows ids only); then a:1    |
 * | none   | a             | none, and nothing follows   | deregister a                                          |
 */
export function planTargets(wanted: readonly Target[], known: KnownTargets): TargetPlan {
  const keys = new Set(wanted.map(keyOf));
  const ids = new Set(wanted.map(({ id }) => id));
  const register = wanted.filter(target => !known.registered.has(keyOf(target)));
  const going = [...known.registered].filter(([key]) => !keys.has(key)).map(([, { target }]) => target);
  const someoneStays = wanted.some(target => known.registered.get(keyOf(target))?.fresh === false);
  const sharesId = going.some(({ id }) => ids.has(id));
  return {
    register,
    deregister: going,
    afterLook: going.length > 0 && wanted.length > 0 && (!someoneStays || sharesId),
  };
}

export interface AfterLook {
  readonly deregister: readonly Target[];
  /** Still needed: nothing else is healthy. */
  readonly held: readonly Target[];
}

/**
 * Which of those that should go can go, by what has just been seen. Pure. Those that are no longer registered need not.
 *
 * | one of the wanted is healthy | one of the going is healthy | →          |
 * |------------------------------|-----------------------------|------------|
 * | yes                          |                             | all go     |
 * | no                           | no                          | all go     |
 * | no                           | yes                         | all stay   |
 */
export function planAfterLook(
  wanted: readonly Target[],
  going: readonly Target[],
  seen: readonly ObservedTarget[],
): AfterLook {
  const states = new Map(seen.filter(({ state }) => state !== 'draining').map(one => [keyOf(one), one.state]));
  const isHealthy = (target: Target): boolean => states.get(keyOf(target)) === 'healthy';
  const left = going.filter(target => states.has(keyOf(target)));
  const free = wanted.some(isHealthy) || !left.some(isHealthy);
  return free ? { deregister: left, held: [] } : { deregister: [], held: left };
}
