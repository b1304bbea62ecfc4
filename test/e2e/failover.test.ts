import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Pod, SegmentNode } from '../../deploy/local-cluster/segment/segment.mjs';
import { askHttp, hostOf } from '../support/e2e/ask.ts';
import { describeInLab, type Running } from '../support/e2e/describe-in-lab.ts';
import { type Exposed, expose } from '../support/e2e/expose.ts';
import { soleOwner, whoAnswers } from '../support/e2e/who-answers.ts';

const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
const packages = ['iputils-arping', 'ndisc6'];
const patience = { timeout: 30_000, interval: 100 };

interface Fault {
  readonly what: string;
  inflict(running: Running, node: SegmentNode): Promise<void> | void;
  repair(running: Running, node: SegmentNode): Promise<void> | void;
}

/** After which the old owner comes back, and finds that somebody else has the address. */
const faults: readonly Fault[] = [
  {
    what: 'whose speaker is killed',
    inflict: ({ fairlead }, { name }) => fairlead.speaker(name).server.stop('SIGKILL'),
    repair: ({ fairlead }, { name }) => fairlead.startSpeaker(name),
  },
  {
    what: 'whose speaker is told to stop',
    inflict: ({ fairlead }, { name }) => fairlead.speaker(name).server.stop('SIGTERM'),
    repair: ({ fairlead }, { name }) => fairlead.startSpeaker(name),
  },
  {
    what: 'whose speaker stands still for a while',
    inflict: ({ fairlead }, { name }) => fairlead.speaker(name).server.signal('SIGSTOP'),
    repair: ({ fairlead }, { name }) => fairlead.speaker(name).server.signal('SIGCONT'),
  },
  {
    what: 'whose cable is pulled',
    inflict: ({ lab }, node) => lab.segment.unplug(node),
    repair: ({ lab }, node) => lab.segment.plugIn(node),
  },
  {
    what: 'that is drained',
    inflict: async ({ fairlead }, { name }) => void (await fairlead.run('drain', name)),
    repair: async ({ fairlead }, { name }) => void (await fairlead.run('drain', name, '--undo')),
  },
];

describeInLab('of an address', { packages }, running => {
  let pods: readonly Pod[];
  let service: Exposed;
  let repairs: (() => Promise<void> | void)[] = [];

  beforeAll(async () => {
    const { lab } = running();
    pods = await Promise.all(lab.segment.nodes.map(node => lab.addEchoPod(node)));
    service = await expose(lab, { ports, backends: pods });
  });
  const answerers = (address: string) => whoAnswers(running().lab.segment, address);
  const ownerOf = (address: string, former?: SegmentNode) => soleOwner(running().lab.segment, address, former);
  const repair = async () => {
    for (const each of repairs.splice(0)) await each();
  };

  const clientIsServed = async (address: string) => {
    const { client } = running().lab.segment;
    await expect
      .poll(() => askHttp(client, `http://${hostOf(address)}/`), patience)
      .toMatchObject({ client: expect.any(String) });
  };

  // What a failed test leaves broken would fail the others too.
  afterEach(repair);

  const rows = faults.flatMap(fault => (['v4', 'v6'] as const).map(family => ({ ...fault, family })));

  test.each(rows)(
    'the announcing node, $what, is replaced, and nothing moves when it is back, IP$family',
    async row => {
      const address = service.external[row.family];
      const owner = await ownerOf(address);
      repairs = [() => row.repair(running(), owner)];
      await row.inflict(running(), owner);
      const heir = await ownerOf(address, owner);
      await clientIsServed(address);
      await repair();
      expect(await answerers(address)).toEqual([heir.name]);
    },
  );

  test('both parts of a cut segment are served, and the healed one by the node that had it first', async () => {
    const { segment } = running().lab;
    const address = service.external.v4;
    const owner = await ownerOf(address);
    repairs = [() => segment.heal()];
    await segment.partition([owner]);
    await ownerOf(address, owner);
    await repair();
    await expect.poll(() => answerers(address), patience).toEqual([owner.name]);
    await clientIsServed(address);
  });

  test('without an API server it stays announced, and its announcing node is replaced all the same', async () => {
    const { lab, fairlead } = running();
    const address = service.external.v4;
    const owner = await ownerOf(address);
    repairs = [() => lab.cluster.startApiServer(), () => fairlead.startSpeaker(owner.name)];
    await lab.cluster.stopApiServer('SIGKILL');
    expect(await answerers(address)).toEqual([owner.name]);
    await fairlead.speaker(owner.name).server.stop('SIGKILL');
    const heir = await ownerOf(address, owner);
    await repair();
    expect(await answerers(address)).toEqual([heir.name]);
  });

  test('the announcing node dies with all that runs on it, and another takes its place', async () => {
    const { lab } = running();
    const address = service.external.v4;
    const owner = await ownerOf(address);
    await lab.segment.kill(owner);
    await service.setBackends(pods.filter(({ node }) => node !== owner)); // as a control plane does in the end
    const heir = await ownerOf(address, owner);
    await clientIsServed(address);
    expect(await answerers(address)).toEqual([heir.name]);
  });
});
