import type { LoadBalancerIngress, Service } from '../kube/objects.ts';
import type { Capabilities, LoadBalancer, LoadBalancerRef, Needs, Warning } from '../provider/provider.ts';
import { type AllowedAnnotations, type AnnotationPolicy, allowedAnnotations, isGranted } from './annotation-policy.ts';
import type { Why } from './conditions.ts';
import type { KnownEndpoints } from './endpoints.ts';
import { addressesOf, publishedIngress, sameIngress } from './ingress.ts';
import { type LabelSelector, narrowed, parseLabelSelector } from './label-selector.ts';
import {
  type BackendSet,
  type Digest,
  desiredLoadBalancer,
  type PortError,
  refOf,
  withEndpoints,
} from './load-balancer.ts';
import { hasMissingNodePorts } from './node-ports.ts';
import { foreignMark, isReportedOn, ownerMark, ownerOf } from './ownership.ts';
import { annotations, type ConditionReason, conditionTypes, prefix } from './words.ts';

/** The one next step for a Service: the whole product in seven words. */
export type ServicePlan =
  /** `notice`: worth an Event although nothing is done. `clear`: conditions of ours are left on a Service that is not ours to speak of. */
  | {
      readonly step: 'nothing';
      readonly reason: string;
      readonly notice?: string;
      readonly clear?: true;
      readonly awaits?: Awaited;
    }
  | ({ readonly step: 'reject'; readonly awaits?: Awaited } & Why)
  | { readonly step: 'add-finalizer'; readonly instance: string; readonly finalizer: string }
  | { readonly step: 'allocate-node-ports'; readonly instance: string }
  | EnsurePlan
  | DeletePlan
  | ({ readonly step: 'node-port-only' } & Why);

/** What has to be known first: the Service is planned again when it is. */
export type Awaited = 'endpoints';

export interface EnsurePlan {
  readonly step: 'ensure';
  readonly instance: string;
  readonly loadBalancer: LoadBalancer;
  readonly fingerprint: string;
  /** Text of the selector that chose the backends. */
  readonly selector: string;
  readonly warnings: readonly Warning[];
  readonly portErrors: readonly PortError[];
  /** Something to say beside a success. */
  readonly degraded?: Why;
}

export interface DeletePlan {
  readonly step: 'delete';
  readonly instance: string;
  readonly ref: LoadBalancerRef;
  /** `gone`: no object is left to write to. `abandon`: the provider is not called. */
  readonly how: 'object' | 'gone' | 'abandon';
  /** Whether the address on the object is the one that goes; another controller's stays. */
  readonly clearsAddress: boolean;
  readonly reason: string;
}

/** A provider instance as planning sees it. */
export interface Instance {
  readonly name: string;
  readonly classes: readonly string[];
  readonly isDefault: boolean;
  readonly capabilities: Capabilities;
  needs(loadBalancer: LoadBalancer): Needs;
}

/** What this leadership knows of a Service beyond the object: an attempt, and when the next one for the same thing may come. */
export interface ServiceRecord {
  readonly uid: string;
  readonly instance: string;
  readonly ref: LoadBalancerRef;
  /** Of the last attempt; `deleting` for a delete. */
  readonly fingerprint: string;
  /** Of the backends it was given; a change of theirs concerns this Service. */
  readonly selector: string;
  /** Whether it was given endpoints; a change of them concerns this Service. */
  readonly hasEndpoints?: boolean;
  /** Monotonic milliseconds: before it an equal fingerprint needs nothing. */
  readonly notBefore: number;
  /** What the last success returned; undefined after a failure or while nothing is known. */
  readonly ingress: readonly LoadBalancerIngress[] | undefined;
}

/** What every Service of one leadership is planned with. */
export interface Settings {
  readonly cluster: string;
  readonly instances: readonly Instance[];
  readonly nodeSelector: LabelSelector;
  readonly policy: AnnotationPolicy;
  readonly fillNodePorts: boolean;
  readonly digest: Digest;
}

