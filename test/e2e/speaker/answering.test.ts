import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ensurePackages } from '../../../deploy/local-cluster/debian-packages.mjs';
import { whyNoLab } from '../../../deploy/local-cluster/segment/lab.mjs';
import { Segment } from '../../../deploy/local-cluster/segment/segment.mjs';
import { neighborEntry, resolve } from '../segment/neighbors.ts';
import { AnnouncerCluster } from './announcer-cluster.ts';
import { macsOf, ObserverProcess, overlap } from './observer-process.ts';

const why = whyNoLab();
const v4 = '198.18.0.1';
const v6 = '2001:db8:18::1';
const families = [
  ['IPv4', v4],
  ['IPv6', v6],
] as const;
const patience = { timeout: 20_000, interval: 20 };

describe.skipIf(why !== undefined)(`speakers on a segment${why === undefined ? '' : ` (${why})`}`, () => {
  let segment: Segment;
  let cluster: AnnouncerCluster;

  beforeAll(async () => {
    await ensurePackages(['iproute2', 'procps', 'util-linux']);
    segment = await Segment.create({ nodes: 3, clients: 2 });
    cluster = new AnnouncerCluster(segment);
  });
  afterEach(() => cluster.stop());
  afterAll(() => segment?.close());

  const entry = (address: string) => neighborEntry(segment.client.namespace, address);
  const macOf = (node: string) => segment.node(node).mac;

  test.each(families)('%s: one MAC answers, that of the node that says so', async (_, address) => {
    await cluster.start([address]);
    const owner = await cluster.ownerOf(address);
    await resolve(segment.client.namespace, address);
    await expect.poll(() => entry(address), patience).toMatchObject({ lladdr: macOf(owner), state: ['REACHABLE'] });
    expect(cluster.claimants(address)).toEqual([owner]);
  });

  test.each(families)('%s: the owner is killed, and the kernel of a client is told of the next', async (_, address) => {
    await cluster.start([address]);
    const owner = await cluster.ownerOf(address);
    await resolve(segment.client.namespace, address);
    await expect.poll(() => entry(address), patience).toMatchObject({ lladdr: macOf(owner) });
    await cluster.get(owner).kill();
    await expect.poll(async () => (await entry(address))?.lladdr, patience).not.toBe(macOf(owner));
    expect((await entry(address))?.lladdr).toBe(macOf(await cluster.ownerOf(address)));
  });

  test('a speaker that comes back takes nothing', async () => {
    await cluster.start([v4]);
    const owner = await cluster.ownerOf(v4);
    await cluster.get(owner).kill();
    const next = await cluster.ownerOf(v4);
    const observer = await ObserverProcess.start(segment.client, v4);
    await cluster.startOne(segment.node(owner));
    await cluster.hasListened(owner);
    expect(macsOf(await observer.end())).toEqual([macOf(next)]);
  });

  test('one that was stopped says nothing when it goes on: others have taken over', async () => {
    await cluster.start([v4]);
    const owner = await cluster.ownerOf(v4);
    const observer = await ObserverProcess.start(segment.client, v4);
    cluster.get(owner).signal('SIGSTOP');
    const next = await cluster.ownerOf(v4, owner);
    const continuedAt = Date.now();
    cluster.get(owner).signal('SIGCONT');
    await expect.poll(() => cluster.get(owner).report.claims, patience).toEqual([]);
    await cluster.get(owner).do({ ping: true });
    const { answers } = await observer.end();
    expect(answers.filter(([at, mac]) => at > continuedAt && mac === macOf(owner))).toEqual([]);
    expect(answers.at(-1)?.[1]).toBe(macOf(next));
  });

  test('a partition: each side has its answer; healed: the older claim holds, on both sides', async () => {
    await cluster.start([v4]);
    const owner = await cluster.ownerOf(v4);
    await segment.partition([segment.node(owner)]);
    await cluster.ownerOf(v4, owner);
    expect(cluster.claimants(v4)).toHaveLength(2);
    await segment.heal();
    await expect.poll(() => cluster.claimants(v4), patience).toEqual([owner]);
    await resolve(segment.client.namespace, v4);
    await expect.poll(() => entry(v4), patience).toMatchObject({ lladdr: macOf(owner) });
  });

  test('a cable is pulled out and put in again: the address has moved, and stays', async () => {
    await cluster.start([v4]);
    const owner = await cluster.ownerOf(v4);
    await segment.unplug(segment.node(owner));
    await expect.poll(() => cluster.get(owner).report.claims, patience).toEqual([]);
    const next = await cluster.ownerOf(v4);
    await segment.plugIn(segment.node(owner));
    await cluster.hasListened(owner);
    expect(cluster.claimants(v4)).toEqual([next]);
  });

  test('told to end, one hands over before it is silent', async () => {
    await cluster.start([v4]);
    const owner = await cluster.ownerOf(v4);
    const observer = await ObserverProcess.start(segment.client, v4);
    cluster.get(owner).signal('SIGTERM');
    await cluster.get(owner).ended();
    const next = await cluster.ownerOf(v4);
    const observation = await observer.end();
    expect(macsOf(observation)).toEqual([macOf(owner), macOf(next)]);
    expect(overlap(observation, macOf(owner), macOf(next))).toBeGreaterThan(0);
  });

  test('another host has the address: nobody announces it, everybody knows the MAC; later it is free, and announced', async () => {
    const [, host] = segment.clients;
    if (host === undefined) throw new Error('no second client');
    await host.namespace.ip([`addr add ${v4}/32 dev eth0`]);
    await cluster.start([v4], { announcedBefore: false });
    for (const { report } of await cluster.allSay(({ conflicts }) => conflicts.length > 0)) {
      expect(report.conflicts).toEqual([{ address: v4, mac: host.mac, isFirst: true }]);
      expect(report.claims).toEqual([]);
    }
    await host.namespace.ip([`addr del ${v4}/32 dev eth0`]);
    await cluster.ownerOf(v4);
  }, 90_000);

  test('free addresses are asked for in the background: those of others are told of, and the gateway', async () => {
    const [, host] = segment.clients;
    await cluster.start([v4]);
    for (const { name } of segment.nodes) cluster.get(name).tell({ free: ['198.18.0.2', host?.v4 ?? ''] });
    const occupied = () =>
      segment.nodes.flatMap(({ name }) => cluster.get(name).report.occupied).filter(({ mac }) => mac !== '');
    await expect.poll(occupied, patience).toEqual([{ address: host?.v4, mac: host?.mac }]);
  });

  test('the MAC of the owner changes: clients are told at once', async () => {
    await cluster.start([v4]);
    const owner = await cluster.ownerOf(v4);
    await resolve(segment.client.namespace, v4);
    await expect.poll(() => entry(v4), patience).toMatchObject({ lladdr: macOf(owner) });
    const { namespace } = segment.node(owner);
    await namespace.ip(['link set eth0 address 02:00:00:00:00:ee']);
    await expect.poll(async () => (await entry(v4))?.lladdr, patience).toBe('02:00:00:00:00:ee');
    expect(cluster.claimants(v4)).toEqual([owner]);
    await namespace.ip([`link set eth0 address ${macOf(owner)}`]);
  });

  test('an address that is withdrawn is answered for no more', async () => {
    await cluster.start([v4, '198.18.0.2']);
    await cluster.ownerOf(v4);
    await cluster.ownerOf('198.18.0.2');
    cluster.view(['198.18.0.2']);
    await expect.poll(() => cluster.claimants(v4), patience).toEqual([]);
    await resolve(segment.client.namespace, v4);
    await expect.poll(() => entry(v4), patience).toMatchObject({ state: ['FAILED'] });
  });
});
