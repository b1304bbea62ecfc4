import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const requestLoop = fileURLToPath(new URL('request-loop.mjs', import.meta.url));

/**
 * An answer, in Unix milliseconds.
 * @typedef {{ sent: number, at: number, backend: string }} Sample
 */

/** What a client on the segment gets when it asks one address again and again. */
export class SampledClient {
  /** @type {Sample[]} */
  samples = [];
  #child;
  #ended;

  /**
   * @param {{ namespace: import('./network-namespace.mjs').NetworkNamespace }} place
   * @param {{ kind?: 'http' | 'udp', address: string, port: number, intervalMs?: number }} question
   */
  constructor({ namespace }, { kind = 'http', address, port, intervalMs = 2 }) {
    const args = [requestLoop, kind, address, String(port), String(intervalMs)];
    this.#child = namespace.spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('The client has no output.');
    const lines = createInterface({ input: stdout });
    lines.on('line', line => this.samples.push(JSON.parse(line)));
    /** @type {Promise<void>} */
    this.#ended = new Promise(resolve => lines.on('close', () => resolve()));
  }

  /** Resolves to all that was answered. */
  async stop() {
    this.#child.stdin?.end();
    await this.#ended;
    return this.samples;
  }
}

/**
 * The longest time without an answer, between two answers; zero with fewer than two. Pure.
 * @param {readonly number[]} times of the answers, in any order
 * @returns {{ from: number, to: number, ms: number }}
 */
export function longestSilence(times) {
  const ordered = [...times].sort((a, b) => a - b);
  let longest = { from: ordered[0] ?? 0, to: ordered[0] ?? 0, ms: 0 };
  for (const [index, to] of ordered.entries()) {
    const from = ordered[index - 1] ?? to;
    if (to - from > longest.ms) longest = { from, to, ms: to - from };
  }
  return longest;
}
