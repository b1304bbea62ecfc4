import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { watchInterfaces } from '../../../../providers/bare-metal/interfaces/interface-watch.ts';
import type { Libc } from '../../../../providers/bare-metal/segment/libc.ts';
import { address, link, message, route } from './messages.ts';

const dumped = { flags: 2 };
const done = message(3, Buffer.alloc(4), dumped);
const gateway = Buffer.from([192, 0, 2, 254]);

/** A kernel with links, of which each has one address and one default route; it answers questions, and sends what it is told to. */
class Kernel {
  names: readonly string[] = ['eth0'];
  /** Results of recvfrom: datagrams, or errors as names. */
  readonly queue: (Buffer | 'ENOBUFS')[] = [];
  readonly asked: number[] = [];
  /** Of the next answer: something changed in the meantime. */
  isInterrupted = false;
  refuses = 0;
  sender = 0;

  readonly libc: Libc = {
    socket: () => 9,
    bind: () => 0,
    setsockopt: () => 0,
    addressOf: () => 0n,
    close: () => 0,
    send: (_, request) => this.#answer(request.readUInt16LE(4)),
    recvfrom: (_, into, _size, _flags, sender) => {
      const next = this.queue.shift();
      sender.writeUInt32LE(this.sender, 4);
      if (next === undefined) return -constants.errno.EAGAIN;
      return next === 'ENOBUFS' ? -constants.errno.ENOBUFS : next.copy(into);
    },
    recv: unused,
    poll: unused,
    eventfd: unused,
    read: unused,
  };

  #answer(type: number): number {
    if (this.refuses > 0) {
      this.refuses--;
      return -constants.errno.ENOBUFS;
    }
    this.asked.push(type);
    const flags = this.isInterrupted ? 0x12 : 2;
    this.isInterrupted = false;
    const bodies = this.names.map((name, index) => {
      if (type === 18) return message(16, link(index + 2, name), { flags });
      if (type === 22) return message(20, address(index + 2, Buffer.from([192, 0, 2, index + 1]), 24), { flags });
      return message(24, route([{ index: index + 2, gateway }]), { flags });
    });
    this.queue.push(...bodies, done);
    return 20;
  }
}

function unused(): number {
  throw new Error('not called here');
}

const everything = [18, 22, 26];

test('has all interfaces with their addresses and gateways from the start', () => {
  const kernel = new Kernel();
  kernel.names = ['eth0', 'eth1'];
  const { interfaces } = watchInterfaces(kernel.libc);
  expect([...interfaces.values()]).toMatchObject([
    { name: 'eth0', addresses: [{ address: '192.0.2.1' }], gateways: ['192.0.2.254'] },
    { name: 'eth1', addresses: [{ address: '192.0.2.2' }], gateways: ['192.0.2.254'] },
  ]);
  expect(kernel.asked).toEqual(everything);
});

test('follows events, and asks nothing for them', () => {
  const kernel = new Kernel();
  const watch = watchInterfaces(kernel.libc);
  expect(watch.read()).toBe(false);
  kernel.queue.push(message(16, link(7, 'eth7')));
  expect(watch.read()).toBe(true);
  expect(watch.interfaces.get(7)?.name).toBe('eth7');
  kernel.queue.push(message(17, link(7, 'eth7')));
  watch.read();
  expect(watch.interfaces.get(7)).toBeUndefined();
  expect(kernel.asked).toEqual(everything);
});

test('events that the kernel could not keep lead to a new start, and what went unheard is gone', () => {
  const kernel = new Kernel();
  kernel.names = ['eth0', 'eth1'];
  const watch = watchInterfaces(kernel.libc);
  kernel.names = ['eth0'];
  kernel.queue.push('ENOBUFS');
  expect(watch.read()).toBe(true);
  expect([...watch.interfaces.values()].map(({ name }) => name)).toEqual(['eth0']);
  expect(kernel.asked).toEqual([...everything, ...everything]);
});

test('events lost while the kernel tells lead to another start after it', () => {
  const kernel = new Kernel();
  const watch = watchInterfaces(kernel.libc);
  kernel.queue.push('ENOBUFS', 'ENOBUFS');
  watch.read();
  kernel.isInterrupted = true;
  kernel.queue.push('ENOBUFS');
  watch.read();
  // A start that was interrupted in its links goes back to them at once.
  expect(kernel.asked.slice(3)).toEqual([18, 18, 22, 26, 18, 18, 22, 26]);
  expect(watch.interfaces.get(2)?.gateways).toEqual(['192.0.2.254']);
});

test('an event about a default route has the routes told anew, and no more', () => {
  const kernel = new Kernel();
  const watch = watchInterfaces(kernel.libc);
  kernel.queue.push(message(25, route([{ index: 2, gateway }])));
  watch.read();
  expect(kernel.asked).toEqual([...everything, 26]);
});

test('while there is no memory to ask, the next reading asks again', () => {
  const kernel = new Kernel();
  const watch = watchInterfaces(kernel.libc);
  kernel.names = ['eth0', 'eth1'];
  kernel.refuses = 1;
  kernel.queue.push('ENOBUFS');
  expect(watch.read()).toBe(false);
  expect(watch.interfaces.size).toBe(1);
  expect(watch.read()).toBe(true);
  expect(watch.interfaces.size).toBe(2);
});

test('messages of other processes are not believed', () => {
  const kernel = new Kernel();
  const watch = watchInterfaces(kernel.libc);
  kernel.sender = 4711;
  kernel.queue.push(message(17, link(2, 'eth0')));
  expect(watch.read()).toBe(false);
  expect(watch.interfaces.size).toBe(1);
});

test('a kernel that says nothing ends the start with an error', () => {
  const kernel = new Kernel();
  expect(() => watchInterfaces({ ...kernel.libc, send: () => 0 })).toThrow('the kernel tells nothing');
});
