/** Failures in a row, of different Services, that say "it is the provider". */
const threshold = 10;

/** Opens when a provider fails for everybody; while it is open one key at a time goes through, and the first success closes it. */
export class Breaker {
  readonly #failing = new Set<string>();
  readonly #onChange: (open: boolean) => void;

  constructor(onChange: (open: boolean) => void) {
    this.#onChange = onChange;
  }

  get isOpen(): boolean {
    return this.#failing.size >= threshold;
  }

  record(key: string, ok: boolean): void {
    const before = this.isOpen;
    if (ok) this.#failing.clear();
    else if (!before) this.#failing.add(key);
    if (this.isOpen !== before) this.#onChange(this.isOpen);
  }
}
