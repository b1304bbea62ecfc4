import { expect, test } from 'vitest';
import { openPacketSocket, PacketSocket } from '../../../../providers/bare-metal/segment/packet-socket.ts';
import { type Scripted, ScriptedLibc } from './scripted-libc.ts';

const program = Buffer.alloc(8);
const frame = Buffer.alloc(60);

function opened(libc = new ScriptedLibc()): PacketSocket {
  const socket = openPacketSocket(libc, 2, 0x0806, program);
  if (!(socket instanceof PacketSocket)) throw new Error(socket);
  return socket;
}

test.each<[readonly Scripted[], number | string | undefined]>([
  [[42], 42],
  [['EAGAIN'], undefined],
  [['EINTR', 42], 42],
  [[9000, 42], 42],
  [[9000, 'EAGAIN'], undefined],
  [['ENETDOWN'], 'ENETDOWN'],
])('what the kernel gives as %j is received as %j', (results, expected) => {
  const libc = new ScriptedLibc();
  const socket = opened(libc);
  libc.results.recv = [...results];
  const received = socket.receive();
  expect(Buffer.isBuffer(received) ? received.length : received).toBe(expected);
});

test.each<[readonly Scripted[], string | undefined]>([
  [[60], undefined],
  [['EINTR', 60], undefined],
  [['EAGAIN'], 'ENOBUFS'],
  [['ENOBUFS'], 'ENOBUFS'],
  [['ENETDOWN'], 'ENETDOWN'],
  [['ENXIO'], 'ENXIO'],
  [['EMSGSIZE'], 'EMSGSIZE'],
])('sending that ends in %j is %j, and never an exception', (results, expected) => {
  const libc = new ScriptedLibc();
  const socket = opened(libc);
  libc.results.send = [...results];
  expect(socket.send(frame)).toBe(expected);
});

test.each<[string, ScriptedLibc['results'], string]>([
  ['there is no permission', { socket: ['EPERM'] }, 'EPERM'],
  ['the filter is refused', { setsockopt: [0, 0, 0, 'EINVAL'] }, 'EINVAL'],
  ['the interface has gone', { bind: ['ENODEV'] }, 'ENODEV'],
])('where %s none is opened, and none is left open', (_, results, errno) => {
  const libc = new ScriptedLibc();
  Object.assign(libc.results, results);
  expect(openPacketSocket(libc, 2, 0x0806, program)).toBe(errno);
  expect(libc.open).toEqual(new Set());
});

test('a buffer that may not be made larger is no reason to have none', () => {
  const libc = new ScriptedLibc();
  libc.results.setsockopt = ['EPERM', 'EPERM', 'ENOPROTOOPT'];
  expect(opened(libc).fd).toBe(11);
});
