import { setTimeout as wait } from 'node:timers/promises';
import { published, sampleLoadBalancer } from '../../src/provider/conformance/sample.ts';
import type { LoadBalancer } from '../../src/provider/provider.ts';
import { providerErrorCode, throttledForMs } from '../../src/provider/provider-error.ts';
import { fakeWorld } from './aws/aws-world.ts';
import type { AwsCall } from './aws/proxy/call-log.ts';
import { publishedBuckets } from './aws/world/settings.ts';
import { providerOn } from './aws-provider.ts';
import { FastClock } from './fast-clock.ts';
import { silentContext } from './provider-context.ts';

/** As many as the core works on at the same time, by default. */
const workers = 10;

export interface CrowdResult {
  readonly served: readonly LoadBalancer[];
  /** What a user would be told. */
  readonly errors: readonly Error[];
  readonly calls: readonly AwsCall[];
  /** On the clock of the account. */
  readonly seconds: number;
  /** What the buckets alone allow. */
  readonly leastSeconds: number;
}

/** So many Services at once on a fake that throttles as AWS does, with all clocks running `speed` times as fast; the core's workers in small. */
export async function serveCrowd(count: number, speed: number): Promise<CrowdResult> {
  const world = await fakeWorld({ throttling: { speed, buckets: publishedBuckets } });
  const clock = new FastClock(speed);
  const provider = await providerOn(world, silentContext({ cluster: 'cluster-a', clock }), {
    limits: {},
    quotas: { loadBalancers: 10_000 },
  });
  const backends = world.fixture.instances.map((_, index) => world.backend(index));
  const queue = Array.from({ length: count }, (_, n) => ({
    ...sampleLoadBalancer(n, 'cluster-a', provider.capabilities),
    backends,
  }));
  const served: LoadBalancer[] = [];
  const errors: Error[] = [];
  let waiting = 0;
  const later = (one: LoadBalancer & { backends: typeof backends }, ms: number): void => {
    waiting++;
    clock.after(ms, () => {
      waiting--;
      queue.push(one);
    });
  };
  const since = world.proxy.log.mark();
  const began = clock.monotonic();
  let sequence = 0;
  const signal = new AbortController().signal;
  const work = async (): Promise<void> => {
    while (served.length < count && errors.length < count) {
      const one = queue.shift();
      if (one === undefined) {
        if (waiting === 0 && served.length + errors.length >= count) return;
        await wait(5);
        continue;
      }
      try {
        const call = { signal, epoch: '1', sequence: ++sequence, assertLeading: () => undefined };
        const answer = await provider.ensureLoadBalancer(one, call);
        if (answer.state === 'ready') served.push(published(one, answer));
        else later(one, answer.retryAfterMs);
      } catch (error) {
        if (providerErrorCode(error) === 'throttled') later(one, throttledForMs(error));
        else errors.push(error as Error);
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  const seconds = (clock.monotonic() - began) / 1_000;
  const calls = since();
  await provider.close?.();
  await world.close();
  return { served, errors, calls, seconds, leastSeconds: leastSeconds(calls) };
}

/** Of each bucket: what was granted, less what lies in it at first, at its rate. */
function leastSeconds(calls: readonly AwsCall[]): number {
  const granted = calls.filter(({ status }) => status === 200);
  const counts = Map.groupBy(granted, bucketOf);
  return Math.max(
    ...[...counts].map(([key, some]) => {
      const { burst, perSecond } = publishedBuckets[key.split(' ')[0] as keyof typeof publishedBuckets];
      return (some.length - burst) / perSecond;
    }),
  );
}

/** At EC2 each action has one of its own. */
function bucketOf({ service, action, isMutation }: AwsCall): string {
  if (service === 'ec2') return isMutation ? `ec2Mutating ${action}` : `ec2DescribeFiltered ${action}`;
  if (!isMutation) return 'elbDescribe';
  if (/^(?:Register|Deregister)Targets$/.test(action)) return 'elbTargets';
  return /^(?:Create|Delete)/.test(action) ? 'elbCreateDelete' : 'elbModify';
}
