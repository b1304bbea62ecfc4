import { serveCrowd } from '../../support/aws-crowd.ts';
import { type Figure, times } from '../figure.ts';
import type { Bench, Row } from '../row.ts';
import { median } from '../statistics.ts';

/** Faster than this, and the machine is what is measured: so many requests a second, of the provider, the fake and the proxy between them in one process. */
const speed = 8;
const mostTimesLeast = 1.3;
const mostSeconds = 5;

/** The provider for AWS on the fake: against what AWS's buckets allow, and with what a request to AWS takes. */
export const aws: Row = {
  name: 'aws',
  async measure(bench) {
    return [await throttled(bench), await slow(bench)];
  },
};

async function throttled(bench: Bench): Promise<Figure> {
  const count = bench.many(500);
  bench.say(`${count} Services on an account that throttles, at ${speed} times the speed of time`);
  const { errors, calls, seconds, leastSeconds } = await serveCrowd(count, { speed, throttled: true });
  const ratio = seconds / leastSeconds;
  const refused = calls.filter(({ status = 0 }) => status >= 400).length;
  return {
    figure: `${count} Services at once, throttled by AWS’s buckets, to what the buckets allow`,
    measured: times(ratio),
    must: `≤ ${times(mostTimesLeast)}, no error`,
    reached: ratio <= mostTimesLeast && errors.length === 0,
    detail: `${seconds.toFixed(0)} s of AWS’s time, at least ${leastSeconds.toFixed(0)} s; ${calls.length} requests, ${refused} of them throttled; ${errors.length} errors`,
  };
}

async function slow(bench: Bench): Promise<Figure> {
  const count = bench.many(50);
  const delays = { readMs: 40, writeMs: 200 };
  const runs = await bench.repeat(() => serveCrowd(count, { speed: 1, throttled: false, delays }));
  const seconds = median(runs.map(run => run.seconds));
  return {
    figure: `${count} Services at once to hostnames, reads taking 40 ms and writes 200 ms`,
    measured: `${seconds.toFixed(1)} s`,
    must: `≤ ${mostSeconds} s`,
    reached: seconds <= mostSeconds && runs.every(({ errors }) => errors.length === 0),
    detail: `${runs[0]?.calls.length} requests; other controllers 36 s and 79 s`,
  };
}
