import { sleep } from '../kube/clock.ts';
import type { Leadership } from '../kube/election.ts';
import type { EventRecorder } from '../kube/events.ts';
import { keyOf, type Service } from '../kube/objects.ts';
import { SameDelay } from '../kube/same-delay.ts';
import type { Change } from '../kube/store.ts';
import { conditionsFor } from '../plan/conditions.ts';
import type { KnownEndpoints } from '../plan/endpoints.ts';
import { publishedIngress } from '../plan/ingress.ts';
import { refOf } from '../plan/load-balancer.ts';
import { ownerOf } from '../plan/ownership.ts';
import { inherited, instanceConcerned, type Observed, planService, type ServicePlan } from '../plan/plan-service.ts';
import type { LoadBalancerRef } from '../provider/provider.ts';
import { applyStep } from './apply-step.ts';
import { BackOff } from './back-off.ts';
import { Breaker } from './breaker.ts';
import { tellAfterMs } from './ensure-step.ts';
import { fenced } from './fence.ts';
import { NodePortFiller } from './node-port-filler.ts';
import { OrphanSweep } from './orphan-sweep.ts';
import type { Notice, Outcome } from './outcome.ts';
import type { ProviderInstance } from './provider-calls.ts';
import { QuietWindow } from './quiet-window.ts';
import { Records } from './records.ts';
import { restoreInstance } from './restore.ts';
import { ServiceWriter } from './service-writer.ts';
import type { StepDeps } from './step.ts';
import type { TermDeps } from './term-deps.ts';
import { type Lane, lanes, WorkQueue } from './work-queue.ts';

/** Changes that come together are told together. Pods take the traffic themselves: they are told of sooner. */
const nodeWindow = { quietMs: 500, latestMs: 5_000 };
const endpointWindow = { quietMs: 100, latestMs: 1_000 };
/** Steps that follow one another without going back to the queue. */
const mostStepsInARow = 6;

/**
 * One leadership, from fresh lists to the last call. Everything that it knows beyond the objects begins and ends with it: whatever was
 * true under an earlier leadership has been written to the objects, or does not count.
 */
export class Term {
  readonly #deps: TermDeps;
  readonly #leading: Leadership;
  /** Ends the calls that have not finished within the grace of a shutdown. */
  readonly #cut = new AbortController();
  readonly #records = new Records();
  readonly #backOff: BackOff;
  readonly #breakers = new Map<string, Breaker>();
  readonly #restored = new Set<string>(['']);
  readonly #told = new Map<string, string>();
  readonly #writer: ServiceWriter;
  readonly #steps: StepDeps;
  readonly #queue: WorkQueue;
  readonly #sweep: OrphanSweep;
  readonly events: EventRecorder;
  #over: AbortSignal;
  readonly #nodeChanges: QuietWindow;
  readonly #endpointChanges: QuietWindow;
  /** Services whose endpoints have changed since the last telling. */
  readonly #moved = new Set<string>();
  /** Services that cannot be planned before their endpoints are known. */
  readonly #awaiting = new Set<string>();

