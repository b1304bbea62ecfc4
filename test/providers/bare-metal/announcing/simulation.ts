import { hashOf } from '../../../../providers/bare-metal/announcing/claims/hash.ts';
import { defaultSettings } from '../../../../providers/bare-metal/announcing/settings.ts';
import { between, oneOf, seededRandom, weighted } from '../../../support/sim/random.ts';
import { type Bounds, bounds, Invariants } from './invariants.ts';
import type { Fault, SimulatedNode } from './simulated-node.ts';
import { SimulatedSegment } from './simulated-segment.ts';

export interface SimulationOptions {
  readonly fault?: Fault;
  readonly log?: (line: string) => void;
  /** Nodes are preferred for some addresses. */
  readonly prefers?: boolean;
}

const weights = {
  kill: 4,
  start: 6,
  stop: 3,
  unplug: 2,
  interfaceDown: 2,
  partition: 2,
  leave: 3,
  publish: 4,
  withdraw: 2,
  candidates: 3,
  wedge: 1,
  replay: 3,
  records: 2,
} as const;

type Event = keyof typeof weights;

/** One schedule of faults and changes, drawn from a seed; the same seed is the same run. */
export function simulate(seed: number, { fault, log, prefers = false }: SimulationOptions = {}): readonly string[] {
  const random = seededRandom(seed);
  const isLossy = random() < 0.25;
  const world = new SimulatedSegment({
    nodes: between(random, 2, 5),
    random,
    loss: isLossy ? 0.02 : 0,
    maxDelayMs: oneOf(random, [0.5, 3, 15]),
    maxViewLagMs: oneOf(random, [20, 100, 400]),
    ...(fault === undefined ? {} : { fault }),
  });
  const invariants = new Invariants(world, isLossy ? lossyBounds : bounds);
  const schedule = new Schedule(world, invariants, prefers, log);
  schedule.begin(between(random, 3, 12));
  for (let left = between(random, 4, 12); left > 0; left--) {
    schedule.happen(weighted(random, weights));
    world.runFor(oneOf(random, [50, 300, 1_000, 5_000, 14_000]));
  }
  world.runFor(15_000);
  return invariants.violations;
}

/** Where frames get lost, what depends on one being heard takes some intervals more. */
const lossyBounds: Bounds = { double: 700, doubleAfterHeal: 700, dark: 2 * bounds.dark };

class Schedule {
  readonly #world: SimulatedSegment;
  readonly #invariants: Invariants;
  readonly #prefers: boolean;
  readonly #log: (line: string) => void;
  #made = 0;

  constructor(
    world: SimulatedSegment,
    invariants: Invariants,
    prefers: boolean,
    log: ((line: string) => void) | undefined,
  ) {
    this.#world = world;
    this.#invariants = invariants;
    this.#prefers = prefers;
    this.#log = log ?? (() => {});
  }

  begin(addresses: number): void {
    for (let left = addresses; left > 0; left--) this.#publish();
    for (const node of this.#world.nodes) this.#world.start(node);
    this.#invariants.disturb(...this.#world.nodes);
    this.#world.runFor(15_000);
  }

  happen(event: Event): void {
    const node = oneOf(this.#world.random, this.#world.nodes);
    this.#log(`${(this.#world.now / 1_000).toFixed(3)} s: ${event} ${node.name}`);
    this.#invariants.disturb(...(concerns[event] === 'node' ? [node] : []));
    this.#events[event](node);
    this.#invariants.look();
  }

  readonly #events: Readonly<Record<Event, (node: SimulatedNode) => void>> = {
    kill: node => {
      node.isLeaving = false;
      this.#world.kill(node);
    },
    start: node => {
      if (!node.isRunning) this.#world.start(node);
    },
    stop: node => this.#stop(node),
    unplug: node => this.#unplug(node),
    interfaceDown: node => this.#interfaceDown(node),
    partition: () => this.#partition(),
    leave: node => this.#leave(node),
    publish: () => {
      this.#publish();
      this.#world.publish();
    },
    withdraw: () => this.#withdraw(),
    candidates: () => this.#candidates(),
    wedge: node => this.#wedge(node),
    replay: () => this.#replay(),
    records: () => this.#world.publish(),
  };

  #stop(node: SimulatedNode): void {
    if (node.isStopped) return;
    node.stop();
    this.#world.lapse(node, () => node.isStopped);
    this.#later(node, [30, 200, 345, 360, 1_500, 4_000], () => this.#resume(node));
  }

