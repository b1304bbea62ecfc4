import type { LoadBalancerIngress, Service } from '../kube/objects.ts';
import { conditionsFor, type Report, type WantedConditions, type Why } from '../plan/conditions.ts';
import { addressesOf, ingressFrom, publishedIngress, sameIngress } from '../plan/ingress.ts';
import { type PortError, refTo } from '../plan/load-balancer.ts';
import { ownerMark, ownerOf } from '../plan/ownership.ts';
import type { EnsurePlan, ServiceRecord } from '../plan/plan-service.ts';
import type { StatusChange } from '../plan/status-patch.ts';
import { standard } from '../plan/words.ts';
import type { Ensured, EnsuredReady } from '../provider/provider.ts';
import { jittered } from './back-off.ts';
import { ensureFailed } from './ensure-failure.ts';
import { announcement, successNotices } from './ensure-notices.ts';
import type { Outcome } from './outcome.ts';
import type { Written } from './service-writer.ts';
import { again, bounded, gone, isStillMeant, type StepDeps, warning } from './step.ts';

/** The outcome of a first ensure that is not known by then is told as "provisioning". */
export const tellAfterMs = 1_000;

export async function applyEnsure(
  deps: StepDeps,
  key: string,
  service: Service,
  before: ServiceRecord | undefined,
  plan: EnsurePlan,
): Promise<Outcome> {
  const instance = deps.instance(plan.instance);
  const attempt = recordOf(plan, service, before);
  const first = publishedIngress(service).length === 0;
  const announced = first && before === undefined ? announcement(plan, instance.capabilities.keepsOutside) : undefined;
  if (announced !== undefined) deps.notice(service, announced);
  deps.records.set(key, attempt);
  const telling = first ? tellIfSlow(deps, service, plan.instance) : undefined;
  try {
    const ensured = await deps.calls.ensure(instance, plan.loadBalancer, deps.leading);
    deps.leavePlace(key);
    await telling?.done();
    return await publish(deps, key, service, attempt, before, plan, ensured);
  } catch (error) {
    await telling?.done();
    return ensureFailed(deps, key, attempt, error, first);
  }
}

function recordOf(plan: EnsurePlan, service: Service, before: ServiceRecord | undefined): ServiceRecord {
  return {
    uid: service.metadata.uid,
    instance: plan.instance,
    ref: refTo(plan.loadBalancer),
    fingerprint: plan.fingerprint,
    selector: plan.selector,
    hasEndpoints: plan.loadBalancer.endpoints !== undefined,
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
    conditions: {
      ...conditionsFor(servingReport(plan, ensured, ingress), true, true),
      ...ownerConditions(deps, attempt),
    },
    ...(plan.loadBalancer.adopt === true ? { removeFinalizers: [standard.finalizer] } : {}),
  });
  if (written === 'gone') return gone();
  if (written === 'stale') return again('the Service changed while it was ensured');
  const verifyMs = jittered(deps.verifyIntervalMs, deps.random);
  deps.records.settle(key, attempt, { ...attempt, ingress, notBefore: deps.clock.monotonic() + verifyMs });
  deps.backOff.forget(key);
  const changed = written === 'written' || (before !== undefined && before.fingerprint !== plan.fingerprint);
  return {
    message: `ensured at ${addressesOf(ingress)}`,
    next: { do: 'after', ms: verifyMs },
    notices: changed ? successNotices(deps, service, before, plan, ensured, ingress) : [],
  };
}

/** The mark that stands beside an address of a provider that needs no finalizer. */
function ownerConditions(deps: StepDeps, { instance }: ServiceRecord): WantedConditions {
  if (deps.instance(instance).capabilities.keepsOutside) return {};
  return { [ownerMark(instance)]: { status: 'True', reason: 'Serving', message: '' } };
}

function servingReport(plan: EnsurePlan, ensured: EnsuredReady, ingress: readonly LoadBalancerIngress[]): Report {
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
    addresses: addressesOf(ingress),
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
  const withdraws = ensured.withdraws === true && !isNamed;
  const shown = isNamed || withdraws ? ingress : publishedIngress(service);
  const mark = withdraws ? { [ownerMark(attempt.instance)]: undefined } : {};
  const written = await writeIngress(deps, service, {
    ingress: shown,
    conditions: {
      ...conditionsFor(report, shown.length > 0, isNamed || (ownerOf(service) !== undefined && !withdraws)),
      ...(isNamed ? ownerConditions(deps, attempt) : mark),
    },
  });
  if (written === 'gone') return gone();
  if (written === 'stale') return again('the Service changed while it was ensured');
  const ms = bounded(ensured.retryAfterMs);
  const kept = isNamed ? ingress : shown.length === 0 ? undefined : attempt.ingress;
  deps.records.settle(key, attempt, { ...attempt, ingress: kept, notBefore: deps.clock.monotonic() + ms });
  deps.backOff.forget(key);
  const told = ensured.withdraws === true && written === 'written' ? (ensured.warnings ?? []) : [];
  const notices = told.map(one => warning(one.reason, one.message));
  return { message: `pending: ${ensured.reason}`, next: { do: 'after', ms }, notices };
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
  const cancel = deps.slowEnsures.after(() => {
    const report: Report = {
      state: 'provisioning',
      reason: 'Provisioning',
      message: `provider ${instance} is at work`,
    };
    telling = deps.writer
      .change(service, current =>
        isStillMeant(service, current)
          ? { conditions: conditionsFor(report, publishedIngress(current).length > 0, ownerOf(current) !== undefined) }
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
