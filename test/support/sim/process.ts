import type { Clock } from '../../../src/kube/clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

/**
 * One incarnation of a controller: its clock, and the gate for whatever reaches it from outside. Everything that makes the code of a
 * process run goes through here, so that the process can be stopped at any instant between two turns of its event loop.
 *
 * | state   | its timers                      | what reaches it       |
 * |---------|---------------------------------|-----------------------|
 * | running | run                             | is delivered          |
 * | paused  | run late, after `resume`        | is delivered late too |
 * | dead    | never run                       | is lost               |
 */
export class Process implements Clock {
  readonly name: string;
  readonly #world: VirtualClock;
  #state: 'running' | 'paused' | 'dead' = 'running';
  #held: (() => void)[] = [];
  readonly #atDeath: (() => void)[] = [];

  constructor(name: string, world: VirtualClock) {
    this.name = name;
    this.#world = world;
  }

  get state(): 'running' | 'paused' | 'dead' {
    return this.#state;
  }

  now(): number {
    return this.#world.now();
  }

  monotonic(): number {
    return this.#world.monotonic();
  }

  after(ms: number, run: () => void): () => void {
    let cancelled = false;
    const cancel = this.#world.after(ms, () =>
      this.deliver(() => {
        if (!cancelled) run();
      }),
    );
    return () => {
      cancelled = true;
      cancel();
    };
  }

  /** Runs `run` in this process: now, after the pause, or never. */
  deliver(run: () => void): void {
    if (this.#state === 'running') run();
    else if (this.#state === 'paused') this.#held.push(run);
  }

  /** What the operating system does with its sockets when it dies. */
  onDeath(run: () => void): void {
    this.#atDeath.push(run);
  }

  /** SIGSTOP. */
  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  /** SIGCONT: what was held follows one by one, each with the turn of the event loop that it would have had. */
  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    for (const run of this.#held.splice(0)) this.#world.after(0, () => this.deliver(run));
  }

  /** SIGKILL. */
  kill(): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#held = [];
    for (const run of this.#atDeath.splice(0)) run();
  }
}