  constructor(deps: TermDeps, leading: Leadership) {
    this.#deps = deps;
    this.#leading = {
      epoch: leading.epoch,
      signal: AbortSignal.any([leading.signal, this.#cut.signal]),
      assertLeading: () => leading.assertLeading(),
    };
    this.#over = this.#leading.signal;
    const { clock, random, metrics, options } = deps;
    const client = fenced(deps.client, this.#leading);
    this.#backOff = new BackOff(random);
    this.#nodeChanges = new QuietWindow(clock, nodeWindow, () => this.#tellNodes());
    this.#endpointChanges = new QuietWindow(clock, endpointWindow, () => this.#tellEndpoints());
    this.#writer = new ServiceWriter(client, deps.services, clock);
    this.#queue = new WorkQueue({
      clock,
      groupOf: key => this.#groupOf(key),
      limitOf: group => this.#limitOf(group),
      work: key => this.#reconcile(key),
      observe: metrics.queue,
    });
    this.#sweep = new OrphanSweep({
      ...deps,
      client,
      cluster: deps.settings.cluster,
      options: options.orphans,
      observe: metrics.orphans,
      isKnown: ref => this.#isKnown(ref),
    });
    this.events = deps.eventsFor(client, () => this.#queue.working > 0);
    this.#steps = {
      leading: this.#leading,
      clock,
      random,
      writer: this.#writer,
      calls: deps.calls,
      records: this.#records,
      backOff: this.#backOff,
      filler: new NodePortFiller({
        writer: this.#writer,
        random,
        range: options.nodePortRange,
        observe: metrics.nodePorts,
      }),
      verifyIntervalMs: options.verifyIntervalMs,
      slowEnsures: new SameDelay(clock, tellAfterMs),
      instance: name => this.#instance(name),
      notice: (service, notice) => this.#emit(service, notice),
      leavePlace: key => this.#queue.leave(key),
    };
  }

  get queue(): WorkQueue {
    return this.#queue;
  }

  /** Runs until the Lease is lost or `stopping` aborts, and until everything that was begun has ended or had its grace. */
  async run(stopping: AbortSignal): Promise<void> {
    const over = AbortSignal.any([stopping, this.#leading.signal]);
    this.#over = over;
    void this.events.run(this.#leading.signal);
    for (const service of this.#deps.services.values()) {
      this.#remember(service);
      this.#queue.add(keyOf(service), laneOf(service));
    }
    const restores = this.#deps.instances.map(instance => this.#restore(instance, over));
    this.#queue.start();
    const sweep = this.#sweep.run(this.#leading, over);
    await aborted(over);
    this.#nodeChanges.cancel();
    this.#endpointChanges.cancel();
    await Promise.all([this.#drain(), sweep, ...restores]);
    this.#steps.slowEnsures.close();
    if (!this.#leading.signal.aborted) await this.events.flush(1_000);
  }

  /** A Service is there, has changed, or is gone: all that is kept of it is the key. */
  serviceChanged({ key, previous, current }: Change<Service>): void {
    const leaving = current?.metadata.deletionTimestamp !== undefined || current === undefined;
    this.#queue.add(key, leaving || previous !== undefined ? lanes.urgent : lanes.fresh);
  }

  /** Some node has changed: the Services whose backends differ are told when it has been quiet for a moment. */
  nodesChanged(): void {
    this.#nodeChanges.touch();
  }

  /** The pods behind a Service have changed, which concerns those only whose provider was given them. */
  endpointsChanged(key: string): void {
    if (this.#records.get(key)?.hasEndpoints !== true) return;
    this.#moved.add(key);
    this.#endpointChanges.touch();
  }

  /** Endpoints that were awaited are known now, or why they are not. */
  endpointsKnown(): void {
    for (const key of this.#awaiting) this.#queue.add(key, laneOf(this.#deps.services.get(key)));
    this.#awaiting.clear();
  }

  /** A provider asks for its balancers to be looked at again. */
  requeue(ids: readonly string[], reason: string): void {
    for (const id of ids) {
      const key = this.#records.keyOfId(id);
      const record = key === undefined ? undefined : this.#records.get(key);
      if (key === undefined || record === undefined) continue;
      this.#records.set(key, { ...record, notBefore: Number.NEGATIVE_INFINITY });
      this.#deps.log.info({ service: key, provider: record.instance, reason }, 'the provider asks for another look');
      this.#queue.add(key, lanes.fresh);
    }
  }

  /** What an earlier leadership has made must be known before it can be missed: its object may go before it is looked at. */
  #remember(service: Service): void {
    const instance = ownerOf(service)?.instance;
    if (!this.#deps.instances.some(one => one.name === instance) || instance === undefined) return;
    this.#records.set(keyOf(service), {
      uid: service.metadata.uid,
      instance,
      ref: refOf(service, this.#deps.settings.cluster, {}),
      fingerprint: inherited,
      selector: '',
      notBefore: Number.NEGATIVE_INFINITY,
      ingress: publishedIngress(service).length === 0 ? undefined : publishedIngress(service),
    });
  }

  /** The straight line: observe, plan, apply, settle. Never rejects. */
  async #reconcile(key: string): Promise<void> {
    let plan: ServicePlan | undefined;
    try {
      const group = this.#groupOf(key);
      for (let steps = 0; steps < mostStepsInARow; steps++) {
        if (steps > 0) await this.#queue.resume(key);
        if (this.#over.aborted || !(await this.#writer.isCertain(key))) return;
        // Another provider is concerned now: it has a budget of its own, and may not be restored yet.
        if (this.#groupOf(key) !== group) return this.#queue.add(key, lanes.urgent);
        const observed = this.#observe(key);
        plan = planService(observed);
        const outcome = await applyStep(this.#steps, key, plan, observed);
        await this.#settle(key, observed, plan, outcome);
        if ('awaits' in plan) this.#await(key, observed, plan.step === 'reject' ? 'closed' : 'awaited');
        if (outcome.next.do !== 'again') return;
      }
      this.#queue.addAfter(key, this.#backOff.next(key), lanes.urgent);
    } catch (error) {
      this.#fault(key, plan, error);
    }
  }

  #observe(key: string): Observed {
    return {
      service: this.#deps.services.get(key),
      record: this.#records.get(key),
      settings: this.#deps.settings,
      backendsFor: selector => this.#deps.backendSets.get(selector),
      endpoints: () => this.#deps.endpoints.of(key),
      now: this.#deps.clock.monotonic(),
    };
  }

  /** The one place where an outcome becomes a retry, a condition, Events and a number. */
  async #settle(key: string, observed: Observed, plan: ServicePlan, outcome: Outcome): Promise<void> {
    this.#note(key, plan, outcome);
    // What a delete of an object that is gone has to say does not concern the one that has its name now.
    const service = plan.step === 'delete' && plan.how === 'gone' ? undefined : observed.service;
    const changed =
      service !== undefined &&
      outcome.report !== undefined &&
      (await this.#report(service, outcome.report)) === 'written';
    if (service !== undefined) {
      for (const notice of outcome.notices ?? []) this.#emit(service, notice);
      if (changed && outcome.reportNotice !== undefined) this.#emit(service, outcome.reportNotice);
      if (plan.step === 'nothing') this.#tellOnce(key, service, plan.notice);
    } else if (plan.step === 'nothing') {
      this.#told.delete(key);
      this.#backOff.forget(key);
    }
    switch (outcome.next.do) {
      case 'again':
        return;
      case 'forget':
        return this.#queue.forget(key);
      case 'after':
        return this.#queue.addAfter(key, outcome.next.ms, laneOf(observed.service));
      case 'back-off':
        return this.#queue.addAfter(key, this.#backOff.next(key), laneOf(observed.service));
    }
  }

  #report(service: Service, report: NonNullable<Outcome['report']>): Promise<string> {
    return this.#writer.change(service, current => ({
      conditions: conditionsFor(report, publishedIngress(current).length > 0, ownerOf(current) !== undefined),
    }));
  }

  #note(key: string, plan: ServicePlan, { message, error, providerFailed }: Outcome): void {
    const instance = 'instance' in plan ? plan.instance : undefined;
    if (instance !== undefined && (plan.step === 'ensure' || plan.step === 'delete')) {
      this.#breaker(instance).record(key, providerFailed !== true);
    }
    const fields = { service: key, step: plan.step, ...(instance === undefined ? {} : { provider: instance }) };
    if (error !== undefined) this.#deps.metrics.queue.retried();
    if (error !== undefined) this.#deps.log.warn({ ...fields, err: error }, message);
    else if (plan.step === 'nothing') this.#deps.log.debug(fields, message);
    else this.#deps.log.info(fields, message);
  }

  /** The API server refused, or something of ours is broken: this key waits, the others go on. */
  #fault(key: string, plan: ServicePlan | undefined, error: unknown): void {
    if (this.#leading.signal.aborted) return;
    const ms = this.#backOff.next(key);
    this.#deps.metrics.queue.retried();
    this.#deps.log.warn({ service: key, step: plan?.step, err: error, retryMs: Math.round(ms) }, 'sync failed');
    const service = this.#deps.services.get(key);
    const message = `Error syncing load balancer: ${error instanceof Error ? error.message : String(error)}`;
    if (service !== undefined) this.#emit(service, { type: 'Warning', reason: 'SyncLoadBalancerFailed', message });
    this.#queue.addAfter(key, ms, laneOf(service));
  }

  #emit(service: Service, notice: Notice): void {
    this.events.record({ kind: 'Service', apiVersion: 'v1', metadata: service.metadata }, notice);
  }

  /** A notice without a condition is told once a term, and again when it changes. */
  #tellOnce(key: string, service: Service, notice: string | undefined): void {
    if (notice === undefined) this.#told.delete(key);
    else if (this.#told.get(key) !== notice) {
      this.#told.set(key, notice);
      this.#emit(service, { type: 'Warning', reason: 'ForeignLoadBalancer', message: notice });
    }
  }

  #tellNodes(): void {
    const used = new Set<string>();
    for (const record of this.#records.values()) used.add(record.selector);
    const changed = this.#deps.backendSets.changes(selector => used.has(selector));
    if (changed.size === 0) return;
    for (const [key, record] of this.#records.entries())
      if (changed.has(record.selector)) this.#queue.add(key, lanes.verify);
  }

  #tellEndpoints(): void {
    for (const key of this.#moved) this.#queue.add(key, lanes.fresh);
    this.#moved.clear();
  }

  /** What has become known while the step was taken is not told again. */
  #await(key: string, { endpoints }: Observed, seen: KnownEndpoints['state']): void {
    void this.#deps.endpoints.need();
    if (endpoints().state !== seen) this.#queue.add(key, laneOf(this.#deps.services.get(key)));
    else this.#awaiting.add(key);
  }

  /** Until an instance knows which addresses are taken it is asked for nothing; the others do not wait for it. */
  async #restore(instance: ProviderInstance, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      try {
        await restoreInstance(this.#deps, instance, this.#leading, over);
        this.#restored.add(instance.name);
        return this.#queue.kick();
      } catch (error) {
        const ms = this.#backOff.next(` restore ${instance.name}`);
        this.#deps.log.warn(
          { provider: instance.name, err: error, retryMs: Math.round(ms) },
          'restore failed: this provider is asked for nothing yet',
        );
        await sleep(this.#deps.clock, ms, over);
      }
    }
  }

  /**
   * Lets what runs finish; what has not after the grace is aborted. A call that does not heed even that keeps a shutdown waiting, since
   * the Lease must not pass on before it has returned; a lost Lease waits for nobody.
   */
  async #drain(): Promise<void> {
    const cancel = this.#deps.clock.after(this.#deps.options.shutdownGraceMs, () =>
      this.#cut.abort(new Error('the shutdown grace is over')),
    );
    await this.#queue.stop();
    cancel();
    if (this.#cut.signal.aborted) await this.#deps.calls.returned();
  }

  #isKnown({ id, service }: LoadBalancerRef): boolean {
    const stored = this.#deps.services.get(`${service.namespace}/${service.name}`);
    return stored?.metadata.uid === service.uid || this.#records.keyOfId(id) !== undefined;
  }

  #groupOf(key: string): string {
    const service = this.#deps.services.get(key);
    const record = this.#records.get(key);
    const name =
      record?.instance ?? (service === undefined ? undefined : instanceConcerned(service, this.#deps.settings));
    return this.#deps.instances.some(one => one.name === name) ? (name ?? '') : '';
  }

  #limitOf(group: string): number {
    if (!this.#restored.has(group)) return 0;
    return this.#breaker(group).isOpen ? 1 : this.#deps.options.concurrentServiceSyncs;
  }

  #breaker(group: string): Breaker {
    let breaker = this.#breakers.get(group);
    if (breaker === undefined) {
      breaker = new Breaker(open => {
        this.#deps.metrics.breaker(group, open);
        this.#queue.kick();
      });
      this.#breakers.set(group, breaker);
    }
    return breaker;
  }

  #instance(name: string): ProviderInstance {
    const instance = this.#deps.instances.find(one => one.name === name);
    if (instance === undefined) throw new Error(`provider ${name} is not configured`);
    return instance;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Deletes first, then what has no address yet, then the check of what is served. */
function laneOf(service: Service | undefined): Lane {
  if (service === undefined) return lanes.urgent;
  const leaving = service.metadata.deletionTimestamp !== undefined || service.spec.type !== 'LoadBalancer';
  if (leaving && ownerOf(service) !== undefined) return lanes.urgent;
  return publishedIngress(service).length === 0 ? lanes.fresh : lanes.verify;
}
