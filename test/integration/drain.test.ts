import { describe, expect, test } from 'vitest';
import { sharedCluster } from '../support/cluster.ts';
import { startFairlead } from '../support/speaker-process.ts';
import { type Speakers, startSpeakers } from '../support/speakers.ts';

function drain(...argv: readonly string[]) {
  return startFairlead(['drain', `--kubeconfig=${sharedCluster().kubeconfig}`, ...argv]);
}

async function twoSpeakers(): Promise<Speakers> {
  const speakers = await startSpeakers();
  await Promise.all(['n1', 'n2'].map(name => speakers.createNode(name)));
  await speakers.publish('web', ['198.18.0.1']);
  await speakers.start('n1');
  await speakers.start('n2');
  return speakers;
}

describe.concurrent('fairlead drain', () => {
  test('moves the addresses away, tells how far it is, and ends when the node announces nothing', async () => {
    await using speakers = await twoSpeakers();
    const [staying, leaving] = [speakers.announcer('n1'), speakers.announcer('n2')];
    leaving.claim('198.18.0.1');
    await speakers.until('it is on record', async () => (await speakers.recorded('n2'))?.length === 1);
    const running = drain(speakers.nodeName('n2'));
    await speakers.until('it is drained', () => speakers.candidates(leaving.view, '198.18.0.1')?.join() === 'n1');
    await speakers.until('it waits', () => running.output().includes('still announced there: 1'));
    staying.claim('198.18.0.1');
    leaving.claim();
    expect(await running.exit).toBe(0);
    expect(running.output()).toBe(
      [
        `node ${speakers.nodeName('n2')} is marked: other nodes take its addresses over`,
        'still announced there: 1',
        `node ${speakers.nodeName('n2')} announces nothing\n`,
      ].join('\n'),
    );
  });

  test('gives up after its time, names what stays, and leaves the mark; --undo takes it away', async () => {
    await using speakers = await twoSpeakers();
    const stubborn = speakers.announcer('n2');
    stubborn.claim('198.18.0.1');
    await speakers.until('it is on record', async () => (await speakers.recorded('n2'))?.length === 1);
    const running = drain(speakers.nodeName('n2'), '--wait-timeout=1s');
    expect(await running.exit).toBe(1);
    expect(running.output()).toContain('fairlead: no other node has taken over 198.18.0.1: see why in');
    expect((await speakers.speakerObject('n2'))?.spec?.drain).toBe(true);
    const undone = drain(speakers.nodeName('n2'), '--undo');
    expect(await undone.exit).toBe(0);
    await speakers.until(
      'both are candidates',
      () => speakers.candidates(stubborn.view, '198.18.0.1')?.join() === 'n1,n2',
    );
  });

  test('does not wait for a node whose speaker is gone: what is on its record is announced nowhere', async () => {
    await using speakers = await startSpeakers();
    await speakers.createNode('n1');
    const path = '/apis/fairlead.dev/v1beta1/speakers';
    const name = speakers.nodeName('n1');
    const body = { apiVersion: 'fairlead.dev/v1beta1', kind: 'Speaker', metadata: { name } };
    await speakers.admin.request({ method: 'POST', path, body });
    const status = { claimCount: 1, claims: [{ address: '198.18.0.1', interface: 'eth0', since: 1 }] };
    await speakers.admin.request({
      method: 'PATCH',
      path: `${path}/${name}/status`,
      contentType: 'application/merge-patch+json',
      body: { status },
    });
    const running = drain(name);
    expect(await running.exit).toBe(0);
    expect(running.output()).toContain('has no living speaker');
  });

  test('marks a node that never had a speaker, and with --wait=false returns at once', async () => {
    await using speakers = await startSpeakers();
    await speakers.createNode('n1');
    expect(await drain(speakers.nodeName('n1'), '--wait=false').exit).toBe(0);
    expect((await speakers.speakerObject('n1'))?.spec?.drain).toBe(true);
    const announcer = await speakers.start('n1');
    await speakers.publish('web', ['198.18.0.1']);
    await speakers.until('it announces nothing', () => speakers.candidates(announcer.view, '198.18.0.1')?.length === 0);
  });

  test.for([
    [[], 'no node is named: write fairlead drain <node>'],
    [['no-such-node'], 'there is no node named no-such-node: see kubectl get nodes'],
    [
      ['--kubeconfig=/none', 'n1'],
      'cannot read the kubeconfig /none (ENOENT): give the path of a readable one with --kubeconfig or in KUBECONFIG',
    ],
  ] as const)('refuses %j in one line', async ([argv, expected]) => {
    const running = drain(...argv);
    expect(await running.exit).toBe(2);
    expect(running.output()).toBe(`fairlead: ${expected}\n`);
  });
});
