import type { Condition, Service } from '../kube/objects.ts';
import { publishedIngress } from './ingress.ts';
import { conditionTypes, prefix, standard } from './words.ts';

/** The mark of a provider instance: its finalizer, or the type of the condition that stands beside its address. */
export function ownerMark(instance: string): string {
  return `${prefix}${instance}`;
}

export interface Owner {
  readonly instance: string;
  readonly mark: 'finalizer' | 'condition';
}

/**
 * Who has made the balancer of this Service, by the marks on it; undefined: none of ours. Pure. A Service that has left the type has
 * lost its class and its status, so nothing but a mark can name the owner.
 */
export function ownerOf(service: Service): Owner | undefined {
  const finalizer = service.metadata.finalizers?.find(one => one.startsWith(prefix));
  if (finalizer !== undefined) return { instance: finalizer.slice(prefix.length), mark: 'finalizer' };
  const condition = service.status?.conditions?.find(isOwnerMark);
  return condition === undefined ? undefined : { instance: condition.type.slice(prefix.length), mark: 'condition' };
}

function isOwnerMark({ type, status }: Condition): boolean {
  return type.startsWith(prefix) && type !== conditionTypes.reported.type && status === 'True';
}

/** Whether conditions of ours stand on a Service of which nothing else is. */
export function isReportedOn(service: Service): boolean {
  return service.status?.conditions?.some(({ type }) => type === conditionTypes.reported.type) ?? false;
}

/** Whether anything on the Service is ours to keep true or to remove: such Services are kept in the store whatever their type. */
export function hasOurMarks(service: Service): boolean {
  return ownerOf(service) !== undefined || ourConditionTypes(service).length > 0;
}

/** The conditions on the Service that fairlead writes. */
export function ourConditionTypes(service: Service): readonly string[] {
  const types = (service.status?.conditions ?? []).map(condition => condition.type);
  return types.filter(type => type.startsWith(prefix) || stateConditions.has(type));
}

const stateConditions: ReadonlySet<string> = new Set([
  conditionTypes.serving.type,
  conditionTypes.provisioning.type,
  conditionTypes.degraded.type,
  conditionTypes.portsError.type,
]);

/**
 * The sign of another controller on a Service that carries none of our marks; undefined: none. Pure.
 *
 * | class of the Service | foreign finalizer | address published | →                                       |
 * |----------------------|-------------------|-------------------|-----------------------------------------|
 * | any                  |                   | yes               | the address                             |
 * | none                 | yes               | no                | the finalizer                           |
 * | one of ours          | yes               | no                | undefined: the class says whose it is   |
 */
export function foreignMark(service: Service): string | undefined {
  const [first] = publishedIngress(service);
  if (first !== undefined) return `the published address ${first.ip ?? first.hostname ?? ''}`;
  if (service.spec.loadBalancerClass !== undefined) return undefined;
  const finalizer = service.metadata.finalizers?.find(one => !isOfTheCluster(one));
  return finalizer === undefined ? undefined : `the finalizer ${finalizer}`;
}

function isOfTheCluster(finalizer: string): boolean {
  return (standard.collectorFinalizers as readonly string[]).includes(finalizer);
}
