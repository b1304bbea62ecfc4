interface Timer {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** Timers by time, then by the order in which they were added: a binary heap. A cancelled one stays in it and is skipped. */
export class TimerHeap {
  readonly #heap: Timer[] = [];
  #order = 0;

  /** The returned function cancels. */
  add(at: number, run: () => void): () => void {
    const timer: Timer = { at, order: this.#order++, run };
    this.#heap.push(timer);
    this.#rise(this.#heap.length - 1);
    return () => {
      timer.run = undefined;
    };
  }

  /** Takes the first timer that is due at `until` or before. */
  take(until: number): { readonly at: number; readonly run: () => void } | undefined {
    for (let first = this.#heap[0]; first !== undefined && first.at <= until; first = this.#heap[0]) {
      this.#removeFirst();
      const { at, run } = first;
      if (run !== undefined) return { at, run };
    }
    return undefined;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(index: number): void {
    for (let child = index; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #sink(index: number): void {
    for (let parent = index; ; ) {
      const left = 2 * parent + 1;
      const right = left + 1;
      const least = right < this.#heap.length && this.#isBefore(right, left) ? right : left;
      if (least >= this.#heap.length || !this.#isBefore(least, parent)) return;
      this.#swap(least, parent);
      parent = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const one = this.#at(a);
    const other = this.#at(b);
    return one.at === other.at ? one.order < other.order : one.at < other.at;
  }

  #swap(a: number, b: number): void {
    const one = this.#at(a);
    this.#heap[a] = this.#at(b);
    this.#heap[b] = one;
  }

  #at(index: number): Timer {
    const timer = this.#heap[index];
    if (timer === undefined) throw new Error(`no timer at ${index}`);
    return timer;
  }
}
