import type { KubeRequest } from '../../src/kube/client.ts';
import type { Clock, Random } from '../../src/kube/clock.ts';
import { type ElectionState, type Leadership, runElection } from '../../src/kube/election.ts';
import type { LeaseServer, Travel } from './lease-server.ts';

/** A process's own view of time: it can be stopped and continued (SIGSTOP, SIGCONT), and its wall clock can be wrong. */
export class ProcessClock implements Clock {
  readonly #world: Clock;
  readonly #wallOffsetMs: number;
  /** What came due while the process stood still. */
  #held: (() => void)[] | undefined;

  constructor(world: Clock, wallOffsetMs = 0) {
    this.#world = world;
    this.#wallOffsetMs = wallOffsetMs;
  }

  now(): number {
    return this.#world.now() + this.#wallOffsetMs;
  }

  monotonic(): number {
    return this.#world.monotonic();
  }

  after(ms: number, run: () => void): () => void {
    let isCancelled = false;
    const cancel = this.#world.after(ms, () => {
      const due = (): void => {
        if (!isCancelled) run();
      };
      if (this.#held === undefined) due();
      else this.#held.push(due);
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  pause(): void {
    this.#held ??= [];
  }

  /** Network before timers or the other way round: the event loop promises neither. */
  resume(order: 'as-due' | 'reversed' = 'as-due'): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const due of order === 'as-due' ? held : held.toReversed()) due();
  }
}

/** One process that takes part in an election, and everything that is seen of it from outside. */
export class Candidate {
  readonly identity: string;
  readonly clock: ProcessClock;
  readonly states: ElectionState[] = [];
  readonly leaderships: Leadership[] = [];
  readonly requests: KubeRequest[] = [];
  readonly stop = new AbortController();
  /** How long `lead` takes to return once it is told to; undefined: not even a turn of the event loop. */
  returnsAfterMs: number | undefined = 0;
  outcome: 'stopped' | 'replaced' | undefined;
  error: unknown;
  readonly ended: Promise<void>;

  constructor(
    world: Clock,
    server: LeaseServer,
    identity: string,
    random: Random,
    travel: () => Travel,
    wallOffsetMs = 0,
  ) {
    this.identity = identity;
    this.clock = new ProcessClock(world, wallOffsetMs);
    const client = server.client(this.clock, request => {
      this.requests.push(request);
      return travel();
    });
    this.ended = runElection(
      {
        client,
        clock: this.clock,
        random,
        namespace: 'ns',
        name: 'lease',
        identity,
        lead: (leadership, stopping) => this.#lead(leadership, stopping),
        onState: state => this.states.push(state),
      },
      this.stop.signal,
    ).then(
      outcome => {
        this.outcome = outcome;
      },
      (error: unknown) => {
        this.error = error;
      },
    );
  }

  get current(): Leadership | undefined {
    return this.leaderships.at(-1);
  }

  get isLeading(): boolean {
    return this.leaderships.some(leadership => mayAct(leadership));
  }

  #lead(leadership: Leadership, stopping: AbortSignal): Promise<void> {
    this.leaderships.push(leadership);
    return new Promise(resolve => {
      const end = (): void => {
        if (this.returnsAfterMs === undefined) resolve();
        else this.clock.after(this.returnsAfterMs, resolve);
      };
      if (stopping.aborted || leadership.signal.aborted) return end();
      stopping.addEventListener('abort', end, { once: true });
      leadership.signal.addEventListener('abort', end, { once: true });
    });
  }
}

export function mayAct(leadership: Leadership): boolean {
  try {
    leadership.assertLeading();
    return true;
  } catch {
    return false;
  }
}
