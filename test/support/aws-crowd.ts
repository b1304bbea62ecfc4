import { setTimeout as wait } from 'node:timers/promises';
import { sampleLoadBalancer } from '../../src/provider/conformance/sample.ts';
import type { LoadBalancer, Provider } from '../../src/provider/provider.ts';
import { providerErrorCode, throttledForMs } from '../../src/provider/provider-error.ts';
import { fakeWorld } from './aws/aws-world.ts';
import type { AwsCall } from './aws/proxy/call-log.ts';
import { publishedBuckets } from './aws/world/settings.ts';
import { providerOn } from './aws-provider.ts';
import { FastClock } from './fast-clock.ts';
import { silentContext } from './provider-context.ts';

/** As many Services as the core works on at the same time, by default. */
const workers = 10;
/** A worker without a Service looks again. */
const idleMs = 5;

export interface CrowdOptions {
  /** All clocks run so many times as fast; with 1, what AWS allows is waited for in full. */
  readonly speed: number;
  readonly throttled: boolean;
  /** What a read and a write take. */
  readonly delays?: { readonly readMs: number; readonly writeMs: number };
}

export interface CrowdResult {
  readonly served: number;
  /** What users would be told. */
  readonly errors: readonly Error[];
  readonly calls: readonly AwsCall[];
  /** On the account's clock. */
  readonly seconds: number;
  /** What the account's buckets alone allow for the requests that were granted. */
  readonly leastSeconds: number;
}

/** So many new Services at once, as the core's workers take them up, on a fake of AWS. */
export async function serveCrowd(count: number, options: CrowdOptions): Promise<CrowdResult> {
  const { speed, throttled, delays = { readMs: 0, writeMs: 0 } } = options;
  const world = await fakeWorld(throttled ? { throttling: { speed, buckets: publishedBuckets } } : {});
  const clock = new FastClock(speed);
  const config = { limits: throttled ? {} : 'off', quotas: { loadBalancers: 10_000 } };
  const provider = await providerOn(world, silentContext({ cluster: 'cluster-a', clock }), config);
  const backends = world.fixture.instances.map((_, index) => world.backend(index));
  const services = Array.from({ length: count }, (_, n) => ({
    ...sampleLoadBalancer(n, 'cluster-a', provider.capabilities),
    backends,
  }));
  Object.assign(world.proxy.faults.delays, delays);
  const since = world.proxy.log.mark();
  const began = clock.monotonic();
  const errors = await workOff(services, provider, clock);
  const seconds = (clock.monotonic() - began) / 1_000;
  const calls = since();
  await provider.close?.();
  await world.close();
  return { served: count - errors.length, errors, calls, seconds, leastSeconds: leastSeconds(calls) };
}

/** Each until it is ready, or has failed for good: the core's queue in small. */
async function workOff(
  services: readonly LoadBalancer[],
  provider: Provider,
  clock: FastClock,
): Promise<readonly Error[]> {
  const queue = [...services];
  const errors: Error[] = [];
  const { signal } = new AbortController();
  let left = services.length;
  let sequence = 0;
  const again = (one: LoadBalancer, ms: number): void => void clock.after(ms, () => queue.push(one));
  const ask = async (one: LoadBalancer): Promise<void> => {
    try {
      const call = { signal, epoch: '1', sequence: ++sequence, assertLeading: () => undefined };
      const answer = await provider.ensureLoadBalancer(one, call);
      if (answer.state === 'pending') again(one, answer.retryAfterMs);
      else left--;
    } catch (error) {
      if (providerErrorCode(error) === 'throttled') return again(one, throttledForMs(error));
      errors.push(error instanceof Error ? error : new Error(String(error)));
      left--;
    }
  };
  const work = async (): Promise<void> => {
    while (left > 0) {
      const one = queue.shift();
      await (one === undefined ? wait(idleMs) : ask(one));
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return errors;
}

/** Of each bucket: what was granted, less what lies in it at first, at its rate. */
function leastSeconds(calls: readonly AwsCall[]): number {
  const granted = calls.filter(({ status }) => status === 200);
  const needed = [...Map.groupBy(granted, keyOf).values()].map(some => {
    const [first] = some;
    if (first === undefined) return 0;
    const { burst, perSecond } = publishedBuckets[bucketOf(first)];
    return (some.length - burst) / perSecond;
  });
  return Math.max(0, ...needed);
}

/** At EC2 each action has a bucket of its own. */
function keyOf(call: AwsCall): string {
  return call.service === 'ec2' ? call.action : bucketOf(call);
}

function bucketOf({ service, action, isMutation }: AwsCall): keyof typeof publishedBuckets {
  if (service === 'ec2') return isMutation ? 'ec2Mutating' : 'ec2DescribeFiltered';
  if (!isMutation) return 'elbDescribe';
  if (/^(?:Register|Deregister)Targets$/.test(action)) return 'elbTargets';
  return /^(?:Create|Delete)/.test(action) ? 'elbCreateDelete' : 'elbModify';
}
