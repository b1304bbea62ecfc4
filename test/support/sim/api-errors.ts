import { KubeError } from '../../../src/kube/client.ts';
import type { Resource } from './api-object.ts';

/** The refusals of an API server, in its own words; `request-table.ts` holds them against the real one. */

export interface Cause {
  readonly field: string;
  readonly message: string;
}

export function notFound(resource: Resource, name: string): KubeError {
  return new KubeError(404, 'NotFound', `${resource.qualified} "${name}" not found`);
}

export function alreadyExists(resource: Resource, name: string): KubeError {
  return new KubeError(409, 'AlreadyExists', `${resource.qualified} "${name}" already exists`);
}

export function conflict(resource: Resource, name: string, why?: string): KubeError {
  const reason = why ?? 'the object has been modified; please apply your changes to the latest version and try again';
  return new KubeError(409, 'Conflict', `Operation cannot be fulfilled on ${resource.qualified} "${name}": ${reason}`);
}

export function invalid(resource: Resource, name: string, causes: readonly Cause[]): KubeError {
  const list = causes.map(cause => `${cause.field}: ${cause.message}`);
  const text = list.length === 1 ? list.join() : `[${list.join(', ')}]`;
  const kind = resource.qualified === resource.name ? resource.kind : resource.qualified;
  return new KubeError(422, 'Invalid', `${kind} "${name}" is invalid: ${text}`, { causes });
}

/** A JSON patch whose `test` failed, or whose path is not there: no cause names it. */
export function patchFailed(): KubeError {
  return new KubeError(422, 'Invalid', 'the server rejected our request due to an error in our request');
}

export function badRequest(message: string): KubeError {
  return new KubeError(400, 'BadRequest', message);
}

export function internal(message: string): KubeError {
  return new KubeError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

export function expired(message: string): KubeError {
  return new KubeError(410, 'Expired', message);
}

export function forbiddenField(field: string, why: string): Cause {
  return { field, message: `Forbidden: ${why}` };
}

export function invalidField(field: string, value: unknown, why: string): Cause {
  return { field, message: `Invalid value: ${JSON.stringify(value ?? null)}: ${why}` };
}
