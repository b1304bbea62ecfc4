import { KubeError, statusOf } from '../kube/client.ts';
import type { Clock, Random } from '../kube/clock.ts';
import type { Leadership } from '../kube/election.ts';
import type { LoadBalancerIngress, Service } from '../kube/objects.ts';
import { conditionsFor, type Report, type WantedConditions, type Why } from '../plan/conditions.ts';
import { addressesOf, ingressFrom, publishedIngress, sameIngress } from '../plan/ingress.ts';
import { type PortError, refOf } from '../plan/load-balancer.ts';
import { ourConditionTypes, ownerMark } from '../plan/ownership.ts';
import {
  type DeletePlan,
  deleting,
  type EnsurePlan,
  type Observed,
  type ServicePlan,
  type ServiceRecord,
} from '../plan/plan-service.ts';
import type { StatusChange } from '../plan/status-patch.ts';
import { standard } from '../plan/words.ts';
import type { Deleted, Ensured, EnsuredReady } from '../provider/provider.ts';
import { providerErrorCode, throttledForMs } from '../provider/provider-error.ts';
import { type BackOff, jittered, notBefore } from './back-off.ts';
import type { NodePortFiller } from './node-port-filler.ts';
import type { Notice, Outcome } from './outcome.ts';
import { type ProviderCalls, type ProviderInstance, StillBusy } from './provider-calls.ts';
import type { Records } from './records.ts';
import type { ServiceWriter, Written } from './service-writer.ts';

export interface StepDeps {
  readonly leading: Leadership;
  readonly clock: Clock;
  readonly random: Random;
  readonly writer: ServiceWriter;
  readonly calls: ProviderCalls;
  readonly records: Records;
  readonly backOff: BackOff;
  readonly filler: NodePortFiller;
  readonly verifyIntervalMs: number;
  instance(name: string): ProviderInstance;
  /** Events that may go out while a step is still running. */
  notice(service: Service, notice: Notice): void;
}

/** The outcome of a first ensure that is not known by then is told as "provisioning". */
const tellAfterMs = 1_000;
/** A refusal by the cloud may be lifted there (a quota raised, a permission given): look again after this long. */
const rejectedRetryMs = 300_000;

/** Carries out one step: one write, or one provider call and its record. Throws only what the API server or the Lease refuses. */
export function applyStep(deps: StepDeps, key: string, plan: ServicePlan, observed: Observed): Promise<Outcome> {
  switch (plan.step) {
    case 'nothing':
      return Promise.resolve(waitFor(observed, plan.reason));
    case 'reject':
      unsettle(deps, key, observed);
      return Promise.resolve(told({ state: 'refused', ...plan }, warning('LoadBalancerRejected', plan.message)));
    case 'node-port-only':
      unsettle(deps, key, observed);
      return Promise.resolve(nodePortOnly(observed, plan));
    case 'add-finalizer':
      return addFinalizer(deps, present(observed), plan.finalizer, plan.instance);
    case 'allocate-node-ports':
      unsettle(deps, key, observed);
      return deps.filler.fill(present(observed));
    case 'ensure':
      return ensure(deps, key, present(observed), observed.record, plan);
    case 'delete':
      return remove(deps, key, observed, plan);
  }
}

/** What is told now has to be taken back by an attempt, also when the user goes back to what was settled before. */
function unsettle(deps: StepDeps, key: string, { record }: Observed): void {
  if (record === undefined || record.fingerprint === deleting) return;
  deps.records.set(key, { ...record, notBefore: Number.NEGATIVE_INFINITY });
}

function present({ service }: Observed): Service {
  if (service === undefined) throw new Error('planned a step for a Service that is not there');
  return service;
}

/** What is due already and needs nothing all the same has to wait for a change: to look again at once would never end. */
function waitFor({ record, now }: Observed, reason: string): Outcome {
  const ms = (record?.notBefore ?? Number.POSITIVE_INFINITY) - now;
  return { message: reason, next: ms > 0 && Number.isFinite(ms) ? { do: 'after', ms } : { do: 'forget' } };
}

function told(report: Report, reportNotice: Notice): Outcome {
  return { message: reportNotice.message, report, reportNotice, next: { do: 'forget' } };
}

