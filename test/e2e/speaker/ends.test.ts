import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ensurePackages } from '../../../deploy/local-cluster/debian-packages.mjs';
import { whyNoLab } from '../../../deploy/local-cluster/segment/lab.mjs';
import { Segment } from '../../../deploy/local-cluster/segment/segment.mjs';
import { AnnouncerCluster } from './announcer-cluster.ts';
import { AnnouncerProcess } from './announcer-process.ts';
import { ObserverProcess } from './observer-process.ts';

const why = whyNoLab();
const address = '198.18.0.1';
const patience = { timeout: 30_000, interval: 20 };

describe.skipIf(why !== undefined)(`the end of a speaker${why === undefined ? '' : ` (${why})`}`, () => {
  let segment: Segment;
  let cluster: AnnouncerCluster;

  beforeAll(async () => {
    await ensurePackages(['iproute2', 'procps', 'util-linux']);
    segment = await Segment.create({ nodes: 2, clients: 1 });
    cluster = new AnnouncerCluster(segment);
  });
  afterEach(() => cluster.stop());
  afterAll(() => segment?.close());

  test.each(['throw', 'exit'] as const)(
    'its main thread ends by %s: the process is gone, and nobody answers any more',
    async crash => {
      await cluster.start([address]);
      const owner = await cluster.ownerOf(address);
      cluster.get(owner).tell({ crash });
      expect((await cluster.get(owner).ended()).code).not.toBe(0);
      await cluster.ownerOf(address, owner);
    },
  );

  test('its main thread is wedged: the worker stops after 10 s, another takes over, and keeps the address', async () => {
    await cluster.start([address]);
    const owner = await cluster.ownerOf(address);
    const observer = await ObserverProcess.start(segment.client, address);
    cluster.get(owner).tell({ wedge: 14_000 });
    const other = segment.nodes.find(({ name }) => name !== owner)?.name ?? '';
    await expect.poll(() => cluster.get(other).report.claims.length, patience).toBe(1);
    await expect.poll(() => cluster.claimants(address), patience).toEqual([other]);
    await cluster.hasListened(owner);
    const { answers } = await observer.end();
    const from = answers.findIndex(([, mac]) => mac === segment.node(other).mac);
    expect(new Set(answers.slice(from).map(([, mac]) => mac))).toEqual(new Set([segment.node(other).mac]));
  });

  test('closed, it answers nothing, and says that it announces nothing', async () => {
    await cluster.start([address]);
    const owner = await cluster.ownerOf(address);
    await cluster.get(owner).do({ close: true });
    await cluster.ownerOf(address);
    expect(cluster.claimants(address)).not.toContain(owner);
  });

  test('without NET_RAW it does not start, and says why in one line', async () => {
    await expect(AnnouncerProcess.start(segment.node('node-a'), { capabilities: '' })).rejects.toThrow('has ended');
  });
});
