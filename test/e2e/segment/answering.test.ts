import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensurePackages } from '../../../deploy/local-cluster/debian-packages.mjs';
import { whyNoLab } from '../../../deploy/local-cluster/segment/lab.mjs';
import { Segment } from '../../../deploy/local-cluster/segment/segment.mjs';
import { neighborEntry, outputOf, probeAgain, resolve } from './neighbors.ts';
import { ResponderProcess } from './responder-process.ts';

const why = whyNoLab();
const vips = { v4: '198.18.0.1', v6: '2001:db8:18::1' };
const families = [
  ['IPv4', vips.v4],
  ['IPv6', vips.v6],
] as const;
const patience = { timeout: 10_000, interval: 20 };

describe.skipIf(why !== undefined)(`an address on the segment${why === undefined ? '' : ` (${why})`}`, () => {
  let segment: Segment;
  let first: ResponderProcess;
  let second: ResponderProcess;

  beforeAll(async () => {
    await ensurePackages(['iproute2', 'procps', 'util-linux', 'iputils-arping', 'ndisc6']);
    segment = await Segment.create({ nodes: 2, clients: 1 });
    const responders = segment.nodes.map(({ namespace }) => new ResponderProcess(namespace));
    [first, second] = (await Promise.all(responders.map(each => each.ready()))) as [ResponderProcess, ResponderProcess];
    for (const address of Object.values(vips)) await first.tell(`own ${address}`);
  });
  afterAll(async () => {
    await Promise.all([first, second].map(each => each?.stop()));
    await segment?.close();
  });

  const macOf = (node: string) => segment.node(node).mac;
  const entry = (address: string) => neighborEntry(segment.client.namespace, address);

  test.each(families)('%s: the kernel of a client finds it, and its entry is REACHABLE', async (_, address) => {
    await resolve(segment.client.namespace, address);
    await expect.poll(() => entry(address), patience).toMatchObject({ lladdr: macOf('node-a'), state: ['REACHABLE'] });
  });

  test.each(families)('%s: a probe of the kernel to the one MAC that it knows is answered', async (_, address) => {
    await probeAgain(segment.client.namespace, address, macOf('node-a'));
    await expect.poll(() => entry(address), patience).toMatchObject({ lladdr: macOf('node-a'), state: ['REACHABLE'] });
  });

  test('arping hears one MAC only', async () => {
    const output = await segment.client.namespace.run('arping', ['-I', 'eth0', '-c', '3', '-w', '10', vips.v4]);
    const macs = [...output.matchAll(/\[([\dA-F:]{17})\]/g)].map(([, mac]) => mac?.toLowerCase());
    expect(new Set(macs)).toEqual(new Set([macOf('node-a')]));
  });

  test('arping finds the address taken when it looks for duplicates', async () => {
    const output = await outputOf(
      segment.client.namespace,
      'arping',
      '-D',
      '-I',
      'eth0',
      '-c',
      '2',
      '-w',
      '5',
      vips.v4,
    );
    expect(output).toContain('Received 1 response');
  });

  test('ndisc6 believes it', async () => {
    const output = await segment.client.namespace.run('ndisc6', [vips.v6, 'eth0']);
    expect(output.toLowerCase()).toContain(macOf('node-a'));
    expect(output).toContain(`from ${vips.v6}`);
  });

  test("the kernel's own duplicate address detection fails for it", async () => {
    const { namespace } = segment.client;
    await namespace.sysctl({ 'net.ipv6.conf.eth0.accept_dad': 1 });
    await namespace.ip([`addr add ${vips.v6}/64 dev eth0`]);
    try {
      const flags = async () => namespace.run('ip', ['-6', 'addr', 'show', 'dev', 'eth0', 'to', vips.v6]);
      await expect.poll(flags, patience).toContain('dadfailed');
    } finally {
      await namespace.ip([`addr del ${vips.v6}/64 dev eth0`]);
    }
  });

  test.each(families)(
    '%s: who probes for it learns whose it is, and the owner learns of the probe',
    async (_, address) => {
      const [fromFirst, fromSecond] = [first.said.length, second.said.length];
      await second.tell(`probe ${address}`);
      const isAbout = (kind: string, mac: string) => (said: ResponderProcess['said'][number]) =>
        said.sighting?.kind === kind && said.sighting.address === address && said.sighting.mac === mac
          ? true
          : undefined;
      expect(await second.hears(isAbout('uses', macOf('node-a')), fromSecond)).toBe(true);
      expect(await first.hears(isAbout('probes', macOf('node-b')), fromFirst)).toBe(true);
    },
  );

  test.each(families)('%s: its announcement moves an entry that was confirmed a moment ago', async (_, address) => {
    await resolve(segment.client.namespace, address);
    await expect.poll(() => entry(address), patience).toMatchObject({ lladdr: macOf('node-a'), state: ['REACHABLE'] });
    await first.tell(`disown ${address}`);
    await second.tell(`own ${address}`);
    await second.tell(`announce ${address}`);
    await expect.poll(() => entry(address), patience).toMatchObject({ lladdr: macOf('node-b') });
    await second.tell(`disown ${address}`);
    await first.tell(`own ${address}`);
    await first.tell(`announce ${address}`);
    await expect.poll(() => entry(address), patience).toMatchObject({ lladdr: macOf('node-a') });
  });

  test('heartbeats reach the others, and not the sender', async () => {
    const from = first.said.length;
    await first.tell('heartbeat node-a');
    const heard = await second.hears(({ heartbeat }) => heartbeat);
    expect(heard).toMatchObject({ node: 'node-a', mac: macOf('node-a'), total: 2 });
    await first.tell('status');
    expect(first.said.slice(from).filter(({ heartbeat }) => heartbeat !== undefined)).toEqual([]);
  });

  test('nothing is answered for an address that nobody owns', async () => {
    const args = ['-I', 'eth0', '-c', '1', '-w', '1', '198.18.0.9'];
    expect(await outputOf(segment.client.namespace, 'arping', ...args)).toContain('Received 0 response');
  });
});
