import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { startFairlead } from '../support/speaker-process.ts';
import { type Speakers, speakerProvider, startSpeakers } from '../support/speakers.ts';

async function speakerFlags(speakers: Speakers, name: string): Promise<readonly string[]> {
  const kubeconfig = await speakers.kubeconfigOf(name);
  return ['speaker', `--kubeconfig=${kubeconfig}`, '--listen=127.0.0.1:0', ...speakers.flags()];
}

describe.concurrent('fairlead speaker', () => {
  test('takes its node from the pod’s variable, serves its state, and ends with 0 after SIGTERM', async () => {
    await using speakers = await startSpeakers();
    await speakers.createNode('n1');
    await speakers.publish('web', ['198.18.0.1']);
    const running = startFairlead(await speakerFlags(speakers, 'n1'), { NODE_NAME: speakers.nodeName('n1') });
    await speakers.until('it serves', () => running.output().includes('serving /healthz'));
    await speakers.until('it has read', () => running.output().includes('the API server has been read'));
    await speakers.until('its Lease is held', async () => Boolean((await speakers.lease('n1'))?.spec.holderIdentity));
    const port = /"port":(\d+)/.exec(running.output())?.[1];
    const page = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    expect([await page('/healthz'), await page('/readyz')]).toEqual(['ok\n', 'ok\n']);
    for (const line of [/^fairlead_speaker_candidate 1$/m, /^fairlead_speaker_leases\{lease="fresh"\} 1$/m])
      await speakers.until(String(line), async () => line.test(await page('/metrics')));
    const metrics = await page('/metrics');
    expect(metrics).toMatch(/^fairlead_speaker_announced 0$/m);
    // Scraped more than once: what the announcer has counted is counted once.
    for (const line of ['heartbeats_total{fate="sent"} 7', 'heartbeats_total{fate="heard"} 5'])
      expect(metrics).toContain(`fairlead_speaker_${line}\n`);
    expect(metrics).toContain('fairlead_speaker_heartbeats_total{fate="rejected"} 3\n');
    expect(metrics).toContain('fairlead_speaker_membership_changes_total 2\n');
    running.child.kill('SIGTERM');
    expect(await running.exit).toBe(0);
    expect((await speakers.lease('n1'))?.spec.holderIdentity).toBe('');
  });

  test('ends with 1 when another process of its node takes over', async () => {
    await using speakers = await startSpeakers();
    await speakers.createNode('n1');
    const flags = [...(await speakerFlags(speakers, 'n1')), `--node=${speakers.nodeName('n1')}`];
    const first = startFairlead(flags);
    await speakers.until('its Lease is held', async () => Boolean((await speakers.lease('n1'))?.spec.holderIdentity));
    const second = startFairlead(flags);
    expect(await first.exit).toBe(1);
    expect(first.output()).toContain('another speaker of this node has taken its Lease');
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
  });
});

describe.concurrent('fairlead speaker refuses in one line', () => {
  const provider = `--provider=a=${speakerProvider},config={"world":"x"}`;
  const rows: readonly { readonly name: string; readonly flags: readonly string[]; readonly expected: string }[] = [
    {
      name: 'without a node',
      flags: [provider],
      expected: 'no node is named: give --node, or set NODE_NAME to spec.nodeName of the pod',
    },
    {
      name: 'without a provider that announces',
      flags: ['--node=n1', `--provider=a=${speakerProvider},config={"world":"x","announces":false}`],
      expected: '--provider: no instance announces addresses: name one that does, such as main=bare-metal',
    },
    {
      name: 'with two that announce',
      flags: ['--node=n1', provider, `--provider=b=${speakerProvider},config={"world":"y"}`],
      expected: '--provider: a and b both announce: leave one to the speaker',
    },
    {
      name: 'without its key file',
      flags: ['--node=n1', provider, '--heartbeat-key-file=/none/key'],
      expected:
        '--heartbeat-key-file: /none/key cannot be read (ENOENT): mount the Secret there, or leave the option out on every node',
    },
  ];

  test.for(rows)('$name', async ({ flags, expected }) => {
    await using speakers = await startSpeakers();
    await speakers.createNode('n1');
    const kubeconfig = await speakers.kubeconfigOf('n1');
    const running = startFairlead(['speaker', `--kubeconfig=${kubeconfig}`, '--listen=127.0.0.1:0', ...flags]);
    expect(await running.exit).toBe(2);
    expect(running.output()).toBe(`fairlead: ${expected}\n`);
  });
});

test('a key of its own is read, and never printed', async () => {
  await using speakers = await startSpeakers();
  await speakers.createNode('n1');
  const file = `${await speakers.kubeconfigOf('n1')}.key`;
  writeFileSync(file, 'a-secret-of-many-bytes');
  const flags = [
    ...(await speakerFlags(speakers, 'n1')),
    `--node=${speakers.nodeName('n1')}`,
    `--heartbeat-key-file=${file}`,
  ];
  const running = startFairlead([...flags, '--log-level=trace']);
  await speakers.until('it has read', () => running.output().includes('the API server has been read'));
  running.child.kill('SIGTERM');
  await running.exit;
  expect(running.output()).not.toContain('a-secret');
  expect(running.output()).not.toContain('not authenticated');
});
