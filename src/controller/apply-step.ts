import type { Service } from '../kube/objects.ts';
import { conditionsFor, type Report, type Why } from '../plan/conditions.ts';
import { publishedIngress } from '../plan/ingress.ts';
import { isReportedOn, ownerOf } from '../plan/ownership.ts';
import { deleting, inherited, type Observed, type ServicePlan, type ServiceRecord } from '../plan/plan-service.ts';
import { applyDelete } from './delete-step.ts';
import { applyEnsure } from './ensure-step.ts';
import type { Outcome } from './outcome.ts';
import { again, gone, isStillMeant, noConditions, present, type StepDeps, told, warning } from './step.ts';

/** Carries out one step: one write, or one provider call and its record. Throws only what the API server or the Lease refuses. */
export function applyStep(deps: StepDeps, key: string, plan: ServicePlan, observed: Observed): Promise<Outcome> {
  switch (plan.step) {
    case 'nothing':
      return plan.clear
        ? clearReport(deps, present(observed), plan.reason)
        : Promise.resolve(waitFor(observed, plan.reason));
    case 'reject':
      unsettle(deps, key, observed);
      return Promise.resolve(told({ state: 'refused', ...plan }, warning('LoadBalancerRejected', plan.message)));
    case 'node-port-only':
      unsettle(deps, key, observed);
      return Promise.resolve(nodePortOnly(observed, plan));
    case 'add-finalizer':
      return addFinalizer(deps, key, present(observed), plan.finalizer, plan.instance);
    case 'allocate-node-ports':
      unsettle(deps, key, observed);
      return deps.filler.fill(present(observed));
    case 'ensure':
      return applyEnsure(deps, key, present(observed), knownAttempt(observed), plan);
    case 'delete':
      return applyDelete(deps, key, observed, plan);
  }
}

/** The attempt before this one; what an earlier leadership has done says nothing of what it asked for. */
function knownAttempt({ record }: Observed): ServiceRecord | undefined {
  return record?.fingerprint === inherited ? undefined : record;
}

/** Takes back what was said on a Service that does not concern us any more. */
async function clearReport(deps: StepDeps, service: Service, reason: string): Promise<Outcome> {
  await deps.writer.change(service, current =>
    isReportedOn(current) && ownerOf(current) === undefined ? { conditions: noConditions(current) } : undefined,
  );
  return { message: `${reason}: conditions taken back`, next: { do: 'forget' } };
}

/** What is told now has to be taken back by an attempt, also when the user goes back to what was settled before. */
function unsettle(deps: StepDeps, key: string, { record }: Observed): void {
  if (record === undefined || record.fingerprint === deleting) return;
  deps.records.set(key, { ...record, notBefore: Number.NEGATIVE_INFINITY });
}

/** What is due already and needs nothing all the same has to wait for a change: to look again at once would never end. */
function waitFor({ record, now }: Observed, reason: string): Outcome {
  const ms = (record?.notBefore ?? Number.POSITIVE_INFINITY) - now;
  return { message: reason, next: ms > 0 && Number.isFinite(ms) ? { do: 'after', ms } : { do: 'forget' } };
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

async function addFinalizer(
  deps: StepDeps,
  key: string,
  service: Service,
  finalizer: string,
  instance: string,
): Promise<Outcome> {
  deps.leavePlace(key);
  const report: Report = {
    state: 'provisioning',
    reason: 'Provisioning',
    message: `provider ${instance} is asked for a balancer`,
  };
  const written = await deps.writer.change(service, current =>
    current.metadata.deletionTimestamp === undefined && isStillMeant(service, current)
      ? { addFinalizer: finalizer, conditions: conditionsFor(report, publishedIngress(current).length > 0, true) }
      : undefined,
  );
  return written === 'gone' ? gone() : again(`finalizer ${finalizer}: ${written}`);
}
