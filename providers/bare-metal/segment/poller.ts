import type { Libc } from './libc.ts';

export interface Pollable {
  readonly fd: number;
}

/** A worker parked without end in a foreign call makes process.exit() and uncaught errors hang until a signal (measured). */
export const longestWaitMs = 250;

const entrySize = 8;
const pollIn = 1;

/**
 * One poll(2) over everything that a worker listens to. A source that is ready must be read until it has nothing more, or the next wait
 * returns at once; an error on it (interface down) counts as ready, and is taken off by reading.
 */
export class Poller<Source extends Pollable> {
  readonly #libc: Libc;
  #sources: Source[] = [];
  #entries: Buffer = Buffer.alloc(0);
  readonly #ready: Source[] = [];

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  add(source: Source): void {
    this.#set([...this.#sources, source]);
  }

  /** To be called before the source is closed: its number may soon be another file's. */
  delete(source: Source): void {
    this.#set(this.#sources.filter(other => other !== source));
  }

  /** What is ready, in the order of adding; the same array every time. An interrupted wait has nothing ready. */
  wait(timeoutMs: number): readonly Source[] {
    this.#ready.length = 0;
    const timeout = Math.max(0, Math.min(Math.ceil(timeoutMs), longestWaitMs));
    if (this.#libc.poll(this.#entries, this.#sources.length, timeout) <= 0) return this.#ready;
    for (const [index, source] of this.#sources.entries())
      if (this.#entries.readUInt16LE(entrySize * index + 6) !== 0) this.#ready.push(source);
    return this.#ready;
  }

  #set(sources: Source[]): void {
    this.#sources = sources;
    this.#entries = Buffer.alloc(entrySize * sources.length);
    for (const [index, { fd }] of sources.entries()) {
      this.#entries.writeInt32LE(fd, entrySize * index);
      this.#entries.writeUInt16LE(pollIn, entrySize * index + 4);
    }
  }
}
