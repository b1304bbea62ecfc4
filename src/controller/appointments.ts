import type { Clock } from '../kube/clock.ts';

interface Appointment<Item> {
  readonly key: string;
  readonly item: Item;
  /** Monotonic milliseconds. */
  readonly due: number;
  /** Where it stands in the heap. */
  at: number;
}

/**
 * Appointments at any time, one for each key: all share one timer, that of the earliest. Ten thousand Services have one each, minutes
 * ahead, and as timers of Node's these would take half a kilobyte apiece.
 */
export class Appointments<Item> {
  readonly #clock: Clock;
  readonly #onDue: (key: string, item: Item) => void;
  readonly #byKey = new Map<string, Appointment<Item>>();
  /** A binary heap: none is due before the one at half its place. */
  readonly #heap: Appointment<Item>[] = [];
  #timer: { readonly due: number; cancel(): void } | undefined;

  constructor(clock: Clock, onDue: (key: string, item: Item) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Calls `onDue` once after `ms`; replaces an earlier appointment of the same key. */
  set(key: string, ms: number, item: Item): void {
    this.delete(key);
    const appointment = { key, item, due: this.#clock.monotonic() + ms, at: this.#heap.length };
    this.#byKey.set(key, appointment);
    this.#heap.push(appointment);
    this.#rise(appointment);
    this.#arm();
  }

  /** Drops the appointment of a key. */
  delete(key: string): void {
    const appointment = this.#byKey.get(key);
    if (appointment === undefined) return;
    this.#byKey.delete(key);
    const last = this.#heap.pop();
    if (last === undefined || last === appointment) return;
    this.#place(last, appointment.at);
    this.#rise(last);
    this.#sink(last);
  }

  /** Drops every appointment, and the timer, which would keep a process from ending. */
  clear(): void {
    this.#byKey.clear();
    this.#heap.length = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** A timer that is earlier than needed stays: it finds nothing due, and the next is set then. */
  #arm(): void {
    const [next] = this.#heap;
    if (next === undefined || (this.#timer !== undefined && this.#timer.due <= next.due)) return;
    this.#timer?.cancel();
    const cancel = this.#clock.after(Math.max(0, next.due - this.#clock.monotonic()), () => {
      this.#timer = undefined;
      this.#runDue();
      this.#arm();
    });
    this.#timer = { due: next.due, cancel };
  }

  #runDue(): void {
    const now = this.#clock.monotonic();
    for (let [next] = this.#heap; next !== undefined && next.due <= now; [next] = this.#heap) {
      this.delete(next.key);
      this.#onDue(next.key, next.item);
    }
  }

  #rise(appointment: Appointment<Item>): void {
    for (;;) {
      const parent = this.#heap[(appointment.at - 1) >> 1];
      if (parent === undefined || parent.due <= appointment.due) return;
      this.#swap(parent, appointment);
    }
  }

  #sink(appointment: Appointment<Item>): void {
    for (;;) {
      const [left, right] = [this.#heap[2 * appointment.at + 1], this.#heap[2 * appointment.at + 2]];
      const child = right !== undefined && left !== undefined && right.due < left.due ? right : left;
      if (child === undefined || child.due >= appointment.due) return;
      this.#swap(appointment, child);
    }
  }

  #swap(one: Appointment<Item>, other: Appointment<Item>): void {
    const { at } = one;
    this.#place(one, other.at);
    this.#place(other, at);
  }

  #place(appointment: Appointment<Item>, at: number): void {
    appointment.at = at;
    this.#heap[at] = appointment;
  }
}
