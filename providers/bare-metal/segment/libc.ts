import { arch, constants, platform } from 'node:os';

/** The name of a system call's error, as `man 3 errno` has them; `E?` with a number for one that Node does not know. */
export type Errno = `E${string}`;

const names = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name as Errno]));
// Linux has them with one number each; Node gives the first of two names.
names.set(constants.errno.EAGAIN, 'EAGAIN');

/** Of a call's result that is below zero. */
export function errnoOf(result: number): Errno {
  return names.get(-result) ?? `E?${-result}`;
}

/**
 * The interface that a socket was bound to is no more, and never again of use to it, even where another has its index: whoever still needs
 * one opens another socket. (ENETDOWN is less: the interface is down, and the socket works again when it is up.)
 */
export function isInterfaceGone(errno: Errno): boolean {
  return errno === 'ENXIO' || errno === 'ENODEV';
}

/**
 * The system calls that announcing needs, with the results of the kernel itself: zero or more, or minus the number of the error. All are
 * synchronous, and only `poll` waits. koffi's `.async()` must never be used here: four parked calls would take all of libuv's threads,
 * and files and DNS would be dead (measured).
 */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Buffer, size: number): number;
  setsockopt(fd: number, level: number, name: number, value: Buffer, size: number): number;
  recv(fd: number, into: Buffer, size: number, flags: number): number;
  recvfrom(fd: number, into: Buffer, size: number, flags: number, address: Buffer, addressSize: Buffer): number;
  send(fd: number, from: Buffer, size: number, flags: number): number;
  poll(fds: Buffer, count: number, timeoutMs: number): number;
  eventfd(value: number, flags: number): number;
  read(fd: number, into: Buffer, size: number): number;
  close(fd: number): number;
  /** Where the bytes are, for the structures that hold a pointer. The buffer must be kept until the call that reads it has returned. */
  addressOf(bytes: Buffer): bigint;
}

/** What a thread asks about itself: time, and how it is scheduled. */
export interface ThreadCalls {
  clockGetTime(clock: number, into: Buffer): number;
  /** For what has no function of its own. */
  syscall(number: number, first: number, second: Buffer, third: number, fourth: number): number;
}

/** What concerns the whole process. */
export interface ProcessCalls {
  /** Zero where it changes nothing: the C library may not have it. */
  readonly mallopt: (option: number, value: number) => number;
}

/**
 * Throws, with the remedy, where raw sockets cannot be had at all: not Linux, a processor whose structures we have not got, no koffi, or
 * no permission.
 */
export async function loadLibc(): Promise<Libc & ThreadCalls & ProcessCalls> {
  if (platform() !== 'linux')
    throw new Error(`announcing needs Linux, and this is ${platform()}: run the speaker on Linux nodes`);
  if (arch() !== 'x64' && arch() !== 'arm64')
    throw new Error(`announcing knows x64 and arm64, and this is ${arch()}: run the speaker on such nodes`);
  const libc = bindLibc(await loadKoffi());
  const fd = libc.socket(family.packet, socketType.raw, 0);
  if (fd < 0) throw new Error(socketRemedy(errnoOf(fd)));
  libc.close(fd);
  return libc;
}

/** Same on x64 and arm64 (asm-generic). */
export const family = { netlink: 16, packet: 17, inet6: 10 } as const;
const nonBlocking = 0o4000;
const closeOnExec = 0o2000000;
export const socketType = {
  datagram: 2 | nonBlocking | closeOnExec,
  raw: 3 | nonBlocking | closeOnExec,
} as const;
export const eventfdFlags: number = nonBlocking | closeOnExec;

type Koffi = typeof import('koffi');

async function loadKoffi(): Promise<Koffi> {
  try {
    return await import('koffi');
  } catch (error) {
    throw new Error('announcing needs the package koffi, which is not installed: npm install koffi@3.3.4', {
      cause: error,
    });
  }
}

function socketRemedy(errno: Errno): string {
  if (errno !== 'EPERM' && errno !== 'EACCES') return `no raw socket to announce with: ${errno}`;
  return (
    'announcing needs the capability NET_RAW: run the speaker as user 0 with capabilities.add [NET_RAW] ' +
    '(another user has it only with `setcap cap_net_raw+ep` on the node binary)'
  );
}

function bindLibc(koffi: Koffi): Libc & ThreadCalls & ProcessCalls {
  // What the process itself has loaded: glibc or musl.
  const library = koffi.load(null);
  const bind = (declaration: string): ((...args: readonly unknown[]) => number) => {
    const call = library.func(declaration);
    return (...args) => {
      const result: number = call(...args);
      return result < 0 ? -koffi.errno() : result;
    };
  };
  const bindIfThere = (declaration: string): ReturnType<typeof bind> => {
    try {
      return bind(declaration);
    } catch {
      return () => 0;
    }
  };
  return {
    socket: bind('int socket(int, int, int)'),
    bind: bind('int bind(int, const void *, uint32_t)'),
    setsockopt: bind('int setsockopt(int, int, int, const void *, uint32_t)'),
    // Results are ssize_t; no call here moves as much as 2^31 bytes.
    recv: bind('int recv(int, void *, size_t, int)'),
    recvfrom: bind('int recvfrom(int, void *, size_t, int, void *, void *)'),
    send: bind('int send(int, const void *, size_t, int)'),
    poll: bind('int poll(void *, unsigned long, int)'),
    eventfd: bind('int eventfd(unsigned int, int)'),
    read: bind('int read(int, void *, size_t)'),
    close: bind('int close(int)'),
    syscall: bind('long syscall(long, long, void *, long, long)'),
    mallopt: bindIfThere('int mallopt(int, int)'),
    clockGetTime: bind('int clock_gettime(int, void *)'),
    addressOf: bytes => koffi.address(bytes),
  };
}
