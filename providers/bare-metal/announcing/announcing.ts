import type { AnnouncedAddress, AnnouncerReport, SpeakerNode } from '../../../src/provider/announcer.ts';
import type { Heartbeat } from '../wire/heartbeat.ts';
import type { Sighting } from '../wire/sighting.ts';
import type { Action, SegmentInterface } from './action.ts';
import { chooseInterface, type Place, placeOf, prefixFor } from './place-address.ts';
import { composeReport } from './report.ts';
import { Segment, type SegmentContext } from './segment.ts';
import { type PlacedAddress, segmentAddress } from './segment-address.ts';
import type { Now, Settings } from './settings.ts';

export interface AnnouncingOptions {
  readonly node: string;
  readonly bootId: string;
  readonly settings: Settings;
  readonly random: () => number;
  /** The wall clock at the start: heartbeats count on from it, so that a restarted node counts higher than before. */
  readonly firstCounter: number;
  /** Another node has come to a segment, has gone, or has said that it leaves. */
  readonly membershipChanged?: () => void;
}

/** What is different in the view. */
export interface ViewChanges {
  readonly set: readonly AnnouncedAddress[];
  readonly removed: readonly string[];
  /** All of them; absent: as before. */
  readonly nodes?: readonly SpeakerNode[];
  /** Free addresses to ask for in the background, the likely next ones first; absent: as before. */
  readonly free?: readonly string[];
}

/**
 * What one node does about the addresses of its cluster, on all its interfaces: what is heard goes in, what is to be sent comes out.
 * Time comes in too, nothing waits, and the same inputs give the same outputs.
 *
 * After every input, and at the latest at `next`, `tick` is to be called and what it returns to be done, in order.
 */
export class Announcing {
  readonly #options: AnnouncingOptions;
  readonly #addresses = new Map<string, PlacedAddress>();
  readonly #nodes = new Map<string, SpeakerNode>();
  readonly #segments = new Map<string, Segment>();
  /** Address → name of its segment. */
  readonly #placed = new Map<string, string>();
  #places: readonly Place[] = [];
  /** Interface → the one of lower index that is on the same segment. */
  readonly #twins = new Map<string, string>();
  /** Interfaces on which other addresses are to be heard about than before. */
  readonly #heardDifferently = new Set<string>();
  /** One array for all equal lists of candidates: what is found out about them is kept by identity. */
  readonly #candidates = new Map<string, readonly string[]>();
  /** The same for what is preferred of them. */
  readonly #preferences = new Map<string, ReadonlyMap<string, number>>();
  #free: readonly string[] = [];
  #interfaces: readonly SegmentInterface[] = [];
  #actions: Action[] = [];
  #counter: number;
  #isLeaving = false;
  #hasView = false;
  #isChanged = false;

  constructor(options: AnnouncingOptions) {
    this.#options = options;
    this.#counter = options.firstCounter;
  }

  setView({ set, removed, nodes, free }: ViewChanges, now: Now): void {
    if (nodes !== undefined) this.#setNodes(nodes);
    for (const address of removed) this.#remove(address);
    for (const address of set) this.#set(address);
    if (free !== undefined) this.#free = free;
    if (free !== undefined || removed.length > 0 || set.length > 0) this.#placeFree();
    if (!this.#hasView) {
      this.#hasView = true;
      this.#openSegments(now);
    }
    this.#isChanged = true;
  }

  /** All that frames can be sent on at present. */
  setInterfaces(interfaces: readonly SegmentInterface[], now: Now): void {
    this.#interfaces = interfaces;
    this.#twins.clear();
    this.#openSegments(now);
    this.#isChanged = true;
  }

