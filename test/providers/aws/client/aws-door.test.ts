import { describe, expect, test } from 'vitest';
import { withPriority } from '../../../../providers/aws/client/aws.ts';
import { isUnknownOutcome } from '../../../../providers/aws/client/classify-error.ts';
import { providerErrorCode, throttledForMs } from '../../../../src/provider/provider-error.ts';
import {
  type Answer,
  leadingCall,
  sdkError,
  simulatedAws,
  throttling,
  tokenBucket,
} from '../../../support/simulated-aws.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const group = { TargetGroupArn: 'tg' };

/** The answers in their order, then empty ones. */
function answers(...list: readonly (Error | object)[]): Answer {
  const left = [...list];
  return () => {
    const next = left.shift() ?? {};
    if (next instanceof Error) throw next;
    return next;
  };
}

/** What a promise came to, once the clock has run as far as it can. */
async function outcomeOf<Value>(clock: VirtualClock, promise: Promise<Value>): Promise<Value | Error> {
  const settled = promise.catch((error: unknown) => error as Error);
  await clock.run();
  return settled;
}

describe('what is sent again', () => {
  test('six throttles in a row cost less than 15 s, and no error', async () => {
    const clock = new VirtualClock();
    const { door, sent } = simulatedAws(clock, answers(...Array.from({ length: 6 }, throttling)), { latencyMs: 200 });
    expect(await outcomeOf(clock, door.send('RegisterTargets', { ...group, Targets: [] }, leadingCall()))).toEqual({});
    expect(sent).toHaveLength(7);
    expect(clock.now()).toBeLessThan(15_000);
  });

  test('when AWS does nothing but throttle, the core is told to wait', async () => {
    const clock = new VirtualClock();
    const { door } = simulatedAws(clock, () => {
      throw throttling();
    });
    const error = await outcomeOf(clock, door.send('DescribeTargetHealth', group, leadingCall()));
    expect([providerErrorCode(error), throttledForMs(error)]).toEqual(['throttled', 5_000]);
  });

  test('EC2 throttles with another code and status', async () => {
    const clock = new VirtualClock();
    const slow = Object.assign(new Error('Request limit exceeded.'), {
      name: 'RequestLimitExceeded',
      $metadata: { httpStatusCode: 503 },
    });
    const { door, sent } = simulatedAws(clock, answers(slow));
    expect(await outcomeOf(clock, door.send('DeleteSecurityGroup', { GroupId: 'sg' }, leadingCall()))).toEqual({});
    expect(sent).toHaveLength(2);
  });

  test.each([
    ['a read after two faults', 'DescribeTargetHealth', 2, 3, 'answered'],
    ['a read, but not for ever', 'DescribeTargetHealth', 9, 3, 'failed'],
    ['a change never, and its outcome is unknown', 'DeleteTargetGroup', 9, 1, 'unknown'],
  ] as const)('%s', async (_row, action, faults, requests, outcome) => {
    const clock = new VirtualClock();
    const { door, sent } = simulatedAws(
      clock,
      answers(...Array.from({ length: faults }, () => sdkError('InternalFailure', 500))),
    );
    const got = await outcomeOf<unknown>(clock, door.send(action, group, leadingCall()));
    expect(sent).toHaveLength(requests);
    expect(got instanceof Error ? (isUnknownOutcome(got) ? 'unknown' : 'failed') : 'answered').toBe(outcome);
  });

  test('a change that has not arrived is sent again, and its outcome is known', async () => {
    const clock = new VirtualClock();
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    const { door, sent } = simulatedAws(clock, answers(refused, refused, refused));
    const error = await outcomeOf(clock, door.send('DeleteTargetGroup', group, leadingCall()));
    expect(sent).toHaveLength(3);
    expect([isUnknownOutcome(error), providerErrorCode(error)]).toEqual([false, undefined]);
    expect(error).toMatchObject({ message: expect.stringContaining('ECONNREFUSED') });
  });

  test('a refusal is final', async () => {
    const clock = new VirtualClock();
    const { door, sent } = simulatedAws(clock, answers(sdkError('TooManyLoadBalancers', 400)));
    const error = await outcomeOf(clock, door.send('CreateLoadBalancer', { Name: 'a' }, leadingCall()));
    expect([sent.length, providerErrorCode(error)]).toEqual([1, 'rejected']);
  });
});

