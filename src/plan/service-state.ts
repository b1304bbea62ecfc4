import type { Service } from '../kube/objects.ts';
import { ownerOf } from './ownership.ts';
import { conditionTypes } from './words.ts';

export interface ServiceState {
  /** Owning instance; empty where there is none. */
  readonly provider: string;
  readonly state: 'ready' | 'degraded' | 'pending' | 'refused' | 'deleting' | 'none';
}

/**
 * How a Service stands, for the metric. Pure.
 *
 * | going | Serving | Degraded | Provisioning | →        |
 * |-------|---------|----------|--------------|----------|
 * | yes   |         |          |              | deleting |
 * | no    | True    | True     |              | degraded |
 * | no    | True    | other    |              | ready    |
 * | no    | False   |          | True         | pending  |
 * | no    | False   |          | other        | refused  |
 * | no    | absent  |          |              | none     |
 */
export function serviceState(service: Service): ServiceState {
  const provider = ownerOf(service)?.instance ?? '';
  if (service.metadata.deletionTimestamp !== undefined) return { provider, state: 'deleting' };
  const holds = (type: string): string | undefined =>
    service.status?.conditions?.find(one => one.type === type)?.status;
  const serving = holds(conditionTypes.serving.type);
  if (serving === undefined) return { provider, state: 'none' };
  if (serving === 'True')
    return { provider, state: holds(conditionTypes.degraded.type) === 'True' ? 'degraded' : 'ready' };
  return { provider, state: holds(conditionTypes.provisioning.type) === 'True' ? 'pending' : 'refused' };
}
