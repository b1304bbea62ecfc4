import type { AnnouncedAddress, SpeakerNode } from '../../../../src/provider/announcer.ts';
import { TimerHeap } from '../../../support/sim/timer-heap.ts';
import { type Fault, type Frame, type NodeWorld, SimulatedNode } from './simulated-node.ts';

export interface SegmentOptions {
  readonly nodes: number;
  readonly random: () => number;
  /** Probability that a frame does not arrive. */
  readonly loss?: number;
  readonly maxDelayMs?: number;
  /** How late a node may get to know what the API says. */
  readonly maxViewLagMs?: number;
  readonly fault?: Fault;
}

/** A Lease outlives its holder by so much. */
const leaseMs = 10_000;

/** Nodes on one segment, with what the API server tells each of them, under virtual time. */
export class SimulatedSegment implements NodeWorld {
  now = 0;
  readonly random: () => number;
  readonly nodes: readonly SimulatedNode[];
  readonly addresses = new Map<string, AnnouncedAddress>();
  /** Other hosts: address → MAC. */
  readonly hosts = new Map<string, string>();
  /** Called whenever something may have changed. */
  observe: () => void = () => {};
  readonly #options: SegmentOptions;
  readonly #timers = new TimerHeap();
  readonly #wakes = new Map<SimulatedNode, () => void>();
  readonly #freshUntil = new Map<string, number>();
  readonly #views = new Map<SimulatedNode, number>();

  constructor(options: SegmentOptions) {
    this.#options = options;
    this.random = options.random;
    this.nodes = Array.from(
      { length: options.nodes },
      (_, index) => new SimulatedNode(`node-${index}`, index + 1, this, options.fault ?? {}),
    );
  }

  node(index: number): SimulatedNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`no node ${index}`);
    return node;
  }

  after(ms: number, run: () => void): () => void {
    return this.#timers.add(this.now + ms, run);
  }

  runFor(ms: number): void {
    const end = this.now + ms;
    for (let timer = this.#timers.take(end); timer !== undefined; timer = this.#timers.take(end)) {
      this.now = Math.max(this.now, timer.at);
      timer.run();
      this.observe();
    }
    this.now = end;
    this.observe();
  }

  send(from: SimulatedNode, frame: Frame): void {
    if (!from.isLinked) return;
    for (const to of this.nodes) if (to !== from && to.side === from.side) this.#deliver(to, frame);
    const host =
      frame.kind === 'sighting' && frame.sighting.kind === 'probes'
        ? this.hosts.get(frame.sighting.address)
        : undefined;
    if (host === undefined || frame.kind !== 'sighting') return;
    this.#deliver(from, { kind: 'sighting', sighting: { ...frame.sighting, mac: host, kind: 'uses' } });
  }

  wake(node: SimulatedNode, at: number): void {
    this.#wakes.get(node)?.();
    this.#wakes.set(
      node,
      this.#timers.add(at, () => node.run()),
    );
  }

  start(node: SimulatedNode): void {
    this.#freshUntil.set(node.name, Number.POSITIVE_INFINITY);
    node.start();
    this.publish();
  }

  /** The Lease runs out some time after the last sign of life. */
  lapse(node: SimulatedNode, stillGone: () => boolean): void {
    this.#freshUntil.set(node.name, this.now + leaseMs);
    this.after(leaseMs, () => {
      if (stillGone()) this.publish();
      else this.#freshUntil.set(node.name, Number.POSITIVE_INFINITY);
    });
  }

  kill(node: SimulatedNode): void {
    node.kill();
    this.lapse(node, () => !node.isRunning);
  }

  set(
    address: string,
    candidates: readonly string[],
    announcedBefore = false,
    preferences?: AnnouncedAddress['preferences'],
  ): void {
    const preferring = preferences === undefined ? {} : { preferences };
    this.addresses.set(address, { address, candidates, announcedBefore, recordedClaims: [], ...preferring });
  }

  left(node: SimulatedNode): void {
    this.#freshUntil.set(node.name, this.now);
    this.publish();
  }

  /** Each node gets to know the present state of the API, later than the others and never an older one after a newer one. */
  publish(): void {
    const nodes = this.nodes.map(node => this.#leaseOf(node));
    const addresses = [...this.addresses.values()].map(address => ({
      ...address,
      recordedClaims: this.#records(address),
    }));
    const made = ++this.#published;
    for (const node of this.nodes) {
      const boot = node.bootId;
      this.after(this.random() * (this.#options.maxViewLagMs ?? 50), () => {
        if (node.bootId !== boot || node.announcing === undefined || (this.#views.get(node) ?? -1) > made) return;
        this.#views.set(node, made);
        const kept = new Set(addresses.map(({ address }) => address));
        const removed = [...(this.#known.get(boot) ?? [])].filter(address => !kept.has(address));
        this.#known.set(boot, kept);
        node.announcing.setView({ set: addresses, removed, nodes }, node.now);
        node.run();
      });
    }
  }

  /** Who answers a client on that side. */
  answering(address: string, side: number): readonly SimulatedNode[] {
    return this.nodes.filter(node => node.side === side && node.answers(address));
  }

  #published = 0;
  readonly #known = new Map<string, ReadonlySet<string>>();

  #records({ address }: AnnouncedAddress): AnnouncedAddress['recordedClaims'] {
    return this.nodes.flatMap(node =>
      (node.announcing?.report().claims ?? [])
        .filter(claim => claim.address === address)
        .map(({ since }) => ({ node: node.name, since })),
    );
  }

  #leaseOf(node: SimulatedNode): SpeakerNode {
    const until = this.#freshUntil.get(node.name);
    const lease = until === undefined ? 'none' : this.now < until ? 'fresh' : 'expired';
    return { node: node.name, lease, bootId: node.bootId };
  }

  #deliver(to: SimulatedNode, frame: Frame): void {
    const { loss = 0, maxDelayMs = 3 } = this.#options;
    if (loss > 0 && this.random() < loss) return;
    // The segment keeps order, as Ethernet does: delay is drawn per frame but never overtakes.
    const at = Math.max(this.#arrivals.get(to) ?? 0, this.now + 0.05 + this.random() * maxDelayMs);
    this.#arrivals.set(to, at);
    this.#timers.add(at, () => {
      if (to.isLinked) to.receive(frame);
    });
  }

  readonly #arrivals = new Map<SimulatedNode, number>();
}
