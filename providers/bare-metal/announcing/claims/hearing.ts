import type { SpeakerNode } from '../../../../src/provider/announcer.ts';
import type { Settings } from '../settings.ts';
import type { Peers } from './peers.ts';

/** What the Leases say, beside what is heard. */
export interface Nodes {
  get(node: string): SpeakerNode | undefined;
  keys(): IterableIterator<string>;
}

/**
 * Which nodes should be heard and are not. A node that starts to listen waits for those that have a fresh Lease before it takes anything,
 * up to `unheardMs`; who has not been heard by then is believed to be elsewhere, or unable to be heard here.
 */
export class Hearing {
  readonly #self: string;
  readonly #settings: Settings;
  readonly #nodes: Nodes;
  readonly #peers: Peers;
  #since = 0;
  #isQuiet = true;
  /** Not heard in a whole quiet time: not waited for again. */
  readonly #absent = new Set<string>();
  #mute: ReadonlySet<string> = new Set();

  constructor(self: string, settings: Settings, nodes: Nodes, peers: Peers) {
    this.#self = self;
    this.#settings = settings;
    this.#nodes = nodes;
    this.#peers = peers;
  }

  /** The quiet time begins. */
  start(now: number): void {
    this.#since = now;
    this.#isQuiet = true;
  }

  heard(node: string): void {
    this.#absent.delete(node);
  }

  /** Nodes with a fresh Lease that cannot be heard here: what they claim is read from their records. */
  get mute(): ReadonlySet<string> {
    return this.#mute;
  }

  /** The first of these nodes that has to be heard, in full, before anything of theirs may be taken. */
  waitsFor(candidates: readonly string[]): string | undefined {
    if (!this.#isQuiet) return undefined;
    return candidates.find(node => {
      if (node === this.#self || this.#absent.has(node) || this.#nodes.get(node)?.lease !== 'fresh') return false;
      const peer = this.#peers.get(node);
      // One that was heard and is silent now is gone: silence of who was heard is an answer.
      if (peer === undefined || peer.heardAt < this.#since) return true;
      return peer.isAlive && peer.incompleteSince !== undefined;
    });
  }

  /** To be called now and then; true where `waitsFor` or `mute` may be different now. */
  update(now: number): boolean {
    const endsNow = this.#isQuiet && now >= this.#since + this.#settings.unheardMs;
    if (endsNow) this.#endQuiet();
    const mute = new Set([...this.#nodes.keys()].filter(node => this.#isMute(node, now)));
    const isSame = mute.size === this.#mute.size && [...mute].every(node => this.#mute.has(node));
    this.#mute = mute;
    return endsNow || !isSame;
  }

  #endQuiet(): void {
    this.#isQuiet = false;
    for (const node of this.#nodes.keys()) {
      const peer = this.#peers.get(node);
      if (this.#nodes.get(node)?.lease === 'fresh' && (peer === undefined || peer.heardAt < this.#since)) {
        this.#absent.add(node);
      }
    }
  }

  /**
   * | its Lease | heard here                      | →    |
   * |-----------|---------------------------------|------|
   * | not fresh |                                 | no   |
   * | fresh     | lives                           | no   |
   * | fresh     | never, for `unheardMs`          | mute |
   * | fresh     | once, then not for `unheardMs` and the life of a Lease | mute | (its Lease was renewed after its silence began)
   */
  #isMute(node: string, now: number): boolean {
    if (node === this.#self || this.#nodes.get(node)?.lease !== 'fresh') return false;
    const peer = this.#peers.get(node);
    if (peer === undefined) return now >= this.#since + this.#settings.unheardMs;
    const { unheardMs, leaseMs } = this.#settings;
    return !peer.isAlive && now >= Math.max(peer.heardAt + leaseMs, this.#since) + unheardMs;
  }
}