/** The Service works without us: say where. One node stands for all, since nodes come and go. */
function nodePortOnly({ service, settings, backendsFor }: Observed, why: Why): Outcome {
  const ports = (service?.spec.ports ?? []).filter(port => (port.nodePort ?? 0) !== 0);
  const [backend] = backendsFor(settings.nodeSelector).backends;
  const node = backend?.addresses[0]?.address ?? '<node>';
  const list = ports
    .map(
      port =>
        `${node.includes(':') ? `[${node}]` : node}:${port.nodePort} for port ${port.port}/${port.protocol ?? 'TCP'}`,
    )
    .join(', ');
  const message = `${why.message}; ${ports.length === 0 ? 'and it has no node ports' : `reach it at any node, such as ${list}`}`;
  return told({ state: 'node-port-only', reason: why.reason, message }, warning('NodePortOnly', message));
}

async function addFinalizer(deps: StepDeps, service: Service, finalizer: string, instance: string): Promise<Outcome> {
  const report: Report = {
    state: 'provisioning',
    reason: 'Provisioning',
    message: `provider ${instance} is asked for a balancer`,
  };
  const written = await deps.writer.change(service, current =>
    current.metadata.deletionTimestamp === undefined && isStillMeant(service, current)
      ? { addFinalizer: finalizer, conditions: conditionsFor(report, publishedIngress(current).length > 0) }
      : undefined,
  );
  return written === 'gone' ? gone() : again(`finalizer ${finalizer}: ${written}`);
}

async function ensure(
  deps: StepDeps,
  key: string,
  service: Service,
  before: ServiceRecord | undefined,
  plan: EnsurePlan,
): Promise<Outcome> {
  const instance = deps.instance(plan.instance);
  const attempt = recordOf(plan, service, before);
  const first = publishedIngress(service).length === 0;
  const announced = first && before === undefined ? announce(plan, instance) : undefined;
  if (announced !== undefined) deps.notice(service, announced);
  deps.records.set(key, attempt);
  const telling = first ? tellIfSlow(deps, service, plan.instance) : undefined;
  try {
    const ensured = await deps.calls.ensure(instance, plan.loadBalancer, deps.leading);
    await telling?.done();
    return await publish(deps, key, service, attempt, before, plan, ensured);
  } catch (error) {
    await telling?.done();
    return failed(deps, key, attempt, error, first);
  }
}

/** What is said before a first ensure, and with "ensured" makes at most two Events for a create. */
function announce(plan: EnsurePlan, instance: ProviderInstance): Notice | undefined {
  if (plan.loadBalancer.backends.length === 0) return noNodes;
  if (!instance.capabilities.keepsOutside) return undefined;
  return {
    type: 'Normal',
    reason: 'EnsuringLoadBalancer',
    message: `Ensuring load balancer with provider ${plan.instance}`,
  };
}

function recordOf(plan: EnsurePlan, service: Service, before: ServiceRecord | undefined): ServiceRecord {
  return {
    uid: service.metadata.uid,
    instance: plan.instance,
    ref: refOf(service, plan.loadBalancer.cluster, plan.loadBalancer.annotations),
    fingerprint: plan.fingerprint,
    selector: plan.selector,
    notBefore: Number.NEGATIVE_INFINITY,
    ingress: before?.ingress,
  };
}

async function publish(
  deps: StepDeps,
  key: string,
  service: Service,
  attempt: ServiceRecord,
  before: ServiceRecord | undefined,
  plan: EnsurePlan,
  ensured: Ensured,
): Promise<Outcome> {
  const ingress = withPortErrors(ingressFrom(ensured.ingress), plan);
  if (ensured.state === 'pending') return pending(deps, key, service, attempt, ingress, ensured);
  if (ingress.length === 0)
    throw new Error('the provider answered "ready" without an address: it has to answer "pending" until there is one');
  const written = await writeIngress(deps, service, {
    ingress,
    conditions: { ...conditionsFor(servingReport(plan, ensured), true), ...ownerConditions(deps, attempt) },
    ...(plan.loadBalancer.adopt === true ? { removeFinalizers: [standard.finalizer] } : {}),
  });
  if (written === 'gone') return gone();
  if (written === 'stale') return again('the Service changed while it was ensured');
  const verifyMs = jittered(deps.verifyIntervalMs, deps.random);
  deps.records.set(key, { ...attempt, ingress, notBefore: deps.clock.monotonic() + verifyMs });
  deps.backOff.forget(key);
  const changed = written === 'written' || (before !== undefined && before.fingerprint !== plan.fingerprint);
  return {
    message: `ensured at ${addressesOf(ingress)}`,
    next: { do: 'after', ms: verifyMs },
    notices: changed ? successNotices(deps, service, before, plan, ensured, ingress) : [],
  };
}

