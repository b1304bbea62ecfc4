import { describe, expect, test } from 'vitest';
import { KubeError } from '../../src/kube/client.ts';
import type { EventSubject } from '../../src/kube/event-body.ts';
import { EventRecorder } from '../../src/kube/events.ts';
import { seededRandom } from '../support/sim/random.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';
import { EventServer } from './event-server.ts';

function service(name: string): EventSubject {
  const metadata = { namespace: 'shop', name, uid: `uid-${name}`, resourceVersion: '5' };
  return { kind: 'Service', apiVersion: 'v1', metadata };
}

interface Rig {
  readonly clock: VirtualClock;
  readonly server: EventServer;
  readonly recorder: EventRecorder;
  readonly dropped: string[];
  readonly busy: { is: boolean };
  readonly stop: AbortController;
}

function rig(): Rig {
  const clock = new VirtualClock();
  const server = new EventServer(clock);
  const dropped: string[] = [];
  const busy = { is: false };
  const stop = new AbortController();
  const recorder = new EventRecorder({
    client: server,
    clock,
    random: seededRandom(1),
    component: 'service-controller',
    identity: 'pod-1',
    isBusy: () => busy.is,
    onDropped: (reason, event) => dropped.push(`${reason} ${event.type} ${event.message}`),
  });
  return { clock, server, recorder, dropped, busy, stop };
}

const normal = { type: 'Normal', reason: 'EnsuredLoadBalancer', message: 'Ensured load balancer' } as const;
const warning = { type: 'Warning', reason: 'SyncLoadBalancerFailed', message: 'quota' } as const;

describe('what is written', () => {
  test('an Event as the stock recorder writes it', async () => {
    const { clock, server, recorder, stop } = rig();
    void recorder.run(stop.signal);
    recorder.record(service('web'), normal);
    await clock.run(100);
    expect(server.all).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: expect.stringMatching(/^web\.[0-9a-f]{14,16}$/), namespace: 'shop' },
        involvedObject: {
          kind: 'Service',
          apiVersion: 'v1',
          namespace: 'shop',
          name: 'web',
          uid: 'uid-web',
          resourceVersion: '5',
        },
        type: 'Normal',
        reason: 'EnsuredLoadBalancer',
        message: 'Ensured load balancer',
        source: { component: 'service-controller', host: 'pod-1' },
        reportingComponent: 'service-controller',
        reportingInstance: 'pod-1',
        firstTimestamp: '2030-01-01T00:00:00Z',
        lastTimestamp: '2030-01-01T00:00:00Z',
        count: 1,
      },
    ]);
  });

  test('about an object without a namespace it lives in default', async () => {
    const { clock, server, recorder, stop } = rig();
    void recorder.run(stop.signal);
    const metadata = { name: 'node-1', uid: 'n', resourceVersion: '1' };
    recorder.record({ kind: 'Node', apiVersion: 'v1', metadata }, normal);
    await clock.run(100);
    expect(server.all[0]?.metadata.namespace).toBe('default');
    expect(server.all[0]?.involvedObject).not.toHaveProperty('namespace');
  });

  test('in the order in which they were recorded', async () => {
    const { clock, server, recorder, stop } = rig();
    for (const message of ['1', '2', '3', '4', '5']) {
      recorder.record(service('web'), { ...(Number(message) % 2 ? normal : warning), message });
    }
    void recorder.run(stop.signal);
    await clock.run(100);
    expect(server.all.map(({ message }) => message)).toEqual(['1', '2', '3', '4', '5']);
  });
});

