/** Shares of a pause, each between half and the whole of it: multiples of the golden ratio spread better than chance does. */
export class Spread {
  #given = 0;

  share(): number {
    this.#given += 1;
    return 0.5 + ((this.#given * 0.618_034) % 1) / 2;
  }
}