const noNodes: Notice = {
  type: 'Warning',
  reason: 'UnAvailableLoadBalancer',
  message: 'There are no available nodes for LoadBalancer',
};

/** The mark that stands beside an address of a provider that needs no finalizer. */
function ownerConditions(deps: StepDeps, { instance }: ServiceRecord): WantedConditions {
  if (deps.instance(instance).capabilities.keepsOutside) return {};
  return { [ownerMark(instance)]: { status: 'True', reason: 'Serving', message: '' } };
}

function servingReport(plan: EnsurePlan, ensured: EnsuredReady): Report {
  const rejected = ensured.backends?.rejected ?? [];
  const degraded: Why | undefined =
    plan.degraded ??
    (rejected.length === 0
      ? undefined
      : {
          reason: 'BackendsRejected',
          message: `${rejected.length} nodes are not used, first ${rejected[0]?.node}: ${rejected[0]?.reason}`,
        });
  return {
    state: 'serving',
    portErrors: plan.portErrors.length > 0 || ensured.ingress.some(hasPortError),
    ...(degraded === undefined ? {} : { degraded }),
  };
}

function hasPortError(entry: EnsuredReady['ingress'][number]): boolean {
  return entry.ports?.some(port => port.error !== undefined) ?? false;
}

/** The ports that were left out stand beside those that are served, each with its error. */
function withPortErrors(ingress: readonly LoadBalancerIngress[], plan: EnsurePlan): readonly LoadBalancerIngress[] {
  if (plan.portErrors.length === 0) return ingress;
  const served = plan.loadBalancer.listeners.map(({ port, protocol }) => ({ port, protocol }));
  return ingress.map(entry => ({
    ...entry,
    ports: [...(entry.ports ?? served), ...plan.portErrors.map((one: PortError) => ({ ...one }))],
  }));
}

function successNotices(
  deps: StepDeps,
  service: Service,
  before: ServiceRecord | undefined,
  plan: EnsurePlan,
  ensured: EnsuredReady,
  ingress: readonly LoadBalancerIngress[],
): readonly Notice[] {
  const notices: Notice[] = [...plan.warnings, ...(ensured.warnings ?? [])].map(one =>
    warning(one.reason, one.message),
  );
  if (plan.loadBalancer.backends.length === 0 && before !== undefined) notices.push(noNodes);
  const sameAddress = sameIngress(publishedIngress(service), ingress);
  const keepsOutside = deps.instance(plan.instance).capabilities.keepsOutside;
  if (sameAddress && onlyBackendsDiffer(before, plan)) {
    if (keepsOutside)
      notices.push({ type: 'Normal', reason: 'UpdatedLoadBalancer', message: 'Updated load balancer with new hosts' });
  } else {
    notices.push({
      type: 'Normal',
      reason: 'EnsuredLoadBalancer',
      message: `Ensured load balancer at ${addressesOf(ingress)}`,
    });
  }
  return notices;
}

/** False for a success after "pending" or a failure: the same was asked for before, and only now it holds. */
function onlyBackendsDiffer(before: ServiceRecord | undefined, { fingerprint }: EnsurePlan): boolean {
  if (before === undefined || before.fingerprint === fingerprint) return false;
  return wantedPart(before.fingerprint) === wantedPart(fingerprint);
}

/** A fingerprint without its backends. */
function wantedPart(fingerprint: string): string {
  return fingerprint.slice(0, fingerprint.lastIndexOf('|'));
}

async function pending(
  deps: StepDeps,
  key: string,
  service: Service,
  attempt: ServiceRecord,
  ingress: readonly LoadBalancerIngress[],
  ensured: Extract<Ensured, { state: 'pending' }>,
): Promise<Outcome> {
  const report: Report = { state: 'provisioning', reason: 'Provisioning', message: ensured.reason };
  const isNamed = ingress.length > 0;
  const shown = isNamed ? ingress : publishedIngress(service);
  const written = await writeIngress(deps, service, {
    ingress: shown,
    conditions: { ...conditionsFor(report, shown.length > 0), ...(isNamed ? ownerConditions(deps, attempt) : {}) },
  });
  if (written === 'gone') return gone();
  if (written === 'stale') return again('the Service changed while it was ensured');
  const ms = bounded(ensured.retryAfterMs);
  const kept = isNamed ? ingress : shown.length === 0 ? undefined : attempt.ingress;
  deps.records.set(key, { ...attempt, ingress: kept, notBefore: deps.clock.monotonic() + ms });
  deps.backOff.forget(key);
  return { message: `pending: ${ensured.reason}`, next: { do: 'after', ms } };
}