describe('repeats', () => {
  test('raise the count of the first, at most every ten seconds', async () => {
    const { clock, server, recorder, stop } = rig();
    void recorder.run(stop.signal);
    for (let second = 0; second < 30; second += 1) {
      await clock.run(second * 1_000);
      recorder.record(service('web'), warning);
    }
    await clock.run(60_000);
    expect(server.all).toHaveLength(1);
    expect(server.all[0]).toMatchObject({
      count: 30,
      firstTimestamp: '2030-01-01T00:00:00Z',
      lastTimestamp: '2030-01-01T00:00:29Z',
    });
    expect(server.times.length).toBeLessThanOrEqual(4);
  });

  test('after ten quiet minutes a new one begins', async () => {
    const { clock, server, recorder, stop } = rig();
    void recorder.run(stop.signal);
    recorder.record(service('web'), warning);
    await clock.run(601_000);
    recorder.record(service('web'), warning);
    await clock.run(602_000);
    expect(server.all.map(({ count }) => count)).toEqual([1, 1]);
  });

  test('of another object, type, reason or message are none', async () => {
    const { clock, server, recorder, stop } = rig();
    void recorder.run(stop.signal);
    recorder.record(service('web'), warning);
    recorder.record(service('shop'), warning);
    recorder.record(service('web'), { ...warning, type: 'Normal' });
    recorder.record(service('web'), { ...warning, reason: 'Other' });
    recorder.record(service('web'), { ...warning, message: 'other' });
    await clock.run(100);
    expect(server.all).toHaveLength(5);
  });

  test('of an Event that has expired make a new one, with the whole count', async () => {
    const { clock, server, recorder, stop } = rig();
    void recorder.run(stop.signal);
    recorder.record(service('web'), warning);
    await clock.run(20_000);
    server.events.clear();
    recorder.record(service('web'), warning);
    await clock.run(40_000);
    expect(server.all.map(({ count }) => count)).toEqual([2]);
  });

  test('while the first is on its way are not lost', async () => {
    const { clock, server, recorder, stop } = rig();
    server.answerMs = 1_000;
    void recorder.run(stop.signal);
    recorder.record(service('web'), warning);
    await clock.run(500);
    recorder.record(service('web'), warning);
    await clock.run(20_000);
    expect(server.all.map(({ count }) => count)).toEqual([2]);
  });
});

describe('limits', () => {
  test('one object: 25 at once, then one in five minutes; others are not affected', async () => {
    const { clock, server, recorder, dropped, stop } = rig();
    void recorder.run(stop.signal);
    for (let n = 0; n < 100; n += 1) recorder.record(service('web'), { ...warning, message: String(n) });
    recorder.record(service('other'), warning);
    await clock.run(10_000);
    expect(server.all).toHaveLength(26);
    expect(dropped).toHaveLength(75);
    expect(dropped[0]).toBe('limited Warning 25');
    await clock.run(310_000);
    recorder.record(service('web'), { ...warning, message: 'a' });
    recorder.record(service('web'), { ...warning, message: 'b' });
    await clock.run(311_000);
    expect(server.all).toHaveLength(27);
  });

  test('a full queue drops the oldest Normal, and a Warning only where there is no other', async () => {
    const { clock, server, recorder, dropped, stop } = rig();
    recorder.record(service('w'), warning);
    for (let n = 0; n < 10_005; n += 1) recorder.record(service(`s${n}`), { ...normal, message: String(n) });
    expect(dropped).toEqual(['0', '1', '2', '3', '4', '5'].map(n => `full Normal ${n}`));
    void recorder.run(stop.signal);
    await clock.run(60_000);
    expect(server.all).toHaveLength(10_000);
    expect(server.all[0]?.type).toBe('Warning');
  });

  test('messages are cut to 1024 bytes between two characters', async () => {
    const { clock, server, recorder, stop } = rig();
    void recorder.run(stop.signal);
    recorder.record(service('web'), { ...normal, message: `x${'€'.repeat(1_000)}` });
    await clock.run(100);
    const { message } = server.all[0] ?? { message: '' };
    expect(Buffer.byteLength(message)).toBe(1_024);
    expect(message).toBe(`x${'€'.repeat(341)}`);
  });
});

describe('in the background', () => {
  test('several in parallel while nothing else is to be done', async () => {
    const { clock, server, recorder, stop } = rig();
    void recorder.run(stop.signal);
    for (let n = 0; n < 100; n += 1) recorder.record(service(`s${n}`), normal);
    await clock.run(200);
    expect(server.all).toHaveLength(100);
    expect(server.mostParallel).toBe(4);
  });

  test('while busy one after the other, at most four a second; then fast again', async () => {
    const { clock, server, recorder, busy, stop } = rig();
    busy.is = true;
    void recorder.run(stop.signal);
    for (let n = 0; n < 100; n += 1) recorder.record(service(`s${n}`), normal);
    await clock.run(2_000);
    expect(server.times.length).toBeLessThanOrEqual(9);
    expect(server.times.length).toBeGreaterThan(6);
    expect(server.mostParallel).toBe(1);
    busy.is = false;
    await clock.run(6_000);
    expect(server.all).toHaveLength(100);
  });

  test('run ends with its signal', async () => {
    const { clock, server, recorder, stop } = rig();
    const run = recorder.run(stop.signal);
    await clock.run(10);
    stop.abort();
    await run;
    recorder.record(service('web'), normal);
    await clock.run(1_000);
    expect(server.times).toEqual([]);
  });
});

