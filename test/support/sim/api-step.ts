import { type KubeRequest, patchType } from '../../../src/kube/client.ts';
import { type ApiFault, apiFaults } from './api-faults.ts';
import { type Fields, isFields } from './api-object.ts';

/** What a controller is about with a request, as the plan's steps name it. */
export const apiSteps = [
  'add-finalizer',
  'allocate-node-ports',
  'publish',
  'tell',
  'release',
  'read',
  'list',
  'lease',
  'event',
] as const;
export type ApiStep = (typeof apiSteps)[number];

export function apiStepOf({ method, path, body, contentType }: KubeRequest): ApiStep {
  if (path.includes('/leases')) return 'lease';
  if (path.includes('/events')) return 'event';
  if (method === 'GET') return path.includes('/namespaces/') ? 'read' : 'list';
  if (contentType === patchType.json) return 'allocate-node-ports';
  const { metadata, status } = body as { readonly metadata?: Fields; readonly status?: Fields };
  if (metadata?.finalizers !== undefined) return 'add-finalizer';
  const loadBalancer = isFields(status?.loadBalancer) ? status.loadBalancer : undefined;
  if (metadata?.['$deleteFromPrimitiveList/finalizers'] !== undefined || loadBalancer?.ingress === null)
    return 'release';
  return loadBalancer === undefined ? 'tell' : 'publish';
}

/** A read meets no conflict, and an Event is not a version of anything. */
export function faultsOf(step: ApiStep): readonly ApiFault[] {
  const withoutConflict = step === 'read' || step === 'list' || step === 'event';
  return apiFaults.filter(fault => fault !== 'none' && !(withoutConflict && fault === 'conflict'));
}
