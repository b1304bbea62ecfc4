/**
 * A host on the segment that means harm: keeps every heartbeat that it hears, and sends what it is told to.
 *
 * `replay`: all that it has heard, in order, as it was · `forge <node> <address>`: heartbeats of that node with another key, which claim
 * the address since long ago · `garble`: what it has heard with a bit changed each, and cut short
 */
import { createInterface } from 'node:readline';
import { watchInterfaces } from '../../../providers/bare-metal/interfaces/interface-watch.ts';
import { loadLibc } from '../../../providers/bare-metal/segment/libc.ts';
import { openSegment, Segment } from '../../../providers/bare-metal/segment/segment.ts';
import { clusterHashOf, heartbeatFrame } from '../../../providers/bare-metal/wire/heartbeat.ts';

const clusterHash = clusterHashOf('e2e');
const libc = await loadLibc();
const watch = watchInterfaces(libc);
const of = [...watch.interfaces.values()].find(({ name }) => name === 'eth0');
watch.close();
const segment = openSegment(libc, of?.index ?? 0, clusterHash);
if (!(segment instanceof Segment)) throw new Error(segment);
const recorded: Buffer[] = [];
let counter = Date.now();

const listening = setInterval(() => {
  for (let frame = segment.heartbeat.receive(); frame !== undefined; frame = segment.heartbeat.receive()) {
    if (typeof frame !== 'string') recorded.push(Buffer.from(frame));
  }
}, 5);

const actions: Readonly<Record<string, (...args: readonly string[]) => void>> = {
  replay() {
    for (const frame of recorded.slice()) segment.send(frame);
  },
  garble() {
    for (const [index, frame] of recorded.entries()) {
      const changed = Buffer.from(frame);
      const at = 14 + (index % (frame.length - 14));
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      segment.send(changed);
      segment.send(frame.subarray(0, 14 + (index % (frame.length - 14))));
    }
  },
  forge(node = '', address = '') {
    const claims = [{ address, since: 1, state: 'held' as const }];
    const mac = of?.mac ?? '';
    const bootId = '00000000-0000-4000-8000-000000000000';
    counter += 1_000_000;
    const heartbeat = { node, bootId, counter, isLeaving: false, isListening: false, mac, total: 1, claims };
    segment.send(heartbeatFrame(heartbeat, { clusterHash, key: Buffer.from('another key') }, 1_500).frame);
  },
};

createInterface({ input: process.stdin })
  .on('line', line => {
    const [verb = '', ...args] = line.split(' ');
    if (verb === 'count') process.stdout.write(`${recorded.length}\n`);
    else {
      actions[verb]?.(...args);
      process.stdout.write('done\n');
    }
  })
  .on('close', () => clearInterval(listening));
process.stdout.write('ready\n');
