import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ensurePackages } from '../../deploy/local-cluster/debian-packages.mjs';
import { whyNoLab } from '../../deploy/local-cluster/segment/lab.mjs';
import { Segment } from '../../deploy/local-cluster/segment/segment.mjs';
import { inBrackets } from '../support/e2e/in-brackets.ts';

const maker = fileURLToPath(new URL('../support/e2e/make-segment.mjs', import.meta.url));
const why = whyNoLab();
const patience = { timeout: 10_000, interval: 50 };

describe.skipIf(why !== undefined)(`a segment${inBrackets(why)}`, () => {
  let segment: Segment | undefined;
  beforeAll(() => ensurePackages(['iproute2', 'procps', 'iputils-arping']));
  afterEach(async () => {
    await segment?.close();
    segment = undefined;
  });

  test('leaves no namespace and no interface behind when it is closed', async () => {
    const made = await Segment.create();
    const cables = () => Object.keys(networkInterfaces()).filter(name => name === made.cable);
    expect(cables()).toHaveLength(1);
    const names = namespacesOf(process.pid);
    expect(names).toHaveLength(made.nodes.length + made.clients.length + 1);
    await made.close();
    expect(namespacesOf(process.pid)).toEqual([]);
    expect(cables()).toEqual([]);
  });

  test('leaves nothing behind when its maker is killed', async () => {
    const child = spawn(process.execPath, [maker], { stdio: ['ignore', 'pipe', 'inherit'] });
    await firstOutput(child);
    const pid = child.pid ?? 0;
    expect(namespacesOf(pid)).toHaveLength(3);
    child.kill('SIGKILL');
    await expect.poll(() => namespacesOf(pid), patience).toEqual([]);
  });

  test('in two parts, hears nothing of the other part; healed, it does', async () => {
    segment = await Segment.create();
    const { client } = segment;
    const [a, b] = segment.nodes.map(({ v4 }) => v4);
    const hears = (address = '') =>
      client.namespace.run('arping', ['-c', '1', '-w', '1', '-I', 'eth0', address]).then(...outcome);
    expect([await hears(a), await hears(b)]).toEqual([true, true]);
    await segment.partition([segment.node('node-a')]);
    expect([await hears(a), await hears(b)]).toEqual([false, true]);
    await segment.heal();
    expect([await hears(a), await hears(b)]).toEqual([true, true]);
  });

  test('loses a node that is unplugged, and has it back when it is plugged in', async () => {
    segment = await Segment.create();
    const node = segment.node('node-a');
    const carrier = () => node.namespace.run('cat', ['/sys/class/net/eth0/carrier']);
    await segment.unplug(node);
    expect(await carrier()).toBe('0\n');
    await segment.plugIn(node);
    await expect.poll(carrier, patience).toBe('1\n');
  });
});

const outcome = [() => true, () => false] as const;

function namespacesOf(pid: number): readonly string[] {
  return readdirSync('/run/netns').filter(name => name.startsWith(`fl-${pid}-`));
}

function firstOutput(child: ChildProcess): Promise<unknown> {
  return new Promise(resolve => child.stdout?.once('data', resolve));
}
