/**
 * A client that asks who has an address, over and over, by ARP requests of its own (the kernel's cache is not in the way), and writes down
 * who answers. Ends when its input does, and then tells: node observer.ts <address> <own address> <own MAC> <every so many ms>
 */
import { InterfaceWatch, watchInterfaces } from '../../../providers/bare-metal/interfaces/interface-watch.ts';
import { loadLibc } from '../../../providers/bare-metal/segment/libc.ts';
import { Poller } from '../../../providers/bare-metal/segment/poller.ts';
import { openSegment, Segment } from '../../../providers/bare-metal/segment/segment.ts';
import { addressBytes } from '../../../providers/bare-metal/wire/address-bytes.ts';
import { arpRequest } from '../../../providers/bare-metal/wire/arp.ts';
import { parseMac } from '../../../providers/bare-metal/wire/ethernet.ts';
import { clusterHashOf } from '../../../providers/bare-metal/wire/heartbeat.ts';
import { parseSighting } from '../../../providers/bare-metal/wire/sighting.ts';

const [address = '', own = '', mac = '', every = '2'] = process.argv.slice(2);
const bytes = (text: string) => addressBytes(text) ?? Buffer.alloc(4);

const libc = await loadLibc();
const watch: InterfaceWatch = watchInterfaces(libc);
const index = [...watch.interfaces.values()].find(({ name }) => name === 'eth0')?.index ?? 0;
watch.close();
const segment = openSegment(libc, index, clusterHashOf('nobody’s'));
if (!(segment instanceof Segment)) throw new Error(segment);
segment.hear([bytes(address)]);
const poller = new Poller(libc);
poller.add(segment.arp);

/** Unix milliseconds, with fractions. */
const now = () => performance.timeOrigin + performance.now();
const request = arpRequest({ mac: parseMac(mac) ?? Buffer.alloc(6), address: bytes(own) }, bytes(address));
const answers: [at: number, mac: string][] = [];
const asked: number[] = [];
/** Then it is known who answers. */
const firstAnswers = 20;
let isEnding = false;
process.stdin.on('end', () => {
  isEnding = true;
});
process.stdin.resume();
for (let next = now(); !isEnding; ) {
  if (now() >= next) {
    asked.push(now());
    segment.send(request);
    next = Math.max(next + Number(every), now());
  }
  poller.wait(Math.max(1, next - now()));
  for (let frame = segment.arp.receive(); frame !== undefined; frame = segment.arp.receive()) {
    if (typeof frame === 'string') continue;
    const sighting = parseSighting(frame);
    if (typeof sighting !== 'string' && sighting.kind === 'uses' && sighting.address === address) {
      answers.push([now(), sighting.mac]);
      if (answers.length === firstAnswers) process.stdout.write('ready\n');
    }
  }
  await new Promise(resolve => setImmediate(resolve));
}
process.stdout.write(`${JSON.stringify({ asked, answers })}\n`);
