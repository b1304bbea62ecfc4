import { writeSync } from 'node:fs';
import { errnoOf, eventfdFlags, type Libc } from './libc.ts';
import type { Pollable } from './poller.ts';

/**
 * How another thread ends the wait of a poller: an eventfd among its sources. The worker makes it, and tells its number to the thread that
 * calls `wake`, which must have stopped doing so before the worker closes it.
 */
export class Wakeup implements Pollable {
  readonly fd: number;
  readonly #libc: Libc;
  readonly #count: Buffer = Buffer.alloc(8);

  constructor(libc: Libc) {
    this.#libc = libc;
    this.fd = libc.eventfd(0, eventfdFlags);
    if (this.fd < 0) throw new Error(`no eventfd: ${errnoOf(this.fd)}`);
  }

  /** Takes all wake-ups until now as one. */
  drain(): void {
    this.#libc.read(this.fd, this.#count, 8);
  }

  close(): void {
    this.#libc.close(this.fd);
  }
}

const one = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);

/** From any thread of the process, without koffi. Returns at once: the counter cannot fill up in this world's time. */
export function wake(fd: number): void {
  writeSync(fd, one);
}
