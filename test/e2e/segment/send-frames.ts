// Sends frames as they are from an interface, each given in hexadecimal: node send-frames.ts <interface> <hex> …
import { networkInterfaces } from 'node:os';
import { watchInterfaces } from '../../../providers/bare-metal/interfaces/interface-watch.ts';
import { loadLibc } from '../../../providers/bare-metal/segment/libc.ts';
import { openPacketSocket, PacketSocket } from '../../../providers/bare-metal/segment/packet-socket.ts';
import { arpFilter } from '../../../providers/bare-metal/wire/filters.ts';

const [name = '', ...frames] = process.argv.slice(2);
const libc = await loadLibc();
const watch = watchInterfaces(libc);
const found = [...watch.interfaces.values()].find(each => each.name === name);
if (found === undefined) throw new Error(`no ${name} among ${Object.keys(networkInterfaces()).join()}`);
const socket = openPacketSocket(libc, found.index, 0x0806, arpFilter([]));
if (!(socket instanceof PacketSocket)) throw new Error(socket);
for (const frame of frames) {
  const errno = socket.send(Buffer.from(frame, 'hex'));
  if (errno !== undefined) throw new Error(errno);
}