describe('failures', () => {
  test.each([
    ['no answer', new KubeError(0, 'Timeout', 'late')],
    ['429', new KubeError(429, 'TooManyRequests', 'slow', { retryAfterMs: 2_000 })],
    ['500', new KubeError(500, 'InternalError', 'etcd')],
  ])('%s is tried again, and given up after five times', async (_, error) => {
    const { clock, server, recorder, dropped, stop } = rig();
    let failures = 2;
    server.refuse = () => {
      if (failures-- > 0) throw error;
    };
    void recorder.run(stop.signal);
    recorder.record(service('web'), normal);
    await clock.run(30_000);
    expect(server.all).toHaveLength(1);
    failures = 1_000;
    recorder.record(service('web'), warning);
    await clock.run(200_000);
    expect(server.times).toHaveLength(3 + 5);
    expect(dropped).toEqual(['failed Warning quota']);
  });

  test('a refusal for good is not tried again', async () => {
    const { clock, server, recorder, dropped, stop } = rig();
    server.refuse = () => {
      throw new KubeError(422, 'Invalid', 'no');
    };
    void recorder.run(stop.signal);
    recorder.record(service('web'), normal);
    await clock.run(100_000);
    expect(server.times).toHaveLength(1);
    expect(dropped).toEqual(['failed Normal Ensured load balancer']);
  });

  test.each([
    ['that has gone', new KubeError(404, 'NotFound', 'namespaces "shop" not found')],
    ['that is going', new KubeError(403, 'Forbidden', 'because it is being terminated')],
    [
      'that is going, by cause',
      new KubeError(403, 'Forbidden', 'no', { causes: [{ reason: 'NamespaceTerminating' }] }),
    ],
  ])('in a namespace %s nobody is told of the loss', async (_, error) => {
    const { clock, server, recorder, dropped, stop } = rig();
    server.refuse = () => {
      throw error;
    };
    void recorder.run(stop.signal);
    recorder.record(service('web'), normal);
    await clock.run(100_000);
    expect(server.times).toHaveLength(1);
    expect(dropped).toEqual([]);
  });

  test('a lost answer makes no second Event', async () => {
    const { clock, server, recorder, stop } = rig();
    let isLost = true;
    server.lose = () => {
      if (!isLost) return;
      isLost = false;
      throw new KubeError(0, 'Timeout', 'late');
    };
    void recorder.run(stop.signal);
    recorder.record(service('web'), normal);
    await clock.run(30_000);
    expect(server.all).toHaveLength(1);
    recorder.record(service('web'), normal);
    await clock.run(60_000);
    expect(server.all[0]?.count).toBe(2);
  });

  test('a name that somebody else has: another name', async () => {
    const { clock, server, recorder, stop } = rig();
    let isTaken = true;
    server.refuse = () => {
      if (!isTaken) return;
      isTaken = false;
      throw new KubeError(409, 'AlreadyExists', 'there is one');
    };
    void recorder.run(stop.signal);
    recorder.record(service('web'), normal);
    await clock.run(30_000);
    expect(server.all).toHaveLength(1);
  });
});

describe('flush', () => {
  test('sends what waits, also what was to wait longer, after the run has ended', async () => {
    const { clock, server, recorder, busy, stop } = rig();
    busy.is = true;
    void recorder.run(stop.signal);
    recorder.record(service('web'), warning);
    await clock.run(1_000);
    recorder.record(service('web'), warning);
    for (let n = 0; n < 50; n += 1) recorder.record(service(`s${n}`), normal);
    stop.abort();
    await clock.until(recorder.flush(2_000));
    expect(clock.monotonic()).toBeLessThan(1_200);
    expect(server.all).toHaveLength(51);
    expect(server.all[0]?.count).toBe(2);
  });

  test('gives up at its deadline', async () => {
    const { clock, server, recorder } = rig();
    server.refuse = () => {
      throw new KubeError(0, 'Unreachable', 'down');
    };
    recorder.record(service('web'), normal);
    await clock.until(recorder.flush(1_000));
    expect(clock.monotonic()).toBe(1_000);
  });

  test('has nothing to do when nothing waits', async () => {
    const { clock, recorder } = rig();
    await clock.until(recorder.flush(1_000));
    expect(clock.monotonic()).toBe(0);
  });
});
