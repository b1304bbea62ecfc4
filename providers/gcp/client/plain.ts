import { pathOf, urlOf } from './links.ts';

/**
 * What the SDK has read, as this provider compares it: URLs as paths, and without what stands for nothing: nulls, empty texts, lists and objects, and
 * the words with an underscore that the SDK adds for every optional field. Pure.
 */
export function plainOf(value: unknown): unknown {
  if (typeof value === 'string') return pathOf(value);
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .filter(([name]) => !name.startsWith('_'))
    .map(([name, part]) => [name, plainOf(part)] as const)
    .filter(([, part]) => !isNothing(part));
  return Object.fromEntries(kept);
}

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** The other way: paths as URLs. Pure. */
export function wireOf(value: unknown): unknown {
  if (typeof value === 'string') return urlOf(value);
  if (Array.isArray(value)) return value.map(wireOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, wireOf(part)]));
}