describe('the end of a call', () => {
  test('what waits in a lane is not sent, and fails with the signal’s reason', async () => {
    const clock = new VirtualClock();
    const { door, sent, waiting } = simulatedAws(clock, answers(), { limits: { modify: { burst: 1, perSecond: 1 } } });
    const abort = new AbortController();
    const first = door.send('ModifyTargetGroup', group, leadingCall());
    const second = door.send('ModifyTargetGroup', group, leadingCall(abort.signal));
    await clock.run(500);
    expect(waiting.get('modify')).toBe(1);
    abort.abort(new Error('the deadline has passed'));
    expect(await outcomeOf(clock, second)).toEqual(new Error('the deadline has passed'));
    expect(await outcomeOf(clock, first)).toEqual({});
    expect([sent.length, waiting.get('modify')]).toEqual([1, 0]);
  });

  test('a change that is aborted on its way has an unknown outcome', async () => {
    const clock = new VirtualClock();
    const { door } = simulatedAws(clock, answers(), { latencyMs: 1_000 });
    const abort = new AbortController();
    const change = door.send('DeleteTargetGroup', group, leadingCall(abort.signal));
    clock.after(500, () => abort.abort(new Error('the Lease is lost')));
    expect(isUnknownOutcome(await outcomeOf(clock, change))).toBe(true);
  });

  test('the Lease is looked at right before each attempt of a change, those after a throttle too, and not for reads', async () => {
    const clock = new VirtualClock();
    const looks: number[] = [];
    const call = { ...leadingCall(), assertLeading: () => void looks.push(clock.now()) };
    const { door, sent } = simulatedAws(clock, answers({}, throttling(), throttling()), { latencyMs: 100 });
    await outcomeOf(clock, door.send('DescribeTargetHealth', group, call));
    expect(looks).toEqual([]);
    await outcomeOf(clock, door.send('DeleteTargetGroup', group, call));
    expect(looks).toEqual(sent.slice(1).map(({ at }) => at));
    expect(looks).toHaveLength(3);
  });

  test('nothing goes out once another may lead', async () => {
    const clock = new VirtualClock();
    const { door, sent } = simulatedAws(clock, answers());
    const lost = new Error('the Lease is lost');
    const call = {
      ...leadingCall(),
      assertLeading() {
        throw lost;
      },
    };
    expect(await outcomeOf(clock, door.send('DeleteTargetGroup', group, call))).toBe(lost);
    expect(sent).toEqual([]);
  });
});

describe('order in a lane', () => {
  test('targets that go come before targets that come, and drift after everything', async () => {
    const clock = new VirtualClock();
    const { door, sent } = simulatedAws(clock, answers(), { limits: { targets: { burst: 1, perSecond: 1 } } });
    const call = leadingCall();
    const all = [
      door.send('RegisterTargets', { TargetGroupArn: 'first', Targets: [] }, call),
      door.send('RegisterTargets', { TargetGroupArn: 'drift', Targets: [] }, withPriority(call, 'verify')),
      door.send('RegisterTargets', { TargetGroupArn: 'comes', Targets: [] }, call),
      door.send('DeregisterTargets', { TargetGroupArn: 'goes', Targets: [] }, call),
    ];
    await clock.run();
    await Promise.all(all);
    expect(sent.map(({ input }) => (input as typeof group).TargetGroupArn)).toEqual([
      'first',
      'goes',
      'comes',
      'drift',
    ]);
  });

  test('what was throttled keeps its place', async () => {
    const clock = new VirtualClock();
    let throttles = 1;
    const { door, sent } = simulatedAws(
      clock,
      () => {
        if (throttles-- > 0) throw throttling();
        return {};
      },
      { limits: { targets: { burst: 1, perSecond: 0.5 } } },
    );
    const names = ['a', 'b', 'c'];
    const all = names.map(name => door.send('RegisterTargets', { TargetGroupArn: name, Targets: [] }, leadingCall()));
    await clock.run();
    await Promise.all(all);
    expect(sent.map(({ input }) => (input as typeof group).TargetGroupArn)).toEqual(['a', 'a', 'b', 'c']);
  });

  test('each action of EC2 has a lane of its own', async () => {
    const clock = new VirtualClock();
    const { door, waiting } = simulatedAws(clock, answers());
    const call = leadingCall();
    await outcomeOf(
      clock,
      Promise.all([
        door.send('DeleteSecurityGroup', { GroupId: 'sg' }, call),
        door.send('DescribeVpcs', {}, call),
        door.send('DeleteTargetGroup', group, call),
        door.send('DeleteLoadBalancer', { LoadBalancerArn: 'lb' }, call),
      ]),
    );
    expect([...waiting.keys()].toSorted()).toEqual([
      'create-and-delete',
      'ec2-change/DeleteSecurityGroup',
      'ec2-describe/DescribeVpcs',
    ]);
  });

  test('a queue that would outlast its calls is told to come again', async () => {
    const clock = new VirtualClock();
    const { door } = simulatedAws(clock, answers(), { limits: { modify: { burst: 1, perSecond: 1 } } });
    const all = Array.from({ length: 40 }, () => door.send('ModifyTargetGroup', group, leadingCall()));
    const settled = Promise.allSettled(all);
    await clock.run();
    const codes = (await settled).map(one => (one.status === 'fulfilled' ? 'sent' : providerErrorCode(one.reason)));
    expect(codes.filter(code => code === 'sent')).toHaveLength(32);
    expect(codes.filter(code => code === 'throttled')).toHaveLength(8);
  });
});

