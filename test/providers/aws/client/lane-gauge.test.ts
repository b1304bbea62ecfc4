import { expect, test } from 'vitest';
import { laneGauges, reportLanes } from '../../../../providers/aws/client/lane-gauge.ts';
import type { ProviderReport } from '../../../../src/provider/provider.ts';
import { leadingCall, simulatedAws } from '../../../support/simulated-aws.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

test('a lane says how long one that comes now would wait, and 0 when nobody waits any more', async () => {
  const clock = new VirtualClock();
  const reports: ProviderReport[] = [];
  const waiting = reportLanes({ report: report => void reports.push(report) });
  const limits = { modify: { burst: 1, perSecond: 2 } };
  const { door } = simulatedAws(clock, () => ({}), { limits, waiting });
  const all = Array.from({ length: 5 }, () => door.send('ModifyTargetGroup', { TargetGroupArn: 'a' }, leadingCall()));
  await clock.run();
  await Promise.all(all);
  const values = reports.map(report => (report.kind === 'gauge' ? report.value : undefined));
  expect(Math.max(...values.map(Number))).toBe(2);
  expect(reports.at(-1)).toEqual({
    kind: 'gauge',
    gauge: Object.keys(laneGauges)[0],
    labels: { lane: 'modify' },
    value: 0,
  });
});
