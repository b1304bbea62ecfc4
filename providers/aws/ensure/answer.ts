import type { Backend, Ensured, Ingress, LoadBalancer, Warning } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import type { BackendGroup } from '../backend/backend-group.ts';
import type { AwsConfig } from '../config.ts';
import type { Desired } from '../desired/desired-balancer.ts';
import type { KnownLoadBalancer } from '../inventory/known-balancer.ts';
import type { Provisioning } from '../inventory/provisioning.ts';
import type { Target } from '../model/desired.ts';
import { keyOf } from '../targets/known-targets.ts';
import type { Work } from './apply/work.ts';

export interface AnswerDeps {
  readonly config: Pick<AwsConfig, 'publish'>;
  readonly provisioning: Provisioning;
  readonly backend: BackendGroup;
}

/** Asked again after this long while targets or parts are waited for. */
const waitMs = 5_000;

/** What the core is told: ready with a hostname, or what is being waited for. At most a look at all balancers that AWS is still making. */
export async function answerFor(
  deps: AnswerDeps,
  loadBalancer: LoadBalancer,
  desired: Desired,
  work: Work,
): Promise<Ensured> {
  const { retryAfterMs } = await stateOf(deps, work);
  const found = work.record.known.loadBalancer;
  if (found === undefined) throw new Error(`load balancer ${desired.balancer.name} is not there any more`);
  const rest = { ...warningsFor(deps, desired), ...backendsFor(loadBalancer, desired, work) };
  const ingress = [ingressFor(loadBalancer, desired, found)];
  if (retryAfterMs !== undefined) {
    const told = loadBalancer.ingress.some(({ hostname }) => hostname === found.hostname);
    const reason = 'AWS is still making the load balancer';
    return { state: 'pending', reason, retryAfterMs, ingress: told ? ingress : [], ...rest };
  }
  const [reason] = work.waits;
  if (reason !== undefined) return { state: 'pending', reason, retryAfterMs: waitMs, ingress, ...rest };
  return { state: 'ready', ingress, ...rest };
}

/** `retryAfterMs`: AWS is still at work. */
async function stateOf(
  { config, provisioning }: AnswerDeps,
  { record, call }: Work,
): Promise<{ readonly retryAfterMs?: number }> {
  const { arn = '', state = '' } = record.known.loadBalancer ?? {};
  if (state === 'provisioning' && config.publish === 'active') {
    const { seen, retryAfterMs } = await provisioning.progress(arn, call);
    if (seen === undefined || seen.state === 'provisioning') return { retryAfterMs };
    record.patchLoadBalancer(() => ({ state: seen.state, hostname: seen.hostname }));
    provisioning.forget(arn);
  }
  if (record.known.loadBalancer?.state !== 'failed') return {};
  record.doubt();
  throw new ProviderError(
    'rejected',
    `AWS could not make load balancer ${record.known.loadBalancer.name}: see its state there, and delete it so that it is made anew`,
  );
}

/** The ports stand in the status, where a restart finds what was complete. */
export function ingressFor(
  { listeners }: Pick<LoadBalancer, 'listeners'>,
  { portErrors }: Pick<Desired, 'portErrors'>,
  { hostname }: Pick<KnownLoadBalancer, 'hostname'>,
): Ingress {
  const ports = listeners.map(({ port, protocol }) => {
    const fault = portErrors.find(one => one.port === port && one.protocol === protocol);
    return { port, protocol, ...(fault === undefined ? {} : { error: fault.error }) };
  });
  return { hostname, ports };
}

function warningsFor(
  { backend }: AnswerDeps,
  { warnings, balancer }: Desired,
): { readonly warnings?: readonly Warning[] } {
  const { securityGroups } = balancer;
  const uses = securityGroups.kind !== 'none' && securityGroups.backend;
  const fault = uses ? backend.fault : undefined;
  const all = fault === undefined ? warnings : [...warnings, { reason: 'NodeSecurityGroupUnclear', message: fault }];
  return all.length === 0 ? {} : { warnings: all };
}

/** Nodes only: pods are not what the core has given as backends. */
function backendsFor(
  { backends, endpoints }: LoadBalancer,
  { balancer, rejectedNodes }: Desired,
  { record }: Work,
): Pick<Ensured, 'backends'> {
  if (endpoints !== undefined) return {};
  const refused = new Set([...record.refused.values()].flatMap(keys => [...keys]));
  const targets = balancer.targetGroups.flatMap(group => group.targets);
  const taken = targets.filter(target => !refused.has(keyOf(target)));
  const bad = targets.filter(target => refused.has(keyOf(target)));
  const reason = 'AWS does not take it as a target (InvalidTarget): is it running, and in the VPC?';
  const rejected = [
    ...rejectedNodes,
    ...backends.filter(backend => isAmong(backend, bad)).map(({ node }) => ({ node, reason })),
  ];
  const registered = backends.filter(backend => isAmong(backend, taken)).length;
  return { backends: { registered, ...(rejected.length === 0 ? {} : { rejected }) } };
}

function isAmong({ providerId, addresses }: Backend, targets: readonly Target[]): boolean {
  return targets.some(({ id }) => providerId.endsWith(`/${id}`) || addresses.some(({ address }) => address === id));
}
