import type { Random } from '../../src/kube/clock.ts';
import { idOf } from '../../src/plan/load-balancer.ts';
import { ApiServer } from '../support/sim/api-server.ts';
import type { CloudNetwork } from '../support/sim/cloud-access.ts';
import { connectionFor } from '../support/sim/connection.ts';
import { Coverage } from '../support/sim/coverage.ts';
import { FaultPlan } from '../support/sim/fault-plan.ts';
import { type Broken, type Incarnation, lease, startController } from '../support/sim/incarnation.ts';
import type { Network } from '../support/sim/network.ts';
import { Process } from '../support/sim/process.ts';
import { between, oneOf, seededRandom } from '../support/sim/random.ts';
import { Users } from '../support/sim/users.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';
import { World } from '../support/sim/world.ts';
import { collectUnhandled } from './collect-unhandled.ts';
import { unsettled } from './expectation.ts';
import { Invariants } from './invariants.ts';

export interface SimulationOptions {
  readonly broken?: Broken;
  /** Told of everything, for people who replay a seed. */
  readonly log?: (line: string) => void;
}

export interface SimulationResult {
  /** One line each; none when everything was as it must be. */
  readonly violations: readonly string[];
  readonly coverage: Coverage;
}

/** Longest time that a controller may take, after the last fault, until all is as it should be. */
const settleMs = 900_000;
/** Longer than a call of a provider may take, for one may hang since before the peace. */
const settleStepMs = 25_000;
const quietMs = 30_000;
/** After so long a holder knows what has become of its Lease, however slow the answers. */
const renewalMs = 20_000;

