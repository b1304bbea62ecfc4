/** Memory of lists that nobody uses any more is bounded by so many. */
const mostLists = 10_000;

/** Equal lists are one and the same frozen array, so that thousands of objects that say the same cost one. */
export class SharedLists {
  #lists = new Map<string, readonly string[]>();

  get(list: readonly string[]): readonly string[] {
    const key = list.join();
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    // What was shared before stays so: only what comes is shared anew.
    if (this.#lists.size >= mostLists) this.#lists = new Map();
    const one = Object.freeze([...list]);
    this.#lists.set(key, one);
    return one;
  }
}
