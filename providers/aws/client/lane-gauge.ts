import type { Capabilities, ProviderContext } from '../../../src/provider/provider.ts';
import type { AwsOptions } from './aws.ts';

const gauge = 'aws_lane_wait_seconds';

/** For `capabilities.gauges`. */
export const laneGauges: NonNullable<Capabilities['gauges']> = {
  [gauge]: {
    help: 'How long a request to AWS that comes now waits for its turn, so that AWS need not throttle it.',
    labels: ['lane'],
  },
};

/** For `AwsOptions.waiting`. */
export function reportLanes(context: Pick<ProviderContext, 'report'>): NonNullable<AwsOptions['waiting']> {
  return (lane, _requests, waitMs) =>
    context.report({ kind: 'gauge', gauge, labels: { lane }, value: Math.round(waitMs) / 1_000 });
}
