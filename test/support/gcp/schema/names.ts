import { invalid } from '../world/api-error.ts';

const rfc1035 = /^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const labelKey = /^[a-z][-_a-z0-9]{0,62}$/;
const labelValue = /^[-_a-z0-9]{0,63}$/;

export function checkName(name: unknown, field = 'resource.name'): string {
  if (typeof name === 'string' && rfc1035.test(name)) return name;
  throw invalid(
    `Invalid value for field '${field}': '${String(name)}'. Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'`,
  );
}

export function checkLabels(labels: unknown): void {
  for (const [key, value] of Object.entries((labels ?? {}) as Record<string, string>)) {
    if (!labelKey.test(key))
      throw invalid(`Invalid value for field 'resource.labels': '${key}'. Label keys must match ${labelKey.source}.`);
    if (!labelValue.test(value))
      throw invalid(
        `Invalid value for field 'resource.labels.${key}': '${value}'. Label values must match ${labelValue.source}.`,
      );
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function checkRequestId(id: string): void {
  if (!uuid.test(id) || /^[0-]+$/.test(id))
    throw invalid(`Invalid value for field 'requestId': '${id}'. It must be a valid UUID, and not zero.`);
}
