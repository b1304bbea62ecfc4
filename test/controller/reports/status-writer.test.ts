import { describe, expect, test } from 'vitest';
import type { KindObject } from '../../../src/controller/kinds/kind-object.ts';
import type { Kinds } from '../../../src/controller/kinds/kinds.ts';
import { StatusWriter } from '../../../src/controller/reports/status-writer.ts';
import { type KubeClient, KubeError, type KubeRequest } from '../../../src/kube/client.ts';
import { VirtualClock } from '../../support/sim/virtual-clock.ts';

const kind = { group: 'x.example.com', version: 'v1', plural: 'pools' };

/** One object, as the API server and the watch have it. */
class Rig {
  readonly clock = new VirtualClock();
  readonly writes: { readonly at: number; readonly status: unknown }[] = [];
  readonly warnings: string[] = [];
  readonly stop = new AbortController();
  object: KindObject | undefined = { metadata: { name: 'a', uid: 'u', resourceVersion: '1' } };
  refuse: () => void = () => undefined;
  readonly client = {
    request: <Answer>(request: KubeRequest) => this.#write(request) as Promise<Answer>,
  } as KubeClient;
  readonly writer: StatusWriter;

  constructor() {
    const kinds = {
      find: () => this.object,
      applied: (_: unknown, object: KindObject) => {
        this.object = object;
      },
    };
    const log = { info() {}, debug() {}, warn: (_: object, message: string) => void this.warnings.push(message) };
    this.writer = new StatusWriter({ kinds: kinds as unknown as Kinds, clock: this.clock, log });
  }

  open(): void {
    this.writer.open('edge', this.client, this.stop.signal);
  }

  report(used: number): void {
    this.writer.report('edge', kind, 'a', { used });
  }

  async #write({ body }: KubeRequest): Promise<KindObject> {
    const status = (body as readonly { readonly path: string; readonly value: unknown }[]).find(
      one => one.path === '/status',
    )?.value;
    this.writes.push({ at: this.clock.monotonic(), status });
    this.refuse();
    const version = String(this.writes.length + 1);
    return { metadata: { name: 'a', uid: 'u', resourceVersion: version }, status };
  }
}

describe('statuses', () => {
  test('of one object are written at most once a second, the last one always', async () => {
    const rig = new Rig();
    rig.open();
    for (let at = 0; at < 10_000; at += 50) {
      rig.report(at);
      await rig.clock.run(at + 50);
    }
    await rig.clock.run(20_000);
    expect(rig.writes.at(-1)?.status).toEqual({ used: 9_950 });
    const pauses = rig.writes.slice(1).map(({ at }, index) => at - (rig.writes[index]?.at ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1_000);
    expect(rig.writes.length).toBeGreaterThan(8);
  });

  test('wait until their instance may write', async () => {
    const rig = new Rig();
    rig.report(1);
    rig.report(2);
    await rig.clock.run(5_000);
    expect(rig.writes).toEqual([]);
    rig.open();
    await rig.clock.run(6_000);
    expect(rig.writes.map(({ status }) => status)).toEqual([{ used: 2 }]);
  });

  test('are not written any more once the leadership is over', async () => {
    const rig = new Rig();
    rig.open();
    rig.report(1);
    rig.stop.abort();
    rig.report(2);
    await rig.clock.run(60_000);
    expect(rig.writes).toEqual([]);
  });

  test('that could not be written are tried again, at most every 5 s', async () => {
    const rig = new Rig();
    rig.open();
    rig.refuse = () => {
      throw new KubeError(500, 'InternalError', 'etcd');
    };
    rig.report(1);
    await rig.clock.run(14_000);
    rig.refuse = () => undefined;
    await rig.clock.run(30_000);
    expect(rig.writes.map(({ at }) => at)).toEqual([200, 5_200, 10_200, 15_200]);
    expect(rig.warnings).toEqual([]);
  });

  test.each([403, 404, 422])('that are refused with %i are not tried again', async status => {
    const rig = new Rig();
    rig.open();
    rig.refuse = () => {
      throw new KubeError(status, 'no', 'no');
    };
    rig.report(1);
    await rig.clock.run(60_000);
    expect(rig.writes).toHaveLength(1);
    expect(rig.warnings).toHaveLength(status === 404 ? 0 : 1);
  });

  test('of an object that is not there are forgotten', async () => {
    const rig = new Rig();
    rig.open();
    const { object } = rig;
    rig.object = undefined;
    rig.report(1);
    await rig.clock.run(5_000);
    rig.object = object;
    rig.open();
    await rig.clock.run(10_000);
    expect(rig.writes).toEqual([]);
  });
});