/** All that a plan is made from. */
export interface Observed {
  readonly service: Service | undefined;
  readonly record: ServiceRecord | undefined;
  readonly settings: Settings;
  /** The eligible nodes that match, from the stores as they are now. */
  readonly backendsFor: (selector: LabelSelector) => BackendSet;
  /** The pods behind this very Service. */
  readonly endpoints: () => KnownEndpoints;
  /** Monotonic milliseconds. */
  readonly now: number;
}

export const deleting = 'deleting';
/** The fingerprint of what an earlier leadership has made: nobody knows what it asked for. */
export const inherited = 'inherited';

/**
 * Decides the next step. Pure.
 *
 * | object                  | our mark       | owner configured | wanted by         | →                                           |
 * |-------------------------|----------------|------------------|-------------------|---------------------------------------------|
 * | gone, or another uid    | (record)       |                  |                   | delete, nothing to write to                 |
 * | any                     | yes            |                  | abandon granted   | delete without a call                       |
 * | going, or left the type | finalizer      | no               |                   | reject: the finalizer stays                 |
 * | going, or left the type | any            | yes              |                   | delete                                      |
 * | LoadBalancer            | any            | no               |                   | reject: what exists stays                   |
 * | LoadBalancer            | any            | yes              | its owner         | serve                                       |
 * | LoadBalancer            | any, published | yes              | another           | serve by the owner, degraded; moved if asked |
 * | LoadBalancer            | any, no address of ours | yes     | another           | delete, so that the other can begin         |
 * | going, or another type  | none           |                  |                   | nothing                                     |
 * | LoadBalancer            | none, foreign  |                  |                   | nothing, with a notice                      |
 * | LoadBalancer            | none           |                  | an instance       | serve                                       |
 * | LoadBalancer            | none           |                  | none, but ours    | node-port-only                              |
 * | LoadBalancer            | none           |                  | somebody else     | nothing                                     |
 *
 * "serve" is `planServed`'s table.
 */
export function planService(observed: Observed): ServicePlan {
  const { service, record } = observed;
  if (record !== undefined && record.uid !== service?.metadata.uid) {
    return deleteUnlessWaiting(observed, {
      step: 'delete',
      instance: record.instance,
      ref: record.ref,
      how: 'gone',
      clearsAddress: false,
      reason: 'the Service is gone',
    });
  }
  if (service === undefined) return nothing('there is no such Service');
  const owner = ownerOf(service)?.instance ?? ownerByRecord(service, record);
  return owner === undefined ? planUnowned(observed, service) : planOwned(observed, service, owner);
}

/** A balancer without a finalizer is ours before its first status write too, unless somebody else has published meanwhile. */
function ownerByRecord(service: Service, record: ServiceRecord | undefined): string | undefined {
  if (record === undefined) return undefined;
  const published = publishedIngress(service);
  return published.length === 0 || (record.ingress !== undefined && sameIngress(published, record.ingress))
    ? record.instance
    : undefined;
}

function planOwned(observed: Observed, service: Service, owner: string): ServicePlan {
  const { settings } = observed;
  const instance = settings.instances.find(one => one.name === owner);
  const hints = instance === undefined ? {} : annotationsFor(instance, service, settings).allowed;
  const remove = (how: DeletePlan['how'], reason: string): ServicePlan =>
    deleteUnlessWaiting(observed, {
      step: 'delete',
      instance: owner,
      ref: refOf(service, settings.cluster, hints),
      how,
      clearsAddress: isOurAddress(observed, service),
      reason,
    });
  if (granted('abandon', observed, service)) return remove('abandon', 'the Service is abandoned');
  if (instance === undefined) return planWithoutOwner(service, owner);
  if (service.metadata.deletionTimestamp !== undefined) return remove('object', 'the Service is being deleted');
  if (service.spec.type !== 'LoadBalancer') return remove('object', 'the Service has left type LoadBalancer');
  const wanted = claimOf(service, settings);
  if (wanted.instance === instance || !pointsElsewhere(wanted)) return planServed(observed, service, instance);
  const serves = publishedIngress(service).length > 0 && observed.record?.fingerprint !== deleting;
  if (!serves || !isOurAddress(observed, service))
    return remove('object', `another provider is meant: ${wanted.reason}`);
  const mayMove = wanted.instance !== undefined && service.metadata.annotations?.[annotations.move.key] === 'true';
  if (mayMove) return remove('object', `the Service moves: ${wanted.reason}`);
  return planServed(observed, service, instance, {
    reason: 'ProviderChanged',
    message: `${wanted.reason}, but provider ${owner} holds the published address and keeps it; annotate ${annotations.move.key}=true to move (the address changes)`,
  });
}

