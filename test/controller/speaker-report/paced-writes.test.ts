import { expect, test } from 'vitest';
import { PacedWrites, type WriteSource } from '../../../src/controller/speaker-report/paced-writes.ts';
import { VirtualClock } from '../../support/sim/virtual-clock.ts';

class Source implements WriteSource {
  left = 0;
  readonly #name: string;
  readonly #done: (name: string) => void;

  constructor(name: string, done: (name: string) => void) {
    this.#name = name;
    this.#done = done;
  }

  hasWork(): boolean {
    return this.left > 0;
  }

  async write(): Promise<void> {
    this.left -= 1;
    this.#done(this.#name);
  }
}

test('one write in three seconds, the first at once, and sources take turns', async () => {
  const clock = new VirtualClock();
  const done: string[] = [];
  const note = (name: string): void => void done.push(`${clock.monotonic()} ${name}`);
  const [status, events] = [new Source('status', note), new Source('event', note)];
  const writes = new PacedWrites(clock, [status, events]);
  const stop = new AbortController();
  const running = writes.run(stop.signal);
  await clock.run(5_000);
  status.left = 2;
  events.left = 3;
  writes.notify();
  await clock.run(60_000);
  expect(done).toEqual(['5000 status', '8000 event', '11000 status', '14000 event', '17000 event']);
  stop.abort();
  await running;
});