/** A Service that has left the type since it was planned, and perhaps come back with another class, may be another controller's. */
function isStillMeant({ spec: planned }: Service, { spec: current }: Service): boolean {
  return current.type === 'LoadBalancer' && current.loadBalancerClass === planned.loadBalancerClass;
}

/** Never onto a Service that has left the type, nor over an address that somebody else has published in between. */
function writeIngress(
  deps: StepDeps,
  service: Service,
  change: StatusChange & { readonly ingress: readonly LoadBalancerIngress[] },
): Promise<Written> {
  const known = publishedIngress(service);
  return deps.writer.change(service, (current): StatusChange | undefined => {
    const published = publishedIngress(current);
    const ours = published.length === 0 || sameIngress(published, known) || sameIngress(published, change.ingress);
    return isStillMeant(service, current) && ours ? change : undefined;
  });
}

/** Writes "provisioning" when a second has passed; `done` waits for that write, so that the next one comes after it. */
function tellIfSlow(deps: StepDeps, service: Service, instance: string): { done(): Promise<void> } {
  let telling: Promise<unknown> = Promise.resolve();
  const cancel = deps.clock.after(tellAfterMs, () => {
    const report: Report = {
      state: 'provisioning',
      reason: 'Provisioning',
      message: `provider ${instance} is at work`,
    };
    telling = deps.writer
      .change(service, current =>
        isStillMeant(service, current)
          ? { conditions: conditionsFor(report, publishedIngress(current).length > 0) }
          : undefined,
      )
      .catch(() => undefined);
  });
  return {
    async done() {
      cancel();
      await telling;
    },
  };
}

/** `first`: nothing is published yet. */
function failed(deps: StepDeps, key: string, attempt: ServiceRecord, error: unknown, first: boolean): Outcome {
  if (isTheLeases(deps, error)) throw error;
  const until = (ms: number): void =>
    deps.records.set(key, { ...attempt, ingress: undefined, notBefore: deps.clock.monotonic() + ms });
  if (error instanceof StillBusy) return busy(error);
  const message = messageOf(error);
  const code = error instanceof KubeError ? undefined : providerErrorCode(error);
  if (code === 'unsupported') {
    until(Number.POSITIVE_INFINITY);
    return {
      ...told({ state: 'refused', reason: 'Unsupported', message }, warning('LoadBalancerRejected', message)),
      error,
    };
  }
  if (code === 'rejected') {
    const ms = jittered(rejectedRetryMs, deps.random);
    until(ms);
    return {
      ...told({ state: 'failing', reason: 'ProviderRejected', message }, warning('SyncLoadBalancerFailed', message)),
      next: { do: 'after', ms },
      error,
    };
  }
  if (code === 'throttled') {
    const ms = notBefore(throttledForMs(error), deps.random);
    until(ms);
    const report = { state: 'provisioning', reason: 'Provisioning', message: 'the provider is throttling' } as const;
    // A thousand healthy Services whose verification is throttled write nothing.
    return { message: `throttled: ${message}`, ...(first ? { report } : {}), next: { do: 'after', ms } };
  }
  const ms = deps.backOff.next(key);
  until(ms);
  const notice = warning('SyncLoadBalancerFailed', `Error syncing load balancer: ${message}`);
  return {
    message,
    report: { state: 'failing', reason: 'Infrastructure', message },
    notices: [notice],
    next: { do: 'after', ms },
    error,
    providerFailed: true,
  };
}

async function remove(deps: StepDeps, key: string, observed: Observed, plan: DeletePlan): Promise<Outcome> {
  const service = plan.how === 'gone' ? undefined : present(observed);
  if (plan.how !== 'abandon') {
    const left = await callDelete(deps, key, service, observed.record, plan);
    if (left !== undefined) return left;
  }
  const known = observed.record?.ingress ?? (service === undefined ? [] : publishedIngress(service));
  const written = service && (await deps.writer.change(service, current => releaseOf(current, plan, known)));
  deps.records.delete(key);
  deps.backOff.forget(key);
  return {
    message: `${plan.reason}: ${plan.how === 'abandon' ? 'left behind' : 'deleted'}`,
    next: { do: written === 'gone' ? 'forget' : 'again' },
    notices: deletedNotices(deps, plan),
  };
}