/** Whether the published address is the one that we have published: the last attempt knows it, and the condition beside it names it. */
function isOurAddress({ record }: Observed, service: Service): boolean {
  const published = publishedIngress(service);
  const known = record?.fingerprint === inherited ? undefined : record?.ingress;
  const serving = service.status?.conditions?.find(({ type }) => type === conditionTypes.serving.type);
  if (serving?.status !== 'True') return known !== undefined && sameIngress(published, known);
  return serving.message === addressesOf(published) && (known === undefined || sameIngress(published, known));
}

function planWithoutOwner(service: Service, owner: string): ServicePlan {
  const finalizer = service.metadata.finalizers?.includes(ownerMark(owner)) ?? false;
  const leaving = service.metadata.deletionTimestamp !== undefined || service.spec.type !== 'LoadBalancer';
  if (leaving && !finalizer)
    return nothing(`provider ${owner}, which kept nothing outside, is not configured any more`);
  return {
    step: 'reject',
    reason: 'ProviderNotConfigured',
    message: `provider ${owner} owns this balancer and is not configured any more: configure it again, or let the operator abandon the Service; what exists stays`,
  };
}

function planUnowned(observed: Observed, service: Service): ServicePlan {
  const { settings } = observed;
  if (service.spec.type !== 'LoadBalancer') return leave(service, 'not of type LoadBalancer');
  if (service.metadata.deletionTimestamp !== undefined)
    return leave(service, 'being deleted, and no mark of ours is on it');
  const wanted = claimOf(service, settings);
  if (wanted.instance === undefined && !wanted.ours) return leave(service, wanted.reason);
  if (granted('abandon', observed, service)) return nothing('abandoned');
  const adopt = granted('adopt', observed, service);
  const foreign = foreignMark(service);
  if (foreign !== undefined && !adopt) {
    const notice = `${foreign} belongs to another controller, so fairlead leaves this Service alone: remove the mark, or set spec.loadBalancerClass on a new Service`;
    return { ...leave(service, `foreign: ${foreign}`), notice };
  }
  if (wanted.instance !== undefined) return planServed(observed, service, wanted.instance);
  return { step: 'node-port-only', reason: wanted.why, message: wanted.reason };
}

/** Whose a Service is by its class. `ours` without an instance: we report on it. */
type Claim =
  | { readonly instance: Instance; readonly reason: string }
  | {
      readonly instance: undefined;
      readonly ours: true;
      readonly why: 'NoProvider' | 'ClassNotMapped';
      readonly reason: string;
    }
  | { readonly instance: undefined; readonly ours: false; readonly elsewhere: boolean; readonly reason: string };

/**
 * | class                    | instance with it | default | any instance | →                                |
 * |--------------------------|------------------|---------|--------------|----------------------------------|
 * | set                      | yes              |         |              | that instance                    |
 * | set, under fairlead.dev/ | no               |         |              | ours to report: ClassNotMapped   |
 * | set                      | no               |         |              | somebody else's                  |
 * | none                     |                  | yes     |              | the default                      |
 * | none                     |                  | no      | yes          | not ours: no default             |
 * | none                     |                  | no      | no           | ours to report: NoProvider       |
 */
