import { constants } from 'node:os';
import type { Libc } from '../../../../providers/bare-metal/segment/libc.ts';

/** Result of a call: a number of zero or more, or an error by its name. */
export type Scripted = number | keyof typeof constants.errno;

/** System calls that say what a test wants: each takes the next of its results, and 0 (descriptors: the next number) where none is left. */
export class ScriptedLibc implements Libc {
  readonly results: Partial<Record<keyof Libc, Scripted[]>> = {};
  /** Descriptors that are open. */
  readonly open = new Set<number>();
  /** `setsockopt` of these: descriptor and option. */
  readonly options: (readonly [fd: number, name: number])[] = [];
  polled = { count: 0, timeoutMs: 0 };
  /** What poll(2) says of each descriptor. */
  readonly events = new Map<number, number>();
  #last = 10;

  socket(): number {
    const result = this.#next('socket', ++this.#last);
    if (result >= 0) this.open.add(result);
    return result;
  }
  close(fd: number): number {
    if (!this.open.delete(fd)) throw new Error(`${fd} is not open`);
    return 0;
  }
  setsockopt(fd: number, _level: number, name: number): number {
    const result = this.#next('setsockopt');
    if (result >= 0) this.options.push([fd, name]);
    return result;
  }
  poll(fds: Buffer, count: number, timeoutMs: number): number {
    this.polled = { count, timeoutMs };
    for (let index = 0; index < count; index++)
      fds.writeUInt16LE(this.events.get(fds.readInt32LE(8 * index)) ?? 0, 8 * index + 6);
    return this.#next('poll', count);
  }
  bind(): number {
    return this.#next('bind');
  }
  recv(): number {
    return this.#next('recv');
  }
  send(): number {
    return this.#next('send');
  }
  recvfrom(): number {
    return this.#next('recvfrom');
  }
  eventfd(): number {
    return this.#next('eventfd');
  }
  read(): number {
    return this.#next('read');
  }
  addressOf(): bigint {
    return 0n;
  }

  #next(call: keyof Libc, otherwise = 0): number {
    const result = this.results[call]?.shift() ?? otherwise;
    return typeof result === 'number' ? result : -constants.errno[result];
  }
}
