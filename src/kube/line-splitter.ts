/** Cuts a stream of bytes into lines, without looking at any byte twice, however long a line is and wherever the chunks end. */
export class LineSplitter {
  #parts: Buffer[] = [];

  /** The lines that are complete with this chunk, without their ends. */
  *push(chunk: Buffer): Generator<string> {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const last = chunk.subarray(from, end);
      const line = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
      this.#parts = [];
      from = end + 1;
      yield line.toString('utf8');
    }
    if (from < chunk.length) this.#parts.push(chunk.subarray(from));
  }
}
