import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensurePackages } from '../../../deploy/local-cluster/debian-packages.mjs';
import { whyNoLab } from '../../../deploy/local-cluster/segment/lab.mjs';
import { Segment } from '../../../deploy/local-cluster/segment/segment.mjs';

const why = whyNoLab();
const [worker, joinMany] = ['worker.ts', 'join-many.ts'].map(file => fileURLToPath(new URL(file, import.meta.url)));

describe.skipIf(why !== undefined)(`in a process${why === undefined ? '' : ` (${why})`}`, () => {
  let segment: Segment;

  beforeAll(async () => {
    await ensurePackages(['iproute2', 'procps']);
    segment = await Segment.create({ nodes: 1, clients: 0 });
  });
  afterAll(() => segment?.close());

  const run = (program: string | undefined, ...args: readonly string[]) =>
    segment.node('node-a').namespace.run(process.execPath, [program ?? '', ...args], { timeoutMs: 20_000 });

  test('another thread wakes a worker that waits, and all its messages are there', async () => {
    expect(await run(worker, 'wake')).toBe('hello bye 0\n');
  });

  test('a process that crashes ends, although its worker waits', async () => {
    await expect(run(worker, 'crash')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('a crash while'),
    });
  });

  test('thousands of groups are joined, over as many sockets as they need, and left', async () => {
    const counts: unknown = JSON.parse(await run(joinMany, 'eth0', '5000'));
    expect(counts).toEqual({ faults: [null], afterJoin: 5000, afterLeave: 10, afterClose: 0 });
  });
});
