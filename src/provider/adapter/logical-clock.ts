/** Counts what happens, so that two things are never at the same time: whether a look was before or after a change decides what it is worth. */
export class LogicalClock {
  #now = 0;

  next(): number {
    return ++this.#now;
  }
}
