import type { ObservedListener } from '../../model/observed.ts';

type Forwards = ObservedListener['forwards'];

export interface ForwardInput {
  /** ARN of the target group that is to take the traffic. */
  readonly wanted: string;
  readonly observed: Forwards;
  /** Another protocol fits no target group of the old one: both cannot stand side by side. */
  readonly protocolChanges: boolean;
  /** A target of the wanted group has been seen healthy; or it is to have none. */
  readonly healthy: boolean;
  /** What went to the others before the switch has had its time. */
  readonly drained: boolean;
}

export interface ForwardPlan {
  readonly forwards: Forwards;
  readonly waitsFor?: 'health' | 'drain';
}

/**
 * The next step from one target group to another without a moment in which none is healthy: AWS looks at the health of a group only once a
 * listener uses it, so it is put beside the old one with weight 0, takes over when it is healthy, and the old one leaves after its connections
 * have had their time. Pure. W: wanted, O: any other.
 *
 * | observed  | protocol changes | healthy | drained | → forwards | waits for |
 * |-----------|------------------|---------|---------|------------|-----------|
 * | W         |                  |         |         | W          |           |
 * | none      |                  |         |         | W          |           |
 * | any       | yes              |         |         | W          |           |
 * | O         | no               |         |         | O:1 W:0    | health    |
 * | O:1 W:0   | no               | no      |         | O:1 W:0    | health    |
 * | O:1 W:0   | no               | yes     |         | O:0 W:1    | drain     |
 * | O:0 W:1   | no               |         | no      | O:0 W:1    | drain     |
 * | O:0 W:1   | no               |         | yes     | W          |           |
 */
export function planForwards(input: ForwardInput): ForwardPlan {
  const { wanted, observed, protocolChanges, healthy, drained } = input;
  const others = observed.filter(({ targetGroupArn }) => targetGroupArn !== wanted);
  const own = observed.find(({ targetGroupArn }) => targetGroupArn === wanted);
  const alone: ForwardPlan = { forwards: [{ targetGroupArn: wanted, weight: 1 }] };
  if (others.length === 0 || protocolChanges) return alone;
  if (own === undefined || (own.weight === 0 && !healthy)) {
    const serves = others.some(({ weight }) => weight > 0);
    const kept = serves ? others : others.map(other => ({ ...other, weight: 1 }));
    return { forwards: [...kept, { targetGroupArn: wanted, weight: 0 }], waitsFor: 'health' };
  }
  if (own.weight > 0 && drained) return alone;
  const left = others.map(other => ({ ...other, weight: 0 }));
  return { forwards: [...left, { targetGroupArn: wanted, weight: 1 }], waitsFor: 'drain' };
}
