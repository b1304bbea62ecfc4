import type { Clock } from '../kube/clock.ts';
import { SameDelay } from '../kube/same-delay.ts';
import { Appointments } from './appointments.ts';

/** What goes first: deletes and changes by users, then new Services, then verification. */
export const lanes = { urgent: 0, fresh: 1, verify: 2 } as const;
export type Lane = (typeof lanes)[keyof typeof lanes];

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Which budget a key uses: the provider instance it concerns. */
  groupOf(key: string): string;
  /** How many places a group has; 0 holds it back. */
  limitOf(group: string): number;
  /** Must not reject. Never called for a key that is in work. */
  work(key: string): Promise<void>;
  /** Milliseconds from the moment a key was due to the moment its work begins, and from there to its end. */
  readonly observe?: { added(): void; waited(ms: number): void; worked(ms: number): void };
}

/** Work that takes longer gives its place to others, so that what hangs delays nobody else; at most this many times the limit. */
const slowAfterMs = 2_000;
const mostTimesTheLimit = 4;
/**
 * Work that waits for nothing outside, such as the check of what is in order after a start, would keep the event loop from everything else
 * until the last key: the Lease has to be renewed meanwhile, watches read, and V8 to end a collection. 200 take some 10 ms.
 */
const mostStartsInATurn = 200;
/** Of all groups together: each that has left its place may have a request to the API server under way. */
const mostLeft = 32;
/** The order of lanes is not absolute, so that none starves: of three starts one prefers new Services, of ten one prefers verification. */
const freshFirstEvery = 3;
const verifyFirstEvery = 10;

/**
 * What a piece of work has of its group's budget.
 *
 * | place | counts against the limit | counts against its namespace |                                                           |
 * |-------|--------------------------|------------------------------|-----------------------------------------------------------|
 * | held  | yes                      | yes                          | from the start                                            |
 * | lent  | no                       | yes                          | it takes long                                             |
 * | left  | no                       | no                           | what is left of it is no matter of the group: see `leave` |
 */
type Place = 'held' | 'lent' | 'left';

interface Work {
  readonly group: Group;
  readonly since: number;
  again: Lane | undefined;
  place: Place;
  cancelSlow: () => void;
}

