import type { ActionName, Lane } from './actions.ts';
import { actions } from './actions.ts';

/** A token bucket: so many at once, and so many a second from then on. */
export interface BucketLimit {
  readonly burst: number;
  readonly perSecond: number;
}

/** What the operator sets otherwise, in `config.limits`; `off`: only what AWS throttles slows anything down. */
export type LaneLimits = Readonly<Partial<Record<Lane, BucketLimit>>> | 'off';

/**
 * What AWS gives an account in a region, as far as it is known. `describe`, `targets` and `modify` are the defaults of AWS's own controller
 * (aws-load-balancer-controller, pull request 4641); the figures of EC2 stand in its user guide, one bucket for each action. For creates and
 * deletes nothing is published: the lane starts wide, and the first throttle teaches it (`adaptive-bucket.ts`).
 */
export const defaultLimits: Readonly<Record<Lane, BucketLimit>> = {
  describe: { burst: 200, perSecond: 50 },
  targets: { burst: 20, perSecond: 4 },
  modify: { burst: 20, perSecond: 3 },
  'create-and-delete': { burst: 100, perSecond: 50 },
  'ec2-describe': { burst: 100, perSecond: 20 },
  'ec2-change': { burst: 50, perSecond: 5 },
};

const without: BucketLimit = { burst: 10_000, perSecond: 10_000 };

export function limitOf(lane: Lane, limits: LaneLimits = {}): BucketLimit {
  return limits === 'off' ? without : (limits[lane] ?? defaultLimits[lane]);
}

/** The queue that an action waits in: at EC2 each action has its own. Pure. */
export function laneNameOf(action: ActionName): string {
  const { lane, service } = actions[action];
  return service === 'ec2' ? `${lane}/${action}` : lane;
}
