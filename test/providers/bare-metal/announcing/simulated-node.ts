import type { Action } from '../../../../providers/bare-metal/announcing/action.ts';
import { Announcing } from '../../../../providers/bare-metal/announcing/announcing.ts';
import { defaultSettings, type Now, type Settings } from '../../../../providers/bare-metal/announcing/settings.ts';
import type { Heartbeat } from '../../../../providers/bare-metal/wire/heartbeat.ts';
import type { Sighting } from '../../../../providers/bare-metal/wire/sighting.ts';

export type Frame =
  | { readonly kind: 'heartbeat'; readonly heartbeat: Heartbeat }
  | { readonly kind: 'sighting'; readonly sighting: Sighting };

/** How a node is built wrongly, for the check that the simulation would see it. */
export interface Fault {
  readonly settings?: Partial<Settings>;
  /** Takes itself for heard, whether it has said something or not. */
  readonly ignoresSilence?: true;
  hears?(heartbeat: Heartbeat): Heartbeat;
  says?(heartbeat: Heartbeat): Heartbeat;
}

export interface NodeWorld {
  readonly now: number;
  readonly random: () => number;
  send(from: SimulatedNode, frame: Frame): void;
  wake(node: SimulatedNode, at: number): void;
  /** It has left, and given its Lease back. */
  left(node: SimulatedNode): void;
}

const ifname = 'eth0';

/** One speaker on the simulated segment: process, interface and link can each fail. */
export class SimulatedNode {
  readonly name: string;
  readonly mac: string;
  announcing: Announcing | undefined;
  /** SIGSTOP: what arrives is kept. */
  isStopped = false;
  /** The cable; the kernel says nothing about it where `isLinkSilent`. */
  stoppedAt = 0;
  isLinked = true;
  side = 0;
  isLeaving = false;
  leavingFrom = 0;
  mainUntil = Number.POSITIVE_INFINITY;
  startedAt = 0;
  readonly answering = new Set<string>();
  readonly inbox: Frame[] = [];
  /** The last heartbeats that it has taken in, for whoever wants to send them again. */
  readonly heard: Frame[] = [];
  readonly #world: NodeWorld;
  readonly #fault: Fault;
  readonly #wallOffset: number;
  #boots = 0;

  constructor(name: string, index: number, world: NodeWorld, fault: Fault) {
    this.name = name;
    this.mac = `02:00:00:00:00:${index.toString(16).padStart(2, '0')}`;
    this.#world = world;
    this.#fault = fault;
    this.#wallOffset = Math.round((world.random() - 0.5) * 4_000);
  }

  get isRunning(): boolean {
    return this.announcing !== undefined;
  }

  get now(): Now {
    return { monotonic: this.#world.now, wall: 1_700_000_000_000 + Math.round(this.#world.now) + this.#wallOffset };
  }

  get bootId(): string {
    return `${this.name}-${this.#boots}`;
  }

  /** Whether a client on its side gets an answer from it. */
  answers(address: string): boolean {
    if (this.announcing === undefined || this.isStopped || !this.isLinked || !this.answering.has(address)) return false;
    return this.#world.now < this.announcing.answersUntil(ifname);
  }

  start(): void {
    this.#boots++;
    this.isLeaving = false;
    this.isStopped = false;
    this.mainUntil = Number.POSITIVE_INFINITY;
    this.startedAt = this.#world.now;
    this.inbox.length = 0;
    this.heard.length = 0;
    this.announcing = new Announcing({
      node: this.name,
      bootId: this.bootId,
      settings: {
        ...defaultSettings,
        levelAfterMs: Number.POSITIVE_INFINITY,
        claimsPerHeartbeat: 20,
        ...this.#fault.settings,
      },
      random: this.#world.random,
      firstCounter: this.now.wall,
    });
    this.setInterface();
  }

  stop(): void {
    this.isStopped = true;
    this.stoppedAt = this.#world.now;
  }

  leave(): void {
    this.isLeaving = true;
    this.leavingFrom = this.#world.now;
    this.announcing?.leave();
    this.run();
  }

  kill(): void {
    this.announcing = undefined;
    this.isStopped = false;
    this.answering.clear();
    this.inbox.length = 0;
  }

  setInterface(isUp = true): void {
    const of = {
      name: ifname,
      index: 2,
      mac: this.mac,
      mtu: 1_500,
      subnets: ['192.0.2.0/24', 'fd00::/64'],
      gateways: [],
    };
    this.announcing?.setInterfaces(isUp ? [of] : [], this.now);
    this.run();
  }

  receive(frame: Frame): void {
    if (this.announcing === undefined) return;
    this.inbox.push(frame);
    if (!this.isStopped) this.run();
  }

  resume(): void {
    this.isStopped = false;
    this.run();
  }

  /** What the worker does on waking: everything that has arrived, then one tick. */
  run(): void {
    const { announcing } = this;
    if (announcing === undefined || this.isStopped) return;
    for (const frame of this.inbox.splice(0)) this.#take(announcing, frame);
    if (this.#fault.ignoresSilence === true) announcing.sent(ifname, this.#world.now);
    if (this.isLeaving && announcing.claimCount === 0) return this.#end(announcing);
    for (const action of announcing.tick(this.now, this.mainUntil)) this.#do(announcing, action);
    const lateness = this.#world.random() * 2;
    this.#world.wake(this, Math.max(this.#world.now + 0.2, announcing.next) + lateness);
  }

  #take(announcing: Announcing, frame: Frame): void {
    if (frame.kind === 'heartbeat') {
      this.heard.push(frame);
      if (this.heard.length > 200) this.heard.splice(0, 100);
      announcing.hear(ifname, this.#fault.hears?.(frame.heartbeat) ?? frame.heartbeat, this.now);
      return;
    }
    const { sighting } = frame;
    announcing.saw(ifname, sighting, this.now);
    if (sighting.kind === 'probes' && this.answers(sighting.address)) this.#say(sighting.address, 'uses');
  }

  #do(announcing: Announcing, action: Action): void {
    if (action.kind === 'answer') this.answering.add(action.address);
    else if (action.kind === 'silence') this.answering.delete(action.address);
    else if (action.kind === 'gratuitous') {
      if (this.answers(action.address)) this.#say(action.address, 'uses');
    } else if (action.kind === 'probe') this.#say(action.address, 'probes');
    else {
      if (!this.isLinked) return;
      announcing.sent(ifname, this.#world.now);
      const { heartbeat } = action;
      this.#world.send(this, { kind: 'heartbeat', heartbeat: this.#fault.says?.(heartbeat) ?? heartbeat });
    }
  }

  #say(address: string, kind: Sighting['kind']): void {
    this.#world.send(this, { kind: 'sighting', sighting: { address, mac: this.mac, kind } });
  }

  #end(announcing: Announcing): void {
    for (const action of announcing.close()) this.#do(announcing, action);
    this.kill();
    this.#world.left(this);
  }
}