/**
 * Keys to work on: each at most once in the queue, never twice at work. Groups do not delay each other; within a group lanes go in
 * order, and within a lane namespaces take turns, so that one with a thousand Services does not hold up one with a single one.
 * A namespace has at most `limit` keys of a group at work, slow ones included, those that have left their places not.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #pending = new Map<string, { lane: Lane; group: string; since: number }>();
  readonly #working = new Map<string, Work>();
  readonly #appointments: Appointments<Lane>;
  readonly #groups = new Map<string, Group>();
  readonly #idle: (() => void)[] = [];
  readonly #slow: SameDelay;
  #left = 0;
  #startsInTurn = 0;
  #cancelTurn: () => void = () => undefined;
  #running = false;
  #stopped = false;
  #scheduled = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#appointments = new Appointments(options.clock, (key, lane) => this.add(key, lane));
    this.#slow = new SameDelay(options.clock, slowAfterMs);
  }

  get depth(): number {
    return this.#pending.size;
  }

  get working(): number {
    return this.#working.size;
  }

  /** Milliseconds that the longest piece of work under way has taken so far. */
  get longestWorkingMs(): number {
    const now = this.#options.clock.monotonic();
    return Math.max(0, ...[...this.#working.values()].map(work => now - work.since));
  }

  /** Milliseconds that all the work under way has taken so far. */
  get unfinishedMs(): number {
    const now = this.#options.clock.monotonic();
    return [...this.#working.values()].reduce((sum, work) => sum + now - work.since, 0);
  }

  add(key: string, lane: Lane): void {
    const work = this.#working.get(key);
    if (work !== undefined) {
      work.again = work.again === undefined ? lane : higher(work.again, lane);
      return;
    }
    const before = this.#pending.get(key);
    const group = this.#options.groupOf(key);
    if (before !== undefined && before.lane <= lane && before.group === group) return;
    const due = before?.since ?? this.#options.clock.monotonic();
    this.#pending.set(key, { lane: before === undefined ? lane : higher(before.lane, lane), group, since: due });
    this.#group(group).push(key, before === undefined ? lane : higher(before.lane, lane));
    this.#options.observe?.added();
    this.#schedule();
  }

  /** Adds the key after `ms`; replaces an earlier appointment of the same key. Nothing once stopped: no timer outlives the queue. */
  addAfter(key: string, ms: number, lane: Lane): void {
    if (!this.#stopped) this.#appointments.set(key, ms, lane);
  }

  /** Drops the appointment of a key. */
  forget(key: string): void {
    this.#appointments.delete(key);
  }

  /**
   * What is left of the key's work, as far as `resume`, is a request to the API server: its place goes to the next key. Where too many
   * have left theirs it stays.
   */
  leave(key: string): void {
    const work = this.#working.get(key);
    if (work === undefined || work.place === 'left' || this.#left === mostLeft) return;
    this.#move(key, work, 'left');
    this.#schedule();
  }

  /** Resolves when the key has a place again: before any key that has not begun, at once where it has not left its place, or when the queue stops. */
  async resume(key: string): Promise<void> {
    const work = this.#working.get(key);
    if (work?.place !== 'left' || this.#stopped) return;
    await new Promise<void>(resolve => {
      work.group.waiting.set(key, resolve);
      this.#schedule();
    });
  }

  start(): void {
    this.#running = true;
    this.#schedule();
  }

  /** Starts nothing any more; resolves when what is at work has ended. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#stopped = true;
    this.#appointments.clear();
    this.#cancelTurn();
    for (const { group } of this.#working.values()) group.release();
    if (this.#working.size > 0) await new Promise<void>(resolve => this.#idle.push(resolve));
    this.#slow.close();
  }

  /** A limit has changed: look again. */
  kick(): void {
    this.#schedule();
  }

  #group(name: string): Group {
    let group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, (group = new Group()));
    return group;
  }

  #schedule(): void {
    if (this.#scheduled || !this.#running) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (this.#running) for (const [name, group] of this.#groups) this.#startAll(name, group);
    });
  }

  #startAll(name: string, group: Group): void {
    const limit = this.#options.limitOf(name);
    while (group.held < limit) {
      const key = group.takeWaiting(limit);
      if (key === undefined) break;
      this.#resumed(key);
    }
    while (group.held < limit && group.atWork < limit * mostTimesTheLimit && this.#startsInTurn < mostStartsInATurn) {
      const key = group.take((candidate, lane) => isCurrent(this.#pending.get(candidate), name, lane), limit);
      if (key === undefined) break;
      this.#start(key, group);
    }
    if (group.isEmpty()) this.#groups.delete(name);
  }

  #endTurn(): void {
    this.#cancelTurn = this.#options.clock.after(0, () => {
      this.#startsInTurn = 0;
      this.#schedule();
    });
  }

  #start(key: string, group: Group): void {
    const { clock, observe } = this.#options;
    const since = clock.monotonic();
    observe?.waited(since - (this.#pending.get(key)?.since ?? since));
    this.#pending.delete(key);
    const work: Work = { group, since, again: undefined, place: 'held', cancelSlow: () => undefined };
    this.#working.set(key, work);
    group.began(key);
    if (++this.#startsInTurn === mostStartsInATurn) this.#endTurn();
    this.#lendWhenSlow(key, work);
    void this.#options.work(key).finally(() => {
      work.cancelSlow();
      if (work.place === 'left') this.#left--;
      group.ended(key, work.place);
      observe?.worked(clock.monotonic() - since);
      this.#ended(key);
    });
  }

  #resumed(key: string): void {
    const work = this.#working.get(key);
    if (work === undefined) return;
    this.#move(key, work, 'held');
    this.#lendWhenSlow(key, work);
  }

  #lendWhenSlow(key: string, work: Work): void {
    work.cancelSlow = this.#slow.after(() => {
      this.#move(key, work, 'lent');
      this.#schedule();
    });
  }

  #move(key: string, work: Work, to: Place): void {
    work.cancelSlow();
    this.#left += Number(to === 'left') - Number(work.place === 'left');
    work.group.moved(key, work.place, to);
    work.place = to;
  }

  #ended(key: string): void {
    const again = this.#working.get(key)?.again;
    this.#working.delete(key);
    if (again !== undefined) this.add(key, again);
    this.#schedule();
    if (this.#working.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** The keys of one budget, by lane and namespace. A key that has moved to another lane leaves a stale entry, skipped when met. */
class Group {
  atWork = 0;
  /** Places that are held. */
  held = 0;
  /** At work, and waiting for a place to go on. */
  readonly waiting = new Map<string, () => void>();
  #starts = 0;
  readonly #lanes: readonly Map<string, Set<string>>[] = [new Map(), new Map(), new Map()];
  readonly #atWorkIn = new Map<string, number>();

  push(key: string, lane: Lane): void {
    const namespaces = this.#lane(lane);
    const keys = namespaces.get(namespaceOf(key));
    if (keys === undefined) namespaces.set(namespaceOf(key), new Set([key]));
    else keys.add(key);
  }

  take(isCurrentKey: (key: string, lane: Lane) => boolean, limitPerNamespace: number): string | undefined {
    for (const lane of laneOrder(this.#starts)) {
      const key = this.#takeFrom(lane, isCurrentKey, limitPerNamespace);
      if (key !== undefined) return key;
    }
    return undefined;
  }

  began(key: string): void {
    this.#starts++;
    this.atWork++;
    this.held++;
    this.#countIn(namespaceOf(key), 1);
  }

  moved(key: string, from: Place, to: Place): void {
    this.held += Number(to === 'held') - Number(from === 'held');
    this.#countIn(namespaceOf(key), Number(to !== 'left') - Number(from !== 'left'));
  }

  ended(key: string, place: Place): void {
    this.atWork--;
    this.held -= Number(place === 'held');
    this.#countIn(namespaceOf(key), -Number(place !== 'left'));
  }

  /** The first that waits, of a namespace that may have one more at work; its wait is over. */
  takeWaiting(limitPerNamespace: number): string | undefined {
    for (const [key, resolve] of this.waiting) {
      if ((this.#atWorkIn.get(namespaceOf(key)) ?? 0) >= limitPerNamespace) continue;
      this.waiting.delete(key);
      resolve();
      return key;
    }
    return undefined;
  }

  /** Ends every wait, with no place. */
  release(): void {
    for (const resolve of this.waiting.values()) resolve();
    this.waiting.clear();
  }

  #countIn(namespace: string, more: number): void {
    const count = (this.#atWorkIn.get(namespace) ?? 0) + more;
    if (count === 0) this.#atWorkIn.delete(namespace);
    else this.#atWorkIn.set(namespace, count);
  }

  isEmpty(): boolean {
    return this.atWork === 0 && this.#lanes.every(lane => lane.size === 0);
  }

  #lane(lane: Lane): Map<string, Set<string>> {
    const found = this.#lanes[lane];
    if (found === undefined) throw new Error(`no lane ${lane}`);
    return found;
  }

  #takeFrom(
    lane: Lane,
    isCurrentKey: (key: string, lane: Lane) => boolean,
    limitPerNamespace: number,
  ): string | undefined {
    const namespaces = this.#lane(lane);
    for (const [namespace, keys] of namespaces) {
      for (const key of keys)
        if (!isCurrentKey(key, lane)) keys.delete(key);
        else break;
      const [key] = keys;
      if (key !== undefined && (this.#atWorkIn.get(namespace) ?? 0) >= limitPerNamespace) continue;
      namespaces.delete(namespace);
      if (key === undefined) continue;
      keys.delete(key);
      if (keys.size > 0) namespaces.set(namespace, keys);
      return key;
    }
    return undefined;
  }
}

function laneOrder(starts: number): readonly Lane[] {
  if (starts % verifyFirstEvery === verifyFirstEvery - 1) return [2, 1, 0];
  return starts % freshFirstEvery === freshFirstEvery - 1 ? [1, 0, 2] : [0, 1, 2];
}

function isCurrent(entry: { lane: Lane; group: string } | undefined, group: string, lane: Lane): boolean {
  return entry?.group === group && entry.lane === lane;
}

function higher(a: Lane, b: Lane): Lane {
  return a < b ? a : b;
}

function namespaceOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}
