import { setTimeout as pause } from 'node:timers/promises';
import { longestSilence, SampledClient } from '../../../deploy/local-cluster/segment/sampled-client.mjs';
import type { Segment, SegmentNode } from '../../../deploy/local-cluster/segment/segment.mjs';
import { say, show } from './say.ts';

const intervalMs = 5;
const enough = 100;
const patienceMs = 20_000;

/** Cuts the power of the announcing node while the client goes on asking, and shows for how long nobody answered, and who does now: returns its name. */
export async function showFailover(
  segment: Segment,
  owner: SegmentNode,
  address: string,
  signal: AbortSignal,
): Promise<string> {
  say(`The client asks every ${intervalMs} ms, and ${owner.name} loses its power`);
  const client = new SampledClient(segment.client, { address, port: 80, intervalMs });
  await until(() => client.samples.length >= enough, signal);
  await segment.kill(owner);
  const killedAt = performance.timeOrigin + performance.now();
  const after = () => client.samples.filter(({ sent }) => sent > killedAt);
  await until(() => after().length >= enough, signal);
  const silence = longestSilence((await client.stop()).map(({ at }) => at));
  const neighbor = await segment.client.namespace.run('ip', ['neighbor', 'show', address]);
  const heir = segment.nodes.find(({ mac }) => neighbor.includes(mac));
  if (heir === undefined) throw new Error(`somebody else answers: ${neighbor.trim()}`);
  show(`longest time without an answer: ${Math.round(silence.ms)} ms`, `now at ${heir.mac}: ${heir.name}`);
  return heir.name;
}

async function until(holds: () => boolean, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`the client got no answer within ${patienceMs / 1_000} s`);
    await pause(20, undefined, { signal });
  }
}