  #resume(node: SimulatedNode): void {
    // Killed in the meantime, and perhaps started anew.
    if (!node.isStopped) return;
    const others = [...this.#world.addresses.keys()].filter(
      address => this.#world.answering(address, node.side).length > 0,
    );
    const wasLong = this.#world.now - node.stoppedAt >= defaultSettings.timeoutMs;
    node.resume();
    const double = others.filter(address => node.answers(address));
    if (wasLong && double.length > 0) this.#invariants.say(`${node.name} went on answering for ${double.join()}`);
  }

  #unplug(node: SimulatedNode): void {
    node.isLinked = false;
    this.#later(node, [100, 340, 500, 3_000], () => {
      node.isLinked = true;
      this.#invariants.healed();
    });
  }

  #interfaceDown(node: SimulatedNode): void {
    node.isLinked = false;
    node.setInterface(false);
    this.#later(node, [20, 200, 500, 3_000], () => {
      node.isLinked = true;
      node.setInterface();
    });
  }

  #partition(): void {
    for (const node of this.#world.nodes) node.side = this.#world.random() < 0.5 ? 0 : 1;
    // Nodes that an earlier partition had kept apart may be together now.
    this.#invariants.healed();
    this.#world.after(oneOf(this.#world.random, [100, 400, 2_000, 8_000]), () => {
      for (const node of this.#world.nodes) node.side = 0;
      this.#log(`${(this.#world.now / 1_000).toFixed(3)} s: healed`);
      this.#invariants.healed();
    });
  }

  #leave(node: SimulatedNode): void {
    if (node.announcing === undefined || node.isLeaving || node.isStopped) return;
    node.leave();
    const { bootId } = node;
    this.#world.after(2_000, () => {
      if (node.bootId === bootId && node.isRunning) this.#world.kill(node);
    });
  }

  #publish(): void {
    const address = this.#made % 3 === 2 ? `fd00::${(++this.#made).toString(16)}` : `192.0.2.${++this.#made}`;
    const candidates = this.#someNodes();
    this.#world.set(address, candidates, this.#world.random() < 0.3, this.#preferences(address, candidates));
    this.#invariants.changed(address);
  }

  /** Not drawn from the seed: its schedule is the same without. */
  #preferences(address: string, candidates: readonly string[]): readonly number[] | undefined {
    return this.#prefers ? candidates.map(node => hashOf(`${node} ${address}`) % 3) : undefined;
  }

  #withdraw(): void {
    const addresses = [...this.#world.addresses.keys()];
    if (addresses.length < 2) return;
    this.#world.addresses.delete(oneOf(this.#world.random, addresses));
    this.#world.publish();
  }

  #candidates(): void {
    const address = oneOf(this.#world.random, [...this.#world.addresses.keys()]);
    const candidates = this.#someNodes();
    this.#world.set(address, candidates, true, this.#preferences(address, candidates));
    this.#invariants.changed(address);
    this.#world.publish();
  }

  #wedge(node: SimulatedNode): void {
    node.mainUntil = this.#world.now + 1_000;
    this.#later(node, [500, 3_000], () => {
      node.mainUntil = Number.POSITIVE_INFINITY;
      node.run();
    });
  }

  /** Somebody sends each node again what it has heard before. */
  #replay(): void {
    for (const node of this.#world.nodes) {
      for (const frame of node.heard.slice()) if (node.isLinked) node.receive(frame);
    }
  }

  #someNodes(): readonly string[] {
    const { nodes, random } = this.#world;
    if (random() < 0.6) return nodes.map(({ name }) => name);
    return nodes.filter(() => random() < 0.6).map(({ name }) => name);
  }

  #later(node: SimulatedNode, choices: readonly number[], run: () => void): void {
    this.#world.after(oneOf(this.#world.random, choices), () => {
      this.#invariants.disturb(node);
      run();
      this.#log(`${(this.#world.now / 1_000).toFixed(3)} s: ${node.name} is well again`);
    });
  }
}

const concerns: Readonly<Record<Event, 'node' | 'nobody'>> = {
  kill: 'node',
  start: 'node',
  stop: 'node',
  unplug: 'node',
  interfaceDown: 'node',
  partition: 'nobody',
  leave: 'node',
  publish: 'nobody',
  withdraw: 'nobody',
  candidates: 'nobody',
  wedge: 'node',
  replay: 'nobody',
  records: 'nobody',
};
