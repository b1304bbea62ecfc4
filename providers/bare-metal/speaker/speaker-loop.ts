import type { Action, SegmentInterface } from '../announcing/action.ts';
import { Announcing } from '../announcing/announcing.ts';
import type { Now } from '../announcing/settings.ts';
import { type InterfaceWatch, watchInterfaces } from '../interfaces/interface-watch.ts';
import type { Libc, ThreadCalls } from '../segment/libc.ts';
import type { PacketSocket } from '../segment/packet-socket.ts';
import { Poller } from '../segment/poller.ts';
import { Wakeup } from '../segment/wakeup.ts';
import { type Authentication, clusterHashOf, type Heartbeat, parseHeartbeat } from '../wire/heartbeat.ts';
import { parseSighting } from '../wire/sighting.ts';
import { bootClock } from './boot-clock.ts';
import { Counts } from './counts.ts';
import { type FromWorker, mainTimeoutMs, type ToWorker, type WorkerStart } from './messages.ts';
import { shortenSlice } from './short-slice.ts';
import { Station } from './station.ts';
import { usableInterfaces } from './usable-interfaces.ts';

export interface LoopPorts {
  /** The next message from the main thread, if there is one; never waits. */
  take(): ToWorker | undefined;
  tell(message: FromWorker): void;
  wall(): number;
  random(): number;
}

/** A report after a change waits for the changes right behind it: the more there is to tell, the longer, up to a second for 5,000 claims. */
const reportEveryMs = 100;
const reportMsPerClaim = 0.2;
/** Filters of thousands of addresses are not made anew for each of them, and take a sixth of the time at most. */
const filterEveryMs = 20;
const filterRestFactor = 5;
/** Longest wait: interfaces that could not be opened are tried again, and a closed main thread is noticed. */
const longestWaitMs = 200;

/**
 * The worker's one loop: waits for frames of all interfaces, answers them, tells the state machine what was heard, and does what that
 * wants done. Nothing else waits, and nothing here throws for what an interface or a frame does.
 */
export class SpeakerLoop {
  readonly #libc: Libc & ThreadCalls;
  readonly #start: WorkerStart;
  readonly #ports: LoopPorts;
  readonly #poller: Poller<PacketSocket | InterfaceWatch | Wakeup>;
  readonly #wakeup: Wakeup;
  readonly #watch: InterfaceWatch;
  readonly #clock: () => number;
  readonly #announcing: Announcing;
  readonly #authentication: Authentication;
  readonly #stations = new Map<string, Station>();
  readonly #bySocket = new Map<PacketSocket, Station>();
  readonly #named = new Set<string>();
  readonly #pulse: Int32Array;
  readonly #counts: Counts;
  #lastPulse = 0;
  #mainUntil: number;
  readonly #unfiltered = new Set<string>();
  #nextFilter = 0;
  #nextReport = 0;
  #nextTurn = 0;
  /** Something has come in that the state machine has to hear of. */
  #isTurnDue = true;
  #isReportDue = false;
  #isLeaving = false;
  #isClosing = false;

