import type { Segment, SegmentNode } from '../../../deploy/local-cluster/segment/segment.mjs';
import type { AnnouncerView } from '../../../src/provider/announcer.ts';
import { AnnouncerProcess } from '../../e2e/speaker/announcer-process.ts';
import { poll } from '../deadline.ts';

/** A speaker without an API server on every node of a segment, with default settings and one view for all. */
export class Announcers {
  readonly #segment: Segment;
  readonly #addresses: readonly string[];
  readonly #processes = new Map<string, AnnouncerProcess>();

  private constructor(segment: Segment, addresses: readonly string[]) {
    this.#segment = segment;
    this.#addresses = addresses;
  }

  /** Resolves when every address is announced, by one node each. */
  static async start(segment: Segment, addresses: readonly string[]): Promise<Announcers> {
    const announcers = new Announcers(segment, addresses);
    await Promise.all(segment.nodes.map(node => announcers.startOne(node)));
    for (const address of addresses) await announcers.ownerOf(address);
    return announcers;
  }

  async startOne(node: SegmentNode): Promise<void> {
    const started = await AnnouncerProcess.start(node);
    this.#processes.set(node.name, started);
    await started.do({ view: this.#view(this.#addresses) });
  }

  get(node: SegmentNode): AnnouncerProcess {
    const process = this.#processes.get(node.name);
    if (process === undefined) throw new Error(`no announcer on ${node.name}`);
    return process;
  }

  /** The node that announces the address, as soon as exactly one does; of those other than `without`. */
  async ownerOf(address: string, without?: SegmentNode): Promise<SegmentNode> {
    const what = `one node that announces ${address}`;
    return poll({ limitMs: 40_000, everyMs: 5, what }, () => {
      const owners = this.#claimants(address).filter(node => node !== without);
      return owners.length === 1 ? owners[0] : undefined;
    });
  }

  /** Until the node would have taken what it takes: an address for it alone has been published, and is announced. */
  async untilListened(node: SegmentNode): Promise<void> {
    const own = '198.18.9.9';
    const view = this.#view(this.#addresses);
    const address = addressOf(own, [node.name]);
    for (const process of this.#running()) process.tell({ view: { ...view, addresses: [...view.addresses, address] } });
    await this.ownerOf(own);
    for (const process of this.#running()) process.tell({ view });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map(process => process.kill()));
  }

  #claimants(address: string): readonly SegmentNode[] {
    return this.#running()
      .filter(({ report }) => report.claims.some(claim => claim.address === address))
      .map(({ node }) => node);
  }

  #running(): readonly AnnouncerProcess[] {
    return [...this.#processes.values()].filter(({ isRunning }) => isRunning);
  }

  #view(addresses: readonly string[]): AnnouncerView {
    const names = this.#segment.nodes.map(({ name }) => name);
    return {
      addresses: addresses.map(address => addressOf(address, names)),
      nodes: names.map(node => ({ node, lease: 'fresh', bootId: '' })),
    };
  }
}

function addressOf(address: string, candidates: readonly string[]): AnnouncerView['addresses'][number] {
  return { address, candidates, announcedBefore: true, recordedClaims: [] };
}