/** One seeded schedule from beginning to end: users, faults and restarts, then peace, and what has come of it. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SimulationResult> {
  const { answer, unhandled } = await collectUnhandled(() => new Simulation(seed, options).run());
  return {
    ...answer,
    violations: [...answer.violations, ...unhandled.map(error => `unhandled rejection: ${textOf(error)}`)],
  };
}

interface Replica {
  process: Process;
  incarnation: Incarnation;
}

class Simulation {
  readonly #random: Random;
  readonly #clock = new VirtualClock();
  readonly #server: ApiServer;
  readonly #world = new World();
  readonly #coverage = new Coverage();
  readonly #faults: FaultPlan;
  readonly #users: Users;
  readonly #invariants: Invariants;
  readonly #options: SimulationOptions;
  readonly #network: Network & CloudNetwork;
  readonly #replicas: Replica[] = [];
  readonly #atPeace: (() => void)[] = [];
  #starts = 0;
  #noStartBefore = 0;
  #isBusy = true;

  constructor(seed: number, options: SimulationOptions) {
    this.#options = options;
    this.#random = seededRandom(seed);
    this.#server = new ApiServer({
      clock: this.#clock,
      random: this.#random,
      nodePorts: { first: 30_000, last: 30_040 },
    });
    this.#faults = new FaultPlan(seed, this.#random, this.#coverage);
    this.#users = new Users(this.#server, this.#random, what => this.#log(`user: ${what}`));
    this.#invariants = new Invariants(this.#server, this.#world, this.#users.stripped);
    this.#network = {
      clock: this.#clock,
      random: this.#random,
      server: this.#server,
      requestFault: request => this.#faults.api(request),
      watchFault: () => this.#faults.watch(),
      cloudFault: step => this.#faults.cloud(step),
      isPending: step => this.#faults.isPending(step),
      atPeace: run => this.#atPeace.push(run),
      harm: (process, how) => this.#harm(process, how),
      executing: (from, request) => {
        this.#invariants.writer = from?.name;
        if (from !== undefined && request.method !== 'GET')
          this.#log(`${from.name}: ${request.method} ${request.path} ${JSON.stringify(request.body)}`);
      },
    };
    this.#placeForeign();
  }

  async run(): Promise<SimulationResult> {
    this.#traceWorld();
    this.#users.begin();
    this.#start();
    if (this.#random() < 0.5) this.#start();
    const endMs = between(this.#random, 30, 90) * 1_000;
    for (let actions = between(this.#random, 5, 25); actions > 0; actions--)
      this.#clock.after(this.#random() * endMs, () => this.#users.act());
    for (let troubles = between(this.#random, 0, 3); troubles > 0; troubles--)
      this.#clock.after(this.#random() * endMs, () => this.#trouble());
    await this.#clock.run(endMs);
    await this.#settle(endMs);
    await this.#endAll();
    return { violations: this.#invariants.violations, coverage: this.#coverage };
  }

  /** Balancers of others, which nobody of ours may touch. */
  #placeForeign(): void {
    const uid = '0d7f6c55-5d2b-4b42-93a5-3f2f0b0c9a77';
    const ref = { id: idOf(uid), cluster: 'another-cluster', service: { namespace: 'default', name: 'web', uid } };
    this.#world.place({ ...this.#world.newAddress(ref) });
  }

  #traceWorld(): void {
    this.#world.onChange(({ process, epoch, sequence, op, part }) =>
      this.#log(`${process}: cloud ${op} ${part.key}=${part.value} (${epoch}.${sequence})`),
    );
  }

  #start(): void {
    const process = new Process(`fairlead-${++this.#starts}`, this.#clock);
    this.#log(`${process.name} starts`);
    const incarnation = startController({
      process,
      client: connectionFor(this.#network, process),
      random: this.#random,
      world: this.#world,
      network: this.#network,
      loop: {
        concurrentServiceSyncs: 3,
        verifyIntervalMs: 600_000,
        nodePortRange: { first: 30_000, last: 30_040 },
        orphans: { mode: 'delete', intervalMs: 15_000, graceMs: 30_000 },
        shutdownGraceMs: 10_000,
      },
      broken: this.#options.broken ?? {},
      onFarCall: call => {
        this.#log(`${call.process}: local ${call.step} ${call.id} (${call.epoch}.${call.sequence})`);
        this.#invariants.called(call);
      },
      log: (message, fields) => this.#log(`${process.name}: ${message} ${JSON.stringify(fields, errorsAsText)}`),
    });
    this.#replicas.push({ process, incarnation });
    incarnation.ended.then(
      how => this.#exited(process, how),
      (error: unknown) => {
        this.#invariants.violations.push(`crash: ${textOf(error)}`);
        this.#exited(process, 'crashed');
      },
    );
  }

  /** A process that has ended by itself is started again, as a Deployment does. */
  #exited(process: Process, how: string): void {
    if (process.state === 'dead') return;
    this.#log(`${process.name} exits: ${how}`);
    this.#kill(process);
  }

  #harm(process: Process, how: 'kill' | 'pause'): void {
    if (how === 'kill') return this.#kill(process);
    this.#log(`${process.name} is stopped`);
    process.pause();
    this.#clock.after(between(this.#random, 1, 40) * 1_000, () => {
      this.#log(`${process.name} goes on`);
      process.resume();
    });
  }

  #kill(process: Process): void {
    const index = this.#replicas.findIndex(one => one.process === process);
    if (index === -1) return;
    this.#log(`${process.name} is dead`);
    process.kill();
    this.#replicas.splice(index, 1);
    this.#startLater(between(this.#random, 200, 8_000));
  }

  #startLater(ms: number): void {
    this.#clock.after(ms, () => {
      const tooEarlyMs = this.#noStartBefore - this.#clock.monotonic();
      if (tooEarlyMs > 0) this.#startLater(tooEarlyMs);
      else if (this.#isBusy) this.#start();
    });
  }

  /** What happens to whole processes and to the API server, at any moment. */
  #trouble(): void {
    if (this.#replicas.length === 0) return;
    const { process, incarnation } = oneOf(this.#random, this.#replicas);
    switch (oneOf(this.#random, ['kill', 'pause', 'stop', 'compact', 'jump', 'lease'])) {
      case 'kill':
        return this.#kill(process);
      case 'pause':
        return this.#harm(process, 'pause');
      case 'stop':
        this.#log(`${process.name} is told to stop`);
        return incarnation.stop();
      case 'compact':
        return this.#server.storage.compact();
      case 'jump':
        return this.#clock.jumpWall(between(this.#random, -3_600_000, 3_600_000));
      case 'lease':
        return this.#deleteLease();
    }
  }

  /**
   * Somebody deletes the Lease under its holder. Not while another process starts: one that has never seen a Lease takes a missing one at
   * once, and the holder notices at its next renewal.
   */
  #deleteLease(): void {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${lease.namespace}/leases/${lease.name}`;
    if (this.#replicas.length > 1 || this.#server.storage.all('leases').length === 0) return;
    this.#log('user: deletes the Lease');
    this.#noStartBefore = this.#clock.monotonic() + renewalMs;
    this.#server.handle({ method: 'DELETE', path });
  }

  /** Nothing fails any more: within a bounded time all is as it should be, and then nothing is written again. */
  async #settle(fromMs: number): Promise<void> {
    this.#faults.isOver = true;
    this.#log('peace');
    for (const end of this.#atPeace) end();
    let left: readonly string[] = ['nothing was looked at'];
    let now = fromMs;
    while (left.length > 0 && now < fromMs + settleMs) {
      now += settleStepMs;
      await this.#clock.run(now);
      left = unsettled({ server: this.#server, world: this.#world, stripped: this.#users.stripped });
    }
    for (const problem of left) this.#invariants.violations.push(`not converged: ${problem}`);
    if (left.length === 0) await this.#staysQuiet(now);
  }

  async #staysQuiet(now: number): Promise<void> {
    const writes: string[] = [];
    const { stripped } = this.#users;
    const stop = this.#server.storage.onWrite(({ resource, object: { metadata } }) => {
      if (resource === 'services' && !stripped.has(metadata.uid))
        writes.push(`wrote ${metadata.namespace}/${metadata.name}`);
    });
    this.#world.onChange(({ op, part }) => {
      if (this.#isBusy && !stripped.has(part.ref.service.uid)) writes.push(`${op} ${part.key}`);
    });
    await this.#clock.run(now + quietMs);
    stop();
    for (const write of writes.slice(0, 5))
      this.#invariants.violations.push(`not quiet: ${write} though all was as it should be`);
  }

  async #endAll(): Promise<void> {
    this.#isBusy = false;
    for (const { process } of this.#replicas.splice(0)) process.kill();
    await this.#clock.run(this.#clock.monotonic() + 100);
  }

  #log(line: string): void {
    this.#options.log?.(`${(this.#clock.monotonic() / 1_000).toFixed(3).padStart(9)} ${line}`);
  }
}

function errorsAsText(_: string, value: unknown): unknown {
  return value instanceof Error ? `${value.name}: ${value.message}` : value;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
