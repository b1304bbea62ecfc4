import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ensurePackages } from '../../../deploy/local-cluster/debian-packages.mjs';
import { whyNoLab } from '../../../deploy/local-cluster/segment/lab.mjs';
import { Segment } from '../../../deploy/local-cluster/segment/segment.mjs';
import { AnnouncerCluster } from './announcer-cluster.ts';
import { AttackerProcess } from './attacker-process.ts';
import { macsOf, ObserverProcess } from './observer-process.ts';

const why = whyNoLab();
const address = '198.18.0.1';
const patience = { timeout: 20_000, interval: 20 };

describe.skipIf(why !== undefined)(`an attacker on the segment${why === undefined ? '' : ` (${why})`}`, () => {
  let segment: Segment;
  let cluster: AnnouncerCluster;
  let attacker: AttackerProcess;

  beforeAll(async () => {
    await ensurePackages(['iproute2', 'procps', 'util-linux']);
    segment = await Segment.create({ nodes: 2, clients: 2 });
    cluster = new AnnouncerCluster(segment);
  });
  afterEach(async () => {
    await attacker?.stop();
    await cluster.stop();
  });
  afterAll(() => segment?.close());

  /** The cluster at work, with so many heartbeats recorded. */
  async function recordedCluster(): Promise<string> {
    attacker = await AttackerProcess.start(segment.clients[1] ?? segment.client);
    await cluster.start([address]);
    const owner = await cluster.ownerOf(address);
    await expect.poll(() => attacker.do('count'), patience).toBeGreaterThan(50);
    return owner;
  }

  test.each(['replay', 'garble', `forge node-a ${address}`, `forge node-b ${address}`, `forge stranger ${address}`])(
    '%s: the owner stays, and is the only one that answers',
    async command => {
      const owner = await recordedCluster();
      const observer = await ObserverProcess.start(segment.client, address);
      for (let round = 0; round < 20; round++) await attacker.do(command);
      for (const { name } of segment.nodes) await cluster.get(name).do({ ping: true });
      expect(cluster.claimants(address)).toEqual([owner]);
      for (const { name } of segment.nodes) {
        const { heartbeatsSent = 0, heartbeatsHeard = 0, heartbeatsRejected = 0 } = cluster.get(name).counts ?? {};
        expect([heartbeatsSent > 20, heartbeatsHeard > 20, heartbeatsRejected > 0]).toEqual([true, true, true]);
      }
      expect(macsOf(await observer.end())).toEqual([segment.node(owner).mac]);
    },
  );

  test('heartbeats of a dead node, sent again, keep nobody from taking over', async () => {
    const owner = await recordedCluster();
    await cluster.get(owner).kill();
    const replaying = (async () => {
      while (cluster.claimants(address).length === 0) await attacker.do('replay');
    })();
    const next = await cluster.ownerOf(address);
    await replaying;
    expect(next).not.toBe(owner);
  });
});
