import type { SimulatedNode } from './simulated-node.ts';
import type { SimulatedSegment } from './simulated-segment.ts';

/** Durations in milliseconds that the issue and the design allow. */
export interface Bounds {
  readonly double: number;
  readonly doubleAfterHeal: number;
  readonly dark: number;
}

/** What the heartbeat's timeout, three intervals, the settling and the nodes' own lateness add up to. */
export const bounds: Bounds = { double: 100, doubleAfterHeal: 350, dark: 350 + 3 * 70 + 20 + 30 };

/** A node that was disturbed less than this ago is not expected to take anything. */
const establishedMs = 12_000;
const causeMs = 2_000;

interface Watch {
  doubleSince: number | undefined;
  darkSince: number | undefined;
  owner: SimulatedNode | undefined;
}

/** Looks at the world after every event, as clients on the segment would, and writes down what must not be. */
export class Invariants {
  readonly violations: string[] = [];
  moves = 0;
  readonly #world: SimulatedSegment;
  readonly #bounds: Bounds;
  readonly #watches = new Map<string, Watch>();
  /** Node → when it was disturbed for the last time. */
  readonly #disturbed = new Map<SimulatedNode, number>();
  readonly #changed = new Map<string, number>();
  #disturbedAt = 0;
  #healedAt = Number.NEGATIVE_INFINITY;

  constructor(world: SimulatedSegment, allowed: Bounds = bounds) {
    this.#world = world;
    this.#bounds = allowed;
    world.observe = () => this.look();
  }

  disturb(...nodes: readonly SimulatedNode[]): void {
    this.#disturbedAt = this.#world.now;
    for (const node of nodes) this.#disturbed.set(node, this.#world.now);
  }

  changed(address: string): void {
    this.#disturbedAt = this.#world.now;
    this.#changed.set(address, this.#world.now);
  }

  healed(): void {
    this.#healedAt = this.#world.now;
    this.disturb();
  }

  look(): void {
    for (const address of this.#world.addresses.keys()) {
      for (const side of [0, 1]) this.#lookAt(address, side);
    }
  }

  #lookAt(address: string, side: number): void {
    const key = `${address} on side ${side}`;
    let watch = this.#watches.get(key);
    if (watch === undefined) {
      this.#watches.set(key, (watch = { doubleSince: undefined, darkSince: undefined, owner: undefined }));
    }
    const answering = this.#world.answering(address, side);
    this.#judgeDouble(key, watch, answering);
    this.#judgeDark(key, watch, answering, this.#established(address, side));
    this.#judgeLoss(key, address, watch, answering);
  }

  #judgeDouble(key: string, watch: Watch, answering: readonly SimulatedNode[]): void {
    const { now } = this.#world;
    if (answering.length < 2) watch.doubleSince = undefined;
    else watch.doubleSince ??= now;
    if (watch.doubleSince === undefined) return;
    const isHealing = watch.doubleSince - this.#healedAt < causeMs;
    const allowed = isHealing ? this.#bounds.doubleAfterHeal : this.#bounds.double;
    if (now - watch.doubleSince <= allowed) return;
    this.say(`${key}: answered by ${names(answering)} for more than ${allowed} ms`);
    watch.doubleSince = now + 60_000;
  }

  #judgeDark(key: string, watch: Watch, answering: readonly SimulatedNode[], able: readonly SimulatedNode[]): void {
    const { now } = this.#world;
    if (answering.length > 0 || able.length === 0) watch.darkSince = undefined;
    else watch.darkSince ??= now;
    if (watch.darkSince === undefined) return;
    const since = Math.max(watch.darkSince, this.#disturbedAt);
    if (now - since <= this.#bounds.dark) return;
    this.say(`${key}: answered by nobody for more than ${this.#bounds.dark} ms, although ${names(able)} could`);
    watch.darkSince = now + 60_000;
  }

  /** Who answers goes on, unless something has happened to it, or to the address. */
  #judgeLoss(key: string, address: string, watch: Watch, answering: readonly SimulatedNode[]): void {
    const before = watch.owner;
    // While two answer, it is being found out who will: either of them may stop.
    watch.owner = answering.length > 1 ? undefined : answering[0];
    if (before === undefined || answering.length > 1 || answering.includes(before)) return;
    this.moves++;
    this.#judgeGap(key, before, answering, this.#established(address, key.endsWith('0') ? 0 : 1));
    const { now } = this.#world;
    const isReason =
      !before.isRunning ||
      before.isStopped ||
      before.isLeaving ||
      !before.isLinked ||
      now >= before.mainUntil ||
      !(this.#world.addresses.get(address)?.candidates.includes(before.name) ?? false) ||
      now - (this.#disturbed.get(before) ?? 0) < causeMs ||
      now - (this.#changed.get(address) ?? Number.NEGATIVE_INFINITY) < causeMs ||
      now - this.#healedAt < causeMs;
    if (!isReason) this.say(`${key}: ${before.name} stopped answering for no reason`);
  }

  /** Who leaves in good order answers until somebody else does. */
  #judgeGap(
    key: string,
    before: SimulatedNode,
    answering: readonly SimulatedNode[],
    able: readonly SimulatedNode[],
  ): void {
    if (!before.isLeaving || answering.length > 0 || able.length === 0 || this.#disturbedAt > before.leavingFrom)
      return;
    this.say(`${key}: ${before.name} left before ${names(able)} answered`);
  }

  /** Nodes that have been undisturbed for so long that they must take what is free. */
  #established(address: string, side: number): readonly SimulatedNode[] {
    const { now } = this.#world;
    const changedAt = this.#changed.get(address) ?? Number.NEGATIVE_INFINITY;
    if (now - changedAt < establishedMs) return [];
    return this.#world.nodes.filter(
      node =>
        node.side === side &&
        node.isRunning &&
        !node.isStopped &&
        !node.isLeaving &&
        node.isLinked &&
        now < node.mainUntil &&
        now - (this.#disturbed.get(node) ?? 0) >= establishedMs &&
        (this.#world.addresses.get(address)?.candidates.includes(node.name) ?? false),
    );
  }

  say(violation: string): void {
    this.violations.push(`${(this.#world.now / 1_000).toFixed(3)} s: ${violation}`);
  }
}

function names(nodes: readonly SimulatedNode[]): string {
  return nodes.map(({ name }) => name).join(' and ');
}
