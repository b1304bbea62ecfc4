import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensurePackages } from '../../../deploy/local-cluster/debian-packages.mjs';
import { whyNoLab } from '../../../deploy/local-cluster/segment/lab.mjs';
import { Segment } from '../../../deploy/local-cluster/segment/segment.mjs';
import { arp, neighbor, tagged } from '../../providers/bare-metal/wire/frames.ts';
import { neighborEntry, outputOf, resolve } from './neighbors.ts';
import { ResponderProcess, withCapabilities } from './responder-process.ts';

const why = whyNoLab();
const vips = { v4: '198.18.0.1', v6: '2001:db8:18::1' };
const patience = { timeout: 10_000, interval: 20 };
const sendFrames = fileURLToPath(new URL('send-frames.ts', import.meta.url));
const responderProgram = fileURLToPath(new URL('responder.ts', import.meta.url));

describe.skipIf(why !== undefined)(`a segment that is not all friendly${why === undefined ? '' : ` (${why})`}`, () => {
  let segment: Segment;
  let responder: ResponderProcess;

  beforeAll(async () => {
    await ensurePackages(['iproute2', 'procps', 'util-linux']);
    segment = await Segment.create({ nodes: 2, clients: 1 });
    responder = await new ResponderProcess(segment.node('node-a').namespace).ready();
    await responder.tell(`own ${vips.v4}`);
    await responder.tell(`own ${vips.v6}`);
  });
  afterAll(async () => {
    await responder?.stop();
    await segment?.close();
  });

  const target = Buffer.from([198, 18, 0, 1]);
  /** From 198.18.3.<host>, which tells the frames apart. */
  const requestBy = (host: number, rest: Parameters<typeof arp>[0] = {}) =>
    arp({ target, sender: Buffer.from([198, 18, 3, host]), ...rest });

  const sent = (...frames: readonly Buffer[]) =>
    segment.client.namespace.run(process.execPath, [sendFrames, 'eth0', ...frames.map(frame => frame.toString('hex'))]);

  /** Sends them and then an ordinary request; who of them got through, when that one has. */
  const heardOf = async (...frames: readonly Buffer[]) => {
    const from = responder.said.length;
    await sent(...frames, requestBy(255));
    await responder.hears(({ sighting }) => (sighting?.address === '198.18.3.255' ? true : undefined), from);
    return responder.said.slice(from).flatMap(({ sighting }) => sighting?.address ?? []);
  };

  test('of frames with a VLAN tag none is heard, whatever the VLAN; but those of a priority alone are ordinary', async () => {
    for (const host of [1, 2, 3, 4, 5, 6, 7, 8, 255]) await responder.tell(`hear 198.18.3.${host}`);
    const heard = await heardOf(
      tagged(requestBy(1), 7),
      tagged(requestBy(2), 4095),
      tagged(tagged(requestBy(3), 7), 8),
      // VLAN 0: no VLAN, only a priority (IEEE 802.1Q §6.9): hosts take it as if there were no tag.
      tagged(requestBy(4), 0x6000),
      requestBy(5),
    );
    expect(heard).toEqual(['198.18.3.4', '198.18.3.5', '198.18.3.255']);
  });

  test('frames to another MAC are not heard on a promiscuous interface', async () => {
    const { namespace } = segment.node('node-a');
    await namespace.ip(['link set eth0 promisc on']);
    const heard = await heardOf(requestBy(6, { destination: Buffer.from('020000009999', 'hex') }), requestBy(7));
    expect(heard).toEqual(['198.18.3.7', '198.18.3.255']);
    await namespace.ip(['link set eth0 promisc off']);
  });

  test('after cut, overlong and senseless frames it still answers', async () => {
    const whole = [requestBy(8), neighbor()];
    const cut = whole.flatMap(frame => [14, 20, 33, 41].map(size => frame.subarray(0, size)));
    const overlong = whole.map(frame => Buffer.concat([frame, Buffer.alloc(1514 - frame.length, 0xff)]));
    await sent(...cut, ...overlong, requestBy(9, { senderMac: Buffer.alloc(6, 0xff) }));
    await resolve(segment.client.namespace, vips.v4);
    await expect
      .poll(() => neighborEntry(segment.client.namespace, vips.v4), patience)
      .toMatchObject({ lladdr: segment.node('node-a').mac, state: ['REACHABLE'] });
  });

  test('without NET_RAW it ends with a line that says what to do', async () => {
    const [command = '', ...args] = withCapabilities('', [process.execPath, responderProgram, 'eth0']);
    const { namespace } = segment.node('node-b');
    const failure = namespace.run(command, args);
    await expect(failure).rejects.toThrow(/announcing needs the capability NET_RAW: run the speaker as user 0 with/);
  });
});

describe.skipIf(why !== undefined)(
  `a bridge that passes multicast to members only${why === undefined ? '' : ` (${why})`}`,
  () => {
    let segment: Segment;

    beforeAll(async () => {
      await ensurePackages(['iproute2', 'procps', 'util-linux']);
      segment = await Segment.create({ nodes: 2, clients: 1, multicastQuerier: true });
    });
    afterAll(() => segment?.close());

    test('solicitations reach who has joined the group of the address, and no one else', async () => {
      const member = await new ResponderProcess(segment.node('node-a').namespace).ready();
      const stranger = await new ResponderProcess(segment.node('node-b').namespace, '--no-joins').ready();
      await member.tell('own 2001:db8:18::1');
      await stranger.tell('own 2001:db8:18::2');
      const { namespace } = segment.client;
      // Three solicitations, 0.1 s apart, instead of the 1 s of RFC 4861.
      await namespace.sysctl({ 'net.ipv6.neigh.eth0.retrans_time_ms': 100 });
      const outcomeOf = async (address: string) => {
        await resolve(namespace, address);
        const state = async () => (await neighborEntry(namespace, address))?.state;
        await expect.poll(state, patience).not.toEqual(['INCOMPLETE']);
        return state();
      };
      // The bridge floods until its first question has been answered.
      await expect.poll(() => outcomeOf('2001:db8:18::2'), { ...patience, timeout: 40_000 }).toEqual(['FAILED']);
      expect(await outcomeOf('2001:db8:18::1')).toEqual(['REACHABLE']);
      await stranger.stop();
      expect(await outputOf(segment.hub, 'bridge', 'mdb', 'show')).toContain('ff02::1:ff00:1');
      await member.stop();
    });
  },
);
