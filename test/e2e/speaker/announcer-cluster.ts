import { vi } from 'vitest';
import type { Segment, SegmentNode } from '../../../deploy/local-cluster/segment/segment.mjs';
import type { AnnouncerReport, AnnouncerView } from '../../../src/provider/announcer.ts';
import { AnnouncerProcess } from './announcer-process.ts';

const patience = { timeout: 40_000, interval: 10 };

/** An announcer on each node of a segment, all with the same view: what an API server would tell them. */
export class AnnouncerCluster {
  readonly #segment: Segment;
  readonly #processes = new Map<string, AnnouncerProcess>();
  #addresses: readonly string[] = [];
  #announcedBefore = true;

  constructor(segment: Segment) {
    this.#segment = segment;
  }

  async start(addresses: readonly string[], { announcedBefore = true } = {}): Promise<void> {
    this.#announcedBefore = announcedBefore;
    this.#addresses = addresses;
    await Promise.all(this.#segment.nodes.map(node => this.startOne(node)));
  }

  async startOne(node: SegmentNode): Promise<AnnouncerProcess> {
    const started = await AnnouncerProcess.start(node);
    this.#processes.set(node.name, started);
    await started.do({ view: this.#view() });
    return started;
  }

  get(node: string): AnnouncerProcess {
    const process = this.#processes.get(node);
    if (process === undefined) throw new Error(`no announcer on ${node}`);
    return process;
  }

  /** These addresses are published now. */
  view(addresses: readonly string[]): void {
    this.#addresses = addresses;
    for (const process of this.#running()) process.tell({ view: this.#view() });
  }

  /** Nodes that say they announce the address. */
  claimants(address: string): readonly string[] {
    return this.#running()
      .filter(({ report }) => report.claims.some(claim => claim.address === address))
      .map(({ node }) => node.name);
  }

  /** The node that announces the address, as soon as exactly one other than `without` does. */
  async ownerOf(address: string, without?: string): Promise<string> {
    const owners = () => this.claimants(address).filter(node => node !== without);
    await vi.waitUntil(() => owners().length === 1, patience);
    return owners()[0] ?? '';
  }

  /** All processes, as soon as each has a report like that. */
  async allSay(like: (report: AnnouncerReport) => boolean): Promise<readonly AnnouncerProcess[]> {
    await vi.waitUntil(() => this.#running().every(({ report }) => like(report)), patience);
    return this.#running();
  }

  /** Resolves when that node would have taken what it takes: an address for it alone has been published, and is announced. */
  async hasListened(node: string): Promise<void> {
    const own = '198.18.9.9';
    const view = this.#view();
    const address = { ...this.#addressOf(own), candidates: [node] };
    for (const process of this.#running()) process.tell({ view: { ...view, addresses: [...view.addresses, address] } });
    await this.ownerOf(own);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map(process => process.kill()));
    this.#processes.clear();
  }

  #running(): readonly AnnouncerProcess[] {
    return [...this.#processes.values()].filter(({ isRunning }) => isRunning);
  }

  #view(): AnnouncerView {
    return {
      addresses: this.#addresses.map(address => this.#addressOf(address)),
      nodes: this.#segment.nodes.map(({ name }) => ({ node: name, lease: 'fresh', bootId: '' })),
    };
  }

  #addressOf(address: string): AnnouncerView['addresses'][number] {
    const candidates = this.#segment.nodes.map(({ name }) => name);
    return { address, candidates, announcedBefore: this.#announcedBefore, recordedClaims: [] };
  }
}