/** As the core does it: so many Services at a time, each with steps one after the other, and again after `retryAfterMs`. */
async function createAll(
  services: number,
  steps: number,
  workers: number,
  send: () => Promise<unknown>,
  clock: VirtualClock,
) {
  const left = Array.from({ length: services }, () => steps);
  const errors: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let todo = left.pop(); todo !== undefined; todo = left.pop()) {
      try {
        for (; todo > 0; todo--) await send();
      } catch (error) {
        if (providerErrorCode(error) !== 'throttled') errors.push(error);
        const rest = todo;
        clock.after(throttledForMs(error), () => {
          left.push(rest);
          pending.push(work());
        });
      }
    }
  };
  const pending: Promise<void>[] = Array.from({ length: workers }, work);
  await clock.run();
  await Promise.all(pending);
  return errors;
}

describe('a bucket at AWS that nobody has told us of', () => {
  test.each([
    { burst: 20, perSecond: 3, latencyMs: 200, services: 500, steps: 3, workers: 10 },
    { burst: 20, perSecond: 3, latencyMs: 200, services: 500, steps: 3, workers: 50 },
    { burst: 20, perSecond: 3, latencyMs: 200, services: 500, steps: 3, workers: 500 },
    { burst: 5, perSecond: 1, latencyMs: 50, services: 100, steps: 3, workers: 10 },
    { burst: 40, perSecond: 10, latencyMs: 400, services: 500, steps: 3, workers: 100 },
    { burst: 1, perSecond: 20, latencyMs: 30, services: 500, steps: 3, workers: 30 },
  ])(
    'of $burst and $perSecond/s is used to within 1.3 of what it gives: $services Services, $workers at a time',
    async row => {
      const clock = new VirtualClock();
      const bucket = tokenBucket(row.burst, row.perSecond);
      let throttles = 0;
      const { door, sent } = simulatedAws(
        clock,
        (_action, now) => {
          if (bucket.take(now)) return {};
          throttles += 1;
          throw throttling();
        },
        { latencyMs: row.latencyMs },
      );
      const send = () => door.send('CreateTargetGroup', { Name: 'a' }, leadingCall());
      const errors = await createAll(row.services, row.steps, row.workers, send, clock);
      const requests = row.services * row.steps;
      const leastMs = ((requests - row.burst) / row.perSecond) * 1_000;
      expect(errors).toEqual([]);
      expect(sent.length - throttles).toBe(requests);
      expect(clock.now()).toBeLessThan(1.3 * leastMs);
      expect(throttles).toBeLessThan(0.3 * requests);
    },
  );

  test('a rate that fell because others used the account grows again', async () => {
    const clock = new VirtualClock();
    const few = tokenBucket(5, 1);
    const { door } = simulatedAws(clock, (_action, now) => {
      if (now > 60_000 || few.take(now)) return {};
      throw throttling();
    });
    const send = () => door.send('CreateTargetGroup', { Name: 'a' }, leadingCall());
    expect(await createAll(3_000, 1, 20, send, clock)).toEqual([]);
    expect(clock.now()).toBeLessThan(300_000);
  });

  test('published figures are kept: no request is throttled', async () => {
    const clock = new VirtualClock();
    const bucket = tokenBucket(20, 4);
    const { door, sent } = simulatedAws(clock, (_action, now) => {
      if (!bucket.take(now)) throw new Error(`too early at ${now}`);
      return {};
    });
    const send = () => door.send('RegisterTargets', { ...group, Targets: [] }, leadingCall());
    expect(await createAll(500, 1, 10, send, clock)).toEqual([]);
    expect(sent).toHaveLength(500);
    expect(clock.now()).toBeLessThan(121_000);
  });
});