function claimOf(service: Service, { instances }: Settings): Claim {
  const name = service.spec.loadBalancerClass;
  if (name !== undefined) {
    const instance = instances.find(one => one.classes.includes(name));
    if (instance !== undefined) return { instance, reason: `class ${name} is served by provider ${instance.name}` };
    if (name.startsWith(prefix))
      return { instance, ours: true, why: 'ClassNotMapped', reason: `no provider instance serves class ${name}` };
    return { instance, ours: false, elsewhere: true, reason: `class ${name} is not ours` };
  }
  const instance = instances.find(one => one.isDefault);
  if (instance !== undefined) return { instance, reason: `the default provider is ${instance.name}` };
  if (instances.length > 0)
    return {
      instance,
      ours: false,
      elsewhere: false,
      reason: 'the Service has no class, and no provider is the default',
    };
  return { instance, ours: true, why: 'NoProvider', reason: 'no provider is configured' };
}

/** The instance that a key most likely concerns: which of the worker budgets to use. */
export function instanceConcerned(service: Service, settings: Settings): string | undefined {
  return ownerOf(service)?.instance ?? claimOf(service, settings).instance?.name;
}

/** A default that was taken back, or a class that lost its instance, points nowhere: what exists stays with its owner. */
function pointsElsewhere(claim: Claim): boolean {
  return claim.instance !== undefined || (!claim.ours && claim.elsewhere);
}

/**
 * A Service that this instance serves. Pure.
 *
 * | selector, desired value          | node ports             | finalizer        | last attempt                      | →                   |
 * |----------------------------------|------------------------|------------------|-----------------------------------|---------------------|
 * | unreadable or refused, published |                        |                  |                                   | reject              |
 * | refused for what the provider is |                        |                  |                                   | node-port-only      |
 * | good                             | needed, missing, no opt-in |              |                                   | reject              |
 * | good                             | needed, missing, opt-in |                 |                                   | allocate-node-ports |
 * | good                             | there, or not needed   | needed, missing  |                                   | add-finalizer       |
 * | good, endpoints needed, awaited  |                        | there            |                                   | nothing, for now    |
 * | good, endpoints needed, closed to us |                    | there            |                                   | reject              |
 * | good                             |                        | there            | equal, not yet due, status as it was | nothing          |
 * | good                             |                        | there            | any other                         | ensure              |
 */
function planServed(observed: Observed, service: Service, instance: Instance, degraded?: Why): ServicePlan {
  const { settings } = observed;
  const allowed = annotationsFor(instance, service, settings);
  const { key, text } = nodeSelectorOf(service, instance, allowed);
  const own = parseLabelSelector(text);
  if (own === undefined)
    return { step: 'reject', reason: 'NodeSelectorNotSupported', message: `annotation ${key} is no label selector` };
  const backendSet = observed.backendsFor(narrowed(settings.nodeSelector, own));
  const desired = desiredLoadBalancer({
    service,
    cluster: settings.cluster,
    capabilities: instance.capabilities,
    backendSet,
    annotations: allowed,
    adopt: granted('adopt', observed, service),
    digest: settings.digest,
  });
  if ('refused' in desired) return refuse(service, { reason: desired.refused, message: desired.message });
  const needs = instance.needs(desired.loadBalancer);
  if (needs.nodePorts && hasMissingNodePorts(service)) return planNodePorts(observed, service, instance);
  const finalizer = ownerMark(instance.name);
  if (instance.capabilities.keepsOutside && !(service.metadata.finalizers ?? []).includes(finalizer)) {
    return { step: 'add-finalizer', instance: instance.name, finalizer };
  }
  const known = needs.endpoints === true ? observed.endpoints() : undefined;
  if (known !== undefined && known.state !== 'listed') return planWithoutEndpoints(known);
  const whole = known === undefined ? desired : withEndpoints(desired, known);
  if (isSettled(observed, service, whole.fingerprint)) return nothing('up to date');
  const plan = { step: 'ensure', instance: instance.name, ...whole, selector: backendSet.selector } as const;
  return degraded === undefined ? plan : { ...plan, degraded };
}

