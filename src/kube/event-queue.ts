/** What waits to be sent, in the order in which it came. When it is full, the oldest Normal goes, and a Warning only where there is none. */
export class EventQueue<Item extends { readonly type: 'Normal' | 'Warning' }> {
  readonly #most: number;
  readonly #waiting = { Normal: new Map<Item, number>(), Warning: new Map<Item, number>() };
  #sequence = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#waiting.Normal.size + this.#waiting.Warning.size;
  }

  /** Returns what had to go for it; possibly the item itself. */
  add(item: Item): Item | undefined {
    this.#waiting[item.type].set(item, this.#sequence++);
    if (this.size <= this.#most) return undefined;
    const normal = first(this.#waiting.Normal);
    const dropped = normal ?? first(this.#waiting.Warning);
    if (dropped !== undefined) this.#waiting[dropped[0].type].delete(dropped[0]);
    return dropped?.[0];
  }

  take(): Item | undefined {
    const normal = first(this.#waiting.Normal);
    const warning = first(this.#waiting.Warning);
    const next = normal !== undefined && (warning === undefined || normal[1] < warning[1]) ? normal : warning;
    if (next !== undefined) this.#waiting[next[0].type].delete(next[0]);
    return next?.[0];
  }
}

function first<Item>(map: ReadonlyMap<Item, number>): readonly [Item, number] | undefined {
  for (const entry of map) return entry;
  return undefined;
}
