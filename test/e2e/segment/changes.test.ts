import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ensurePackages } from '../../../deploy/local-cluster/debian-packages.mjs';
import { whyNoLab } from '../../../deploy/local-cluster/segment/lab.mjs';
import { Segment } from '../../../deploy/local-cluster/segment/segment.mjs';
import { neighborEntry, resolve } from './neighbors.ts';
import { ResponderProcess } from './responder-process.ts';

const why = whyNoLab();
const vips = ['198.18.0.1', '2001:db8:18::1'];
const patience = { timeout: 10_000, interval: 20 };
const otherMac = '02:00:00:00:77:77';

/** It waits for 50 ms at most, so these are 2 s of nothing but waiting. A socket whose error is never taken would wake it without end. */
const mostWakeups = 60;
const twoSecondsMs = 2_000;

describe.skipIf(why !== undefined)(`interfaces that change${why === undefined ? '' : ` (${why})`}`, () => {
  let segment: Segment;
  let responder: ResponderProcess;

  beforeAll(() => ensurePackages(['iproute2', 'procps', 'util-linux']));
  beforeEach(async () => {
    segment = await Segment.create({ nodes: 1, clients: 1 });
    responder = await new ResponderProcess(segment.node('node-a').namespace).ready();
    for (const address of vips) await responder.tell(`own ${address}`);
  });
  afterEach(async () => {
    await responder?.stop();
    await segment?.close();
  });

  const expectAnswersBy = async (mac: string) => {
    for (const address of vips) {
      await resolve(segment.client.namespace, address);
      await expect
        .poll(() => neighborEntry(segment.client.namespace, address), patience)
        .toMatchObject({ lladdr: mac, state: ['REACHABLE'] });
    }
  };
  const seen = async () => (await responder.status()).interfaces?.find(({ name }) => name === 'eth0');
  const wakeupsIn = async (ms: number) => {
    const before = (await responder.status()).wakeups ?? 0;
    await pause(ms);
    return ((await responder.status()).wakeups ?? 0) - before;
  };

  const makeAgain = async (index: number) => {
    const { name, namespace, v4 } = segment.node('node-a');
    await namespace.ip([
      `link add eth0 index ${index} address ${otherMac} type veth peer name ${name} netns ${segment.hub.name}`,
    ]);
    await segment.hub.ip([`link set ${name} master segment up`]);
    await namespace.ip([`addr add ${v4}/16 dev eth0`, 'link set eth0 up']);
  };

  test('a new MAC is answered with as soon as it is there', async () => {
    const { namespace, mac } = segment.node('node-a');
    await expectAnswersBy(mac);
    await namespace.ip([`link set eth0 address ${otherMac}`]);
    await expect.poll(seen, patience).toMatchObject({ mac: otherMac });
    await expectAnswersBy(otherMac);
  });

  test('an interface that goes down and up answers again; in between nothing spins and sending is refused', async () => {
    const { namespace, mac } = segment.node('node-a');
    await namespace.ip(['link set eth0 down']);
    await expect.poll(seen, patience).toMatchObject({ isUp: false });
    const from = responder.said.length;
    await responder.tell('announce 198.18.0.1');
    expect(await responder.hears(({ errno }) => errno, from)).toBe('ENETDOWN');
    expect(await wakeupsIn(twoSecondsMs)).toBeLessThan(mostWakeups);
    await namespace.ip(['link set eth0 up']);
    await expectAnswersBy(mac);
  });

  test('a cable that is pulled and put in again', async () => {
    const node = segment.node('node-a');
    await segment.unplug(node);
    await expect.poll(seen, patience).toMatchObject({ isUp: true, isRunning: false });
    expect(await wakeupsIn(twoSecondsMs)).toBeLessThan(mostWakeups);
    await segment.plugIn(node);
    await expectAnswersBy(node.mac);
  });

  test.each([
    ['another index', 77],
    ['the index that it had', 0],
  ])('an interface that is deleted and made again, with %s, answers again', async (_, newIndex) => {
    const node = segment.node('node-a');
    const before = await seen();
    const index = newIndex || before?.index;
    await node.namespace.ip(['link delete eth0']);
    await expect.poll(seen, patience).toBeUndefined();
    const from = responder.said.length;
    await responder.tell('announce 198.18.0.1');
    expect(await responder.hears(({ errno }) => errno, from)).toBe('ENODEV');
    expect(await wakeupsIn(twoSecondsMs)).toBeLessThan(mostWakeups);
    await makeAgain(index ?? 0);
    await expect.poll(seen, patience).toMatchObject({ index, mac: otherMac, isRunning: true });
    await expectAnswersBy(otherMac);
  });

  test('an interface that is made again while nobody looks is noticed by sending', async () => {
    const before = await seen();
    responder.pause();
    await segment.node('node-a').namespace.ip(['link delete eth0']);
    await makeAgain(before?.index ?? 0);
    responder.resume();
    await expect.poll(seen, patience).toMatchObject({ index: before?.index, mac: otherMac, isRunning: true });
    await responder.tell('heartbeat node-a');
    await expectAnswersBy(otherMac);
  });

  test('addresses and default routes are followed, and a port that leaves a bridge is no interface that has gone', async () => {
    const { namespace, v4 } = segment.node('node-a');
    await namespace.ip(['addr add 192.0.2.7/24 dev eth0', 'route add default via 192.0.2.254 metric 7']);
    await expect.poll(seen, patience).toMatchObject({
      addresses: expect.arrayContaining([{ address: '192.0.2.7', prefixLength: 24, family: 'IPv4' }]),
      gateways: expect.arrayContaining(['192.0.2.254', '198.18.255.254', '2001:db8:18::ff:254']),
    });
    // With the last of its IPv4 addresses its IPv4 routes go, and the kernel sends no event about them.
    await namespace.ip(['addr del 192.0.2.7/24 dev eth0', `addr del ${v4}/16 dev eth0`]);
    await expect.poll(seen, patience).toMatchObject({ gateways: ['2001:db8:18::ff:254'] });
    await namespace.ip(['link add br9 type bridge', 'link set eth0 master br9']);
    await expect.poll(seen, patience).toMatchObject({ masterKind: 'bridge' });
    await namespace.ip(['link set eth0 nomaster']);
    await expect.poll(seen, patience).toMatchObject({ master: 0, masterKind: '', kind: 'veth' });
    await expectAnswersBy(segment.node('node-a').mac);
  });

  test('thousands of changes at once, more than the kernel keeps, end in the truth', async () => {
    const { namespace } = segment.node('node-a');
    const numbers = Array.from({ length: 4000 }, (_, index) => index);
    const each = (verb: string) =>
      namespace.ip(numbers.map(index => `addr ${verb} 203.0.${113 + (index >> 8)}.${index & 255}/32 dev eth0`));
    responder.pause();
    await each('add');
    await each('del');
    await namespace.ip(['addr add 192.0.2.7/24 dev eth0']);
    responder.resume();
    await expect
      .poll(async () => (await seen())?.addresses.map(({ address }) => address), patience)
      .toContain('192.0.2.7');
    expect((await seen())?.addresses.filter(({ address }) => address.startsWith('203.'))).toEqual([]);
    await expectAnswersBy(segment.node('node-a').mac);
  });
});
