/**
 * The smallest announcer that can be made of `wire/`, `segment/` and `interfaces/`: answers for addresses on one interface, wherever that
 * has gone. Reads a command a line, and writes what comes of it:
 *
 * `own <address>`  `hear <address>`  `disown <address>`  `announce <address>`  `probe <address>`  `heartbeat <node>`  `status`
 *
 * node responder.ts <interface> [--no-joins]
 */
import { createInterface } from 'node:readline';
import { setImmediate as turn } from 'node:timers/promises';
import { type InterfaceWatch, watchInterfaces } from '../../../providers/bare-metal/interfaces/interface-watch.ts';
import { unusableReason } from '../../../providers/bare-metal/interfaces/network-interface.ts';
import { isInterfaceGone, loadLibc } from '../../../providers/bare-metal/segment/libc.ts';
import type { PacketSocket } from '../../../providers/bare-metal/segment/packet-socket.ts';
import { Poller } from '../../../providers/bare-metal/segment/poller.ts';
import { openSegment, Segment } from '../../../providers/bare-metal/segment/segment.ts';
import { Wakeup, wake } from '../../../providers/bare-metal/segment/wakeup.ts';
import { addressBytes } from '../../../providers/bare-metal/wire/address-bytes.ts';
import { AnswerTable } from '../../../providers/bare-metal/wire/answer-table.ts';
import { arpAnnouncements, arpProbe } from '../../../providers/bare-metal/wire/arp.ts';
import { etherTypes, parseMac } from '../../../providers/bare-metal/wire/ethernet.ts';
import { clusterHashOf, heartbeatFrame, parseHeartbeat } from '../../../providers/bare-metal/wire/heartbeat.ts';
import { neighborProbe, unsolicitedAdvertisement } from '../../../providers/bare-metal/wire/neighbor-discovery.ts';
import { parseSighting } from '../../../providers/bare-metal/wire/sighting.ts';

const [interfaceName = '', option] = process.argv.slice(2);
const authentication = { clusterHash: clusterHashOf('e2e'), key: Buffer.from('e2e') };
const noMac = Buffer.alloc(6);

const libc = await loadLibc();
const poller = new Poller<PacketSocket | InterfaceWatch | Wakeup>(libc);
const wakeup = new Wakeup(libc);
const watch = watchInterfaces(libc);
const table = new AnswerTable();
const heard = new Set<string>();
const out = Buffer.alloc(128);
const commands: string[] = [];
let segment: Segment | undefined;
let mac: Buffer = noMac;
let wakeups = 0;
let counter = Date.now();

poller.add(watch);
poller.add(wakeup);
createInterface({ input: process.stdin }).on('line', line => {
  commands.push(line);
  wake(wakeup.fd);
});

function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function followInterface(): void {
  const found = [...watch.interfaces.values()].find(({ name }) => name === interfaceName);
  if (segment?.index !== found?.index) closeSegment();
  mac = parseMac(found?.mac ?? '') ?? noMac;
  if (segment !== undefined || found === undefined || unusableReason(found) !== undefined) return;
  const opened = openSegment(libc, found.index, authentication.clusterHash);
  if (!(opened instanceof Segment)) return;
  segment = opened;
  for (const socket of opened.sockets) poller.add(socket);
  hear();
}

function closeSegment(): void {
  if (segment === undefined) return;
  for (const socket of segment.sockets) poller.delete(socket);
  segment.close();
  segment = undefined;
}

function hear(): void {
  if (segment === undefined) return;
  const addresses = [...heard].flatMap(address => addressBytes(address) ?? []);
  const fault = segment.hear(addresses);
  if (fault !== undefined) say({ fault });
  while (option !== '--no-joins' && segment.pendingJoins > 0) {
    const joinFault = segment.joinSome(50);
    if (joinFault !== undefined) say({ fault: joinFault });
  }
}

function receive(socket: PacketSocket): void {
  for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) {
    if (typeof frame === 'string') {
      say({ errno: frame });
      continue;
    }
    if (socket.etherType === etherTypes.heartbeat) {
      say({ heartbeat: parseHeartbeat(frame, authentication) });
      continue;
    }
    const sighting = parseSighting(frame);
    if (typeof sighting !== 'string' && heard.has(sighting.address)) say({ sighting });
    const size = table.answer(frame, mac, out);
    if (size > 0) socket.send(out, size);
  }
}

function send(...frames: readonly Buffer[]): void {
  for (const frame of frames) {
    const errno = segment?.send(frame) ?? (segment === undefined ? 'ENODEV' : undefined);
    if (errno === undefined) continue;
    say({ errno });
    if (isInterfaceGone(errno) && segment !== undefined) openAnew();
  }
}

function openAnew(): void {
  closeSegment();
  followInterface();
}

const actions: Readonly<Record<string, (argument: string) => void>> = {
  own(address) {
    table.add(address);
    heard.add(address);
    hear();
  },
  hear(address) {
    heard.add(address);
    hear();
  },
  disown(address) {
    table.delete(address);
  },
  announce(address) {
    const bytes = addressBytes(address) ?? Buffer.alloc(0);
    if (bytes.length === 4) send(...arpAnnouncements(bytes, mac));
    else send(unsolicitedAdvertisement(bytes, mac));
  },
  probe(address) {
    heard.add(address);
    hear();
    const bytes = addressBytes(address) ?? Buffer.alloc(0);
    send(bytes.length === 4 ? arpProbe(bytes, mac) : neighborProbe(bytes, mac));
  },
  heartbeat(node) {
    const { frame } = heartbeatFrame(
      {
        node,
        bootId: '6f1c2a52-77aa-4dcb-9d2e-0c8a3f1b9d10',
        counter: counter++,
        isLeaving: false,
        isListening: false,
        mac: mac.toString('hex').replace(/..(?=.)/g, '$&:'),
        total: heard.size,
        claims: [...heard].map(address => ({ address, since: 1, state: 'held' as const })),
      },
      authentication,
      1500,
    );
    send(frame);
  },
  status() {
    const all = [...watch.interfaces.values()];
    say({ interfaces: all, wakeups, isOpen: segment !== undefined });
  },
};

followInterface();
say({ ready: true });
for (;;) {
  for (const source of poller.wait(50)) {
    if (source === wakeup) wakeup.drain();
    else if (source === watch) {
      if (watch.read()) followInterface();
    } else if (segment?.sockets.includes(source as PacketSocket) === true) receive(source as PacketSocket);
  }
  wakeups++;
  // The event loop reads standard input only between two waits: a worker has its own way.
  await turn();
  for (const command of commands.splice(0)) {
    const [verb = '', argument = ''] = command.split(' ');
    actions[verb]?.(argument);
    say({ done: command });
  }
}