/** Undefined when the provider has nothing left of it. */
async function callDelete(
  deps: StepDeps,
  key: string,
  service: Service | undefined,
  before: ServiceRecord | undefined,
  plan: DeletePlan,
): Promise<Outcome | undefined> {
  const instance = deps.instance(plan.instance);
  const attempt: ServiceRecord = {
    uid: plan.ref.service.uid,
    instance: plan.instance,
    ref: plan.ref,
    fingerprint: deleting,
    selector: before?.selector ?? '',
    notBefore: Number.NEGATIVE_INFINITY,
    ingress: before?.ingress,
  };
  if (service !== undefined && instance.capabilities.keepsOutside && before?.fingerprint !== deleting) {
    deps.notice(service, {
      type: 'Normal',
      reason: 'DeletingLoadBalancer',
      message: `Deleting load balancer: ${plan.reason}`,
    });
  }
  deps.records.set(key, attempt);
  const wait = (ms: number): void => deps.records.set(key, { ...attempt, notBefore: deps.clock.monotonic() + ms });
  let deleted: Deleted;
  try {
    deleted = await deps.calls.delete(instance, plan.ref, deps.leading);
  } catch (error) {
    return deleteFailed(deps, key, error, wait);
  }
  if (deleted.state === 'deleted') return undefined;
  const ms = bounded(deleted.retryAfterMs);
  wait(ms);
  return { message: `delete pending: ${deleted.reason}`, next: { do: 'after', ms } };
}

function deleteFailed(deps: StepDeps, key: string, error: unknown, wait: (ms: number) => void): Outcome {
  if (isTheLeases(deps, error)) throw error;
  if (error instanceof StillBusy) return busy(error);
  const throttled = providerErrorCode(error) === 'throttled';
  const ms = throttled ? notBefore(throttledForMs(error), deps.random) : deps.backOff.next(key);
  wait(ms);
  const message = messageOf(error);
  if (throttled) return { message: `throttled: ${message}`, next: { do: 'after', ms } };
  const notice = warning('SyncLoadBalancerFailed', `Error deleting load balancer: ${message}`);
  const report: Report = { state: 'delete-failing', reason: 'DeleteFailed', message };
  return { message, report, notices: [notice], next: { do: 'after', ms }, error, providerFailed: true };
}

/** Finalizer, status and conditions go in one write. An address other than the `known` one is another controller's by now and stays. */
function releaseOf(service: Service, plan: DeletePlan, known: readonly LoadBalancerIngress[]): StatusChange {
  const removeFinalizers = [ownerMark(plan.instance)];
  const none = Object.fromEntries(ourConditionTypes(service).map(type => [type, undefined]));
  const ours = sameIngress(publishedIngress(service), known);
  if (plan.how !== 'abandon') return { removeFinalizers, conditions: none, ...(ours ? { ingress: [] } : {}) };
  const message = `left behind on request: balancer ${plan.ref.id} of provider ${plan.instance}, cluster ${plan.ref.cluster}; remove it there by hand`;
  return {
    removeFinalizers,
    conditions: { ...none, ...conditionsFor({ state: 'abandoned', reason: 'Abandoned', message }, false) },
  };
}

function deletedNotices(deps: StepDeps, plan: DeletePlan): readonly Notice[] {
  if (plan.how === 'abandon') {
    return [
      warning(
        'LoadBalancerAbandoned',
        `Left behind on request: balancer ${plan.ref.id} of provider ${plan.instance}, cluster ${plan.ref.cluster}`,
      ),
    ];
  }
  const outside = plan.how === 'object' && deps.instance(plan.instance).capabilities.keepsOutside;
  return outside ? [{ type: 'Normal', reason: 'DeletedLoadBalancer', message: 'Deleted load balancer' }] : [];
}

function busy(error: StillBusy): Outcome {
  return { message: error.message, next: { do: 'after', ms: tellAfterMs }, error };
}

/** What a provider asks to wait, in milliseconds: at least 100, at most an hour, 5 s where it is no number. */
function bounded(retryAfterMs: number): number {
  return Number.isFinite(retryAfterMs) ? Math.min(Math.max(retryAfterMs, 100), 3_600_000) : 5_000;
}

/** The store will say so too, and that plans again: a write before would only be refused again. */
function gone(): Outcome {
  return { message: 'the Service is gone', next: { do: 'forget' } };
}

function again(message: string): Outcome {
  return { message, next: { do: 'again' } };
}

function warning(reason: Notice['reason'], message: string): Notice {
  return { type: 'Warning', reason, message };
}

/** Not the provider's fault and not the Service's: the leadership is over, or the API server refused the write. */
function isTheLeases(deps: StepDeps, error: unknown): boolean {
  return deps.leading.signal.aborted || (error instanceof KubeError && statusOf(error) !== 422);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