  /** A heartbeat of this cluster, authenticated. False: it is not believed; undefined: it is our own. */
  hear(interfaceName: string, heartbeat: Heartbeat, now: Now): boolean | undefined {
    const segment = this.#segments.get(interfaceName);
    if (heartbeat.node !== this.#options.node) return segment?.hear(heartbeat, now) ?? false;
    if (heartbeat.bootId !== this.#options.bootId) return false;
    this.#hearSelf(interfaceName, heartbeat.mac, now);
    return undefined;
  }

  /** True where that was news: `tick` has something to do. */
  saw(interfaceName: string, sighting: Sighting, now: Now): boolean {
    if (this.#interfaces.some(({ mac }) => mac === sighting.mac)) return false;
    return this.#segments.get(interfaceName)?.saw(sighting, now) === true;
  }

  /** A heartbeat has been handed to the kernel; `at` is from before that. */
  sent(interfaceName: string, at: number): void {
    this.#segments.get(interfaceName)?.sent(at);
  }

  /** Nothing of an interface may be sent from this monotonic time on; to be read right before each frame. */
  answersUntil(interfaceName: string): number {
    return this.#segments.get(interfaceName)?.answersUntil ?? Number.NEGATIVE_INFINITY;
  }

  tick(now: Now, mainUntil: number): readonly Action[] {
    for (const segment of this.#segments.values()) segment.tick(now, mainUntil);
    return this.#takeActions();
  }

  get next(): number {
    return Math.min(...[...this.#segments.values()].map(segment => segment.next));
  }

  /** Hands everything over; done when nothing is claimed any more. */
  leave(): void {
    this.#isLeaving = true;
    for (const segment of this.#segments.values()) segment.leave();
  }

  get claimCount(): number {
    return [...this.#segments.values()].reduce((sum, segment) => sum + segment.claimCount(), 0);
  }

  /** Drops everything, and says so. */
  close(): readonly Action[] {
    this.leave();
    for (const segment of this.#segments.values()) segment.farewell();
    return this.#takeActions();
  }

  /** Interfaces on which frames about other addresses matter now; each once after its change. */
  takeHeardDifferently(): readonly string[] {
    const names = [...this.#heardDifferently];
    this.#heardDifferently.clear();
    return names;
  }

  /** The addresses about which frames matter on an interface: those that this node may ever have to answer for, and those it asks for. */
  heardOn(interfaceName: string): readonly string[] {
    const segment = this.#segments.get(interfaceName);
    if (segment === undefined || segment.isDown) return [];
    return [...[...segment.claiming.addresses()].map(({ address }) => address), ...segment.prober.addresses()];
  }

  /** True once after each change of the report. */
  takeChanged(): boolean {
    const isChanged = this.#isChanged;
    this.#isChanged = false;
    return isChanged;
  }

  report(): AnnouncerReport {
    return composeReport({
      node: this.#options.node,
      addresses: this.#addresses.values(),
      segments: [...this.#segments.values()],
      segmentOf: address => this.#segments.get(this.#placed.get(address) ?? ''),
      twins: this.#twins,
    });
  }

  #takeActions(): readonly Action[] {
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  #setNodes(nodes: readonly SpeakerNode[]): void {
    this.#nodes.clear();
    for (const node of nodes) this.#nodes.set(node.node, node);
    for (const segment of this.#segments.values()) segment.leasesChanged();
  }

  #set(given: AnnouncedAddress): void {
    const key = given.candidates.join();
    const candidates = this.#candidates.get(key) ?? given.candidates;
    this.#candidates.set(key, candidates);
    this.#addresses.set(given.address, { ...given, candidates, preferences: this.#preferencesOf(key, given) });
    this.#place(given.address, true);
  }

  #preferencesOf(candidatesKey: string, { candidates, preferences }: AnnouncedAddress): PlacedAddress['preferences'] {
    if (preferences === undefined) return undefined;
    const key = `${candidatesKey} ${preferences.join()}`;
    const known = this.#preferences.get(key) ?? new Map(candidates.map((node, at) => [node, preferences[at] ?? 0]));
    this.#preferences.set(key, known);
    return known;
  }

  #remove(address: string): void {
    this.#addresses.delete(address);
    const name = this.#placed.get(address);
    if (name === undefined) return;
    this.#placed.delete(address);
    this.#removeFrom(name, address);
  }

  /** Nothing is listened to before the first view: it says who is to be waited for. */
  #openSegments(now: Now): void {
    if (!this.#hasView) return;
    const usable = this.#interfaces.filter(({ name }) => !this.#twins.has(name));
    this.#places = usable.map(placeOf);
    for (const [name, segment] of this.#segments) if (!usable.some(of => of.name === name)) segment.setDown();
    for (const of of usable) {
      let segment = this.#segments.get(of.name);
      if (segment === undefined) this.#segments.set(of.name, (segment = new Segment(this.#context(), of)));
      if (this.#isLeaving) segment.leave();
      segment.setInterface(of, now);
      this.#heardDifferently.add(of.name);
    }
    for (const address of this.#addresses.keys()) this.#place(address, false);
    this.#placeFree();
  }

  #place(address: string, isOther: boolean): void {
    const view = this.#addresses.get(address);
    if (view === undefined) return;
    const name = chooseInterface(view, this.#places);
    const before = this.#placed.get(address);
    if (name === before && !isOther) return;
    const known = before === undefined ? undefined : this.#segments.get(before)?.claiming.address(address);
    if (before !== undefined && before !== name) this.#removeFrom(before, address);
    if (name === undefined) this.#placed.delete(address);
    else {
      this.#placed.set(address, name);
      this.#segments.get(name)?.claiming.setAddress(segmentAddress(view, known));
      if (name !== before) this.#heardDifferently.add(name);
    }
  }

  #removeFrom(name: string, address: string): void {
    this.#segments.get(name)?.removeAddress(address);
    this.#heardDifferently.add(name);
  }

  #placeFree(): void {
    for (const place of this.#places) {
      const free = this.#free.filter(address => !this.#addresses.has(address) && prefixFor(address, place) >= 0);
      const segment = this.#segments.get(place.interface.name);
      const asked = segment?.prober.addresses() ?? [];
      if (segment?.prober.setAddresses(free, place.interface.gateways) === true) this.#isChanged = true;
      if (segment?.prober.addresses().join() !== asked.join()) this.#heardDifferently.add(place.interface.name);
    }
  }

  /** What one interface has sent comes in at another: of the two only the first is used, or both would answer for one segment. */
  #hearSelf(interfaceName: string, mac: string, now: Now): void {
    const here = this.#interfaces.find(({ name }) => name === interfaceName);
    const other = this.#interfaces.find(of => of.mac === mac && of.name !== interfaceName);
    if (here === undefined || other === undefined || other.index > here.index || this.#twins.has(here.name)) return;
    this.#twins.set(here.name, other.name);
    this.#openSegments(now);
    this.#isChanged = true;
  }

  #context(): SegmentContext {
    const { node, bootId, settings, random, membershipChanged = () => {} } = this.#options;
    return {
      node,
      bootId,
      settings,
      nodes: this.#nodes,
      random,
      nextCounter: () => this.#counter++,
      act: action => this.#actions.push(action),
      membershipChanged,
      changed: () => {
        this.#isChanged = true;
      },
    };
  }
}