  constructor(libc: Libc & ThreadCalls, start: WorkerStart, ports: LoopPorts) {
    this.#libc = libc;
    this.#start = start;
    this.#ports = ports;
    this.#clock = bootClock(libc);
    this.#poller = new Poller(libc);
    this.#wakeup = new Wakeup(libc);
    this.#watch = watchInterfaces(libc);
    this.#pulse = new Int32Array(start.pulse);
    this.#counts = new Counts(start.counts);
    this.#mainUntil = this.#clock() + mainTimeoutMs;
    this.#authentication = { clusterHash: clusterHashOf(start.cluster), key: start.key };
    const { node, bootId, settings, startedAt } = start;
    this.#announcing = new Announcing({
      node,
      bootId,
      settings,
      random: () => ports.random(),
      firstCounter: startedAt,
      membershipChanged: () => this.#counts.add('membershipChanges'),
    });
    this.#poller.add(this.#watch);
    this.#poller.add(this.#wakeup);
  }

  /** Returns when the main thread has asked for the end; then nothing is answered any more. */
  run(): void {
    shortenSlice(this.#libc);
    this.#followInterfaces();
    this.#ports.tell({ kind: 'ready', wakeFd: this.#wakeup.fd });
    while (!this.#isClosing) {
      this.#wait();
      if (this.#isTurnDue || this.#clock() >= this.#nextTurn) this.#turn();
    }
    this.#end();
  }

  /** Questions are answered here, and nothing else is done for them. */
  #wait(): void {
    for (const source of this.#poller.wait(this.#nextTurn - this.#clock())) {
      const station = this.#bySocket.get(source as PacketSocket);
      if (station !== undefined && source !== station.heartbeats) {
        station.receive(source as PacketSocket, frame => this.#take(station, frame));
        continue;
      }
      this.#isTurnDue = true;
      if (source === this.#wakeup) this.#wakeup.drain();
      else if (source === this.#watch && this.#watch.read()) this.#followInterfaces();
    }
  }

  #turn(): void {
    this.#isTurnDue = false;
    for (let message = this.#ports.take(); message !== undefined; message = this.#ports.take()) this.#obey(message);
    this.#listenToMain();
    const now = this.#now();
    // What has arrived while this thread had no processor counts before anybody is held for silent.
    for (const station of this.#stations.values()) {
      station.receive(station.heartbeats, frame => this.#hear(station.name, frame, now));
    }
    for (const action of this.#announcing.tick(now, this.#mainUntil)) this.#do(action, now.monotonic);
    this.#setFilters(now.monotonic);
    for (const station of this.#stations.values()) if (station.pendingJoins > 0) station.joinSome();
    this.#report(now.monotonic);
    this.#nextTurn = this.#whenNext(now.monotonic);
  }

  #whenNext(now: number): number {
    if ([...this.#stations.values()].some(station => station.pendingJoins > 0)) return now;
    return Math.min(
      this.#announcing.next,
      this.#isReportDue ? this.#nextReport : Number.POSITIVE_INFINITY,
      this.#unfiltered.size > 0 ? this.#nextFilter : Number.POSITIVE_INFINITY,
      now + longestWaitMs,
    );
  }

  #now(): Now {
    return { monotonic: this.#clock(), wall: this.#ports.wall() };
  }

  #listenToMain(): void {
    const pulse = Atomics.load(this.#pulse, 0);
    if (pulse === this.#lastPulse) return;
    this.#lastPulse = pulse;
    this.#mainUntil = this.#clock() + mainTimeoutMs;
  }

  #obey(message: ToWorker): void {
    switch (message.kind) {
      case 'view':
        this.#name(message.changes.set.flatMap(({ interfaces }) => interfaces ?? []));
        this.#announcing.setView(message.changes, this.#now());
        return;
      case 'ping':
        this.#ports.tell({ kind: 'pong', id: message.id });
        return;
      case 'leave':
        this.#announcing.leave();
        this.#isLeaving = true;
        return;
      case 'close':
        this.#isClosing = true;
    }
  }

  /** Interfaces that the operator names are used even where they would not be otherwise. */
  #name(interfaces: readonly string[]): void {
    const before = this.#named.size;
    for (const name of interfaces) this.#named.add(name);
    if (this.#named.size > before) this.#followInterfaces();
  }

  #followInterfaces(): void {
    const usable = usableInterfaces(this.#watch.interfaces.values(), this.#named);
    const kept = usable.filter(of => this.#stations.get(of.name)?.index === of.index);
    for (const station of this.#stations.values()) {
      if (!kept.some(({ name }) => name === station.name)) this.#close(station);
    }
    // What was deleted and made again under the same name is another interface.
    if (kept.length < usable.length) this.#announcing.setInterfaces(kept, this.#now());
    const open = usable.filter(of => this.#open(of));
    this.#announcing.setInterfaces(open, this.#now());
  }

  #open(of: SegmentInterface): boolean {
    const known = this.#stations.get(of.name);
    if (known !== undefined) {
      known.setInterface(of);
      return true;
    }
    const station = Station.open(this.#libc, of, this.#authentication.clusterHash);
    if (!(station instanceof Station)) return false;
    this.#stations.set(of.name, station);
    for (const socket of station.sockets) {
      this.#poller.add(socket);
      this.#bySocket.set(socket, station);
    }
    return true;
  }

  #close(station: Station): void {
    this.#stations.delete(station.name);
    this.#unfiltered.delete(station.name);
    for (const socket of station.sockets) {
      this.#poller.delete(socket);
      this.#bySocket.delete(socket);
    }
    station.close();
  }

  #hear(name: string, frame: Buffer, now: Now): void {
    const heartbeat: Heartbeat | string = parseHeartbeat(frame, this.#authentication);
    const isBelieved = typeof heartbeat !== 'string' && this.#announcing.hear(name, heartbeat, now);
    if (isBelieved !== undefined) this.#counts.add(isBelieved ? 'heartbeatsHeard' : 'heartbeatsRejected');
  }

  #take(station: Station, frame: Buffer): void {
    // Who is answered has no address of ours for its own: there is nothing more to be learned from it.
    if (station.answer(frame, () => this.#isOpen(station.name))) return;
    const sighting = parseSighting(frame);
    if (typeof sighting === 'string' || !this.#announcing.saw(station.name, sighting, this.#now())) return;
    this.#isTurnDue = true;
  }

  /** The fence, as of now. */
  #isOpen(name: string): boolean {
    return this.#clock() < this.#announcing.answersUntil(name);
  }

  #do(action: Action, decidedAt: number): void {
    const station = this.#stations.get(action.interface);
    if (station === undefined) return;
    switch (action.kind) {
      case 'answer':
        station.table.add(action.address);
        return;
      case 'silence':
        station.table.delete(action.address);
        return;
      case 'probe':
        station.probe(action.address);
        return;
      case 'gratuitous':
        if (this.#isOpen(station.name)) station.announce(action.address);
        return;
      case 'heartbeat':
        this.#sendHeartbeat(station, action.heartbeat, decidedAt);
    }
  }

  /** One that was decided on before this thread lost its processor for long tells what may not be so any more. */
  #sendHeartbeat(station: Station, heartbeat: Heartbeat, decidedAt: number): void {
    const at = this.#clock();
    if (at - decidedAt >= this.#start.settings.timeoutMs) return;
    if (!station.heartbeat(heartbeat, this.#authentication)) return;
    this.#announcing.sent(station.name, at);
    this.#counts.add('heartbeatsSent');
  }

  #setFilters(now: number): void {
    for (const name of this.#announcing.takeHeardDifferently()) this.#unfiltered.add(name);
    if (this.#unfiltered.size === 0 || now < this.#nextFilter) return;
    const begun = this.#clock();
    for (const name of this.#unfiltered) this.#stations.get(name)?.hear(this.#announcing.heardOn(name));
    this.#unfiltered.clear();
    const ended = this.#clock();
    this.#nextFilter = ended + Math.max(filterEveryMs, filterRestFactor * (ended - begun));
  }

  #report(now: number): void {
    this.#isReportDue ||= this.#announcing.takeChanged();
    if (this.#isReportDue && now >= this.#nextReport) {
      this.#nextReport = now + reportEveryMs + reportMsPerClaim * this.#announcing.claimCount;
      this.#isReportDue = false;
      this.#ports.tell({ kind: 'report', report: this.#announcing.report() });
    }
    if (!this.#isLeaving || this.#announcing.claimCount > 0) return;
    this.#isLeaving = false;
    this.#ports.tell({ kind: 'report', report: this.#announcing.report() });
    this.#ports.tell({ kind: 'left' });
  }

  #end(): void {
    const now = this.#clock();
    for (const action of this.#announcing.close()) this.#do(action, now);
    for (const station of this.#stations.values()) this.#close(station);
    this.#poller.delete(this.#watch);
    this.#poller.delete(this.#wakeup);
    this.#watch.close();
    this.#ports.tell({ kind: 'closed' });
    this.#wakeup.close();
  }
}
