/** Keys by the time at which they are due: a binary heap. A key that was moved or dropped stays in it and is skipped when met. */
export class DueHeap {
  readonly #heap: { readonly key: string; readonly at: number }[] = [];
  readonly #due = new Map<string, number>();

  /** When the first one is due; infinity where there is none. */
  get next(): number {
    this.#skip();
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** A key is due once: at the time that was given last. */
  set(key: string, at: number): void {
    if (this.#due.get(key) === at) return;
    this.#due.set(key, at);
    this.#heap.push({ key, at });
    this.#rise(this.#heap.length - 1);
  }

  delete(key: string): void {
    this.#due.delete(key);
  }

  clear(): void {
    this.#heap.length = 0;
    this.#due.clear();
  }

  /** Takes one key that is due. */
  take(now: number): string | undefined {
    this.#skip();
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.#removeFirst();
    this.#due.delete(first.key);
    return first.key;
  }

  #skip(): void {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (this.#due.get(first.key) === first.at) return;
      this.#removeFirst();
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink();
  }

  #rise(index: number): void {
    for (let child = index; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (this.#at(parent) <= this.#at(child)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #sink(): void {
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1;
      const least = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(parent) <= this.#at(least)) return;
      this.#swap(parent, least);
      parent = least;
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.at ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return;
    this.#heap[a] = other;
    this.#heap[b] = one;
  }
}