/** Our own annotation wins over the one that users of the provider know, which the operator's policy has let through. */
function nodeSelectorOf(
  { metadata }: Service,
  { capabilities }: Instance,
  { allowed }: AllowedAnnotations,
): { readonly key: string; readonly text: string } {
  const { key } = annotations.nodeSelector;
  const known = capabilities.nodeSelectorAnnotation;
  const own = metadata.annotations?.[key];
  return own === undefined && known !== undefined
    ? { key: known, text: allowed[known] ?? '' }
    : { key, text: own ?? '' };
}

function planWithoutEndpoints(known: Exclude<KnownEndpoints, { state: 'listed' }>): ServicePlan {
  if (known.state === 'awaited') return { ...nothing('its endpoints are being listed'), awaits: 'endpoints' };
  return {
    step: 'reject',
    reason: 'EndpointsNotReadable',
    message: `the provider sends to pods, and fairlead may not list EndpointSlices (${known.problem}): apply deploy/kustomize/components/endpoints`,
    awaits: 'endpoints',
  };
}

/** What the user has to correct, whatever the provider can do. */
const typingErrors: ReadonlySet<string> = new Set<ConditionReason>([
  'SourceRangesNotSupported',
  'LoadBalancerIPNotSupported',
]);

function refuse(service: Service, why: Why): ServicePlan {
  const correctable = typingErrors.has(why.reason) || publishedIngress(service).length > 0;
  return correctable ? { step: 'reject', ...why } : { step: 'node-port-only', ...why };
}

function planNodePorts({ settings }: Observed, service: Service, instance: Instance): ServicePlan {
  const optedIn =
    settings.fillNodePorts || service.metadata.annotations?.[annotations.allocateNodePorts.key] === 'true';
  if (optedIn) return { step: 'allocate-node-ports', instance: instance.name };
  return {
    step: 'reject',
    reason: 'NodePortsNotAllocated',
    message: `provider ${instance.name} needs node ports, and allocateLoadBalancerNodePorts is false: set it to true, or annotate ${annotations.allocateNodePorts.key}=true`,
  };
}

function isSettled({ record, now }: Observed, service: Service, fingerprint: string): boolean {
  if (record === undefined || record.fingerprint !== fingerprint || now >= record.notBefore) return false;
  return record.ingress === undefined || sameIngress(record.ingress, publishedIngress(service));
}

/** A delete that has failed waits for its back-off, whatever else happens to the object meanwhile. */
function deleteUnlessWaiting({ record, now }: Observed, plan: DeletePlan): ServicePlan {
  const waits =
    plan.how !== 'abandon' &&
    record?.fingerprint === deleting &&
    record.uid === plan.ref.service.uid &&
    now < record.notBefore;
  return waits ? nothing('the delete is tried again later') : plan;
}

function annotationsFor(instance: Instance, { metadata }: Service, { policy }: Settings): AllowedAnnotations {
  return allowedAnnotations(metadata.annotations ?? {}, metadata.namespace ?? '', instance.capabilities, policy);
}

function granted(word: 'adopt' | 'abandon', { settings }: Observed, service: Service): boolean {
  return isGranted(word, service.metadata.annotations ?? {}, service.metadata.namespace ?? '', settings.policy);
}

function nothing(reason: string): Extract<ServicePlan, { step: 'nothing' }> {
  return { step: 'nothing', reason };
}

/** Not ours, or not any more: what we have said on it before goes. */
function leave(service: Service, reason: string): Extract<ServicePlan, { step: 'nothing' }> {
  return { step: 'nothing', reason, ...(isReportedOn(service) ? { clear: true } : {}) };
}
