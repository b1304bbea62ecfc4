import { fingerprinted, kindWord, labelled } from '../kinds/kinds.ts';
import { scopeOf, urlOf } from '../schema/paths.ts';
import type { Fields } from '../world/store.ts';
import type { GceWorld } from '../world/world.ts';

/** What only the API writes. */
const outputOnly = [
  'id',
  'kind',
  'selfLink',
  'selfLinkWithId',
  'creationTimestamp',
  'region',
  'zone',
  'status',
  'users',
  'size',
];

/** As it would be kept: no nulls, no empty maps, nothing that only the API writes. */
export function clean(body: Fields): Fields {
  const kept = Object.entries(body).filter(
    ([name, value]) => !outputOnly.includes(name) && value !== null && !isEmptyMap(value),
  );
  return Object.fromEntries(kept);
}

const isEmptyMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

/** What stays, whatever is sent. */
export function identity(before: Fields): Fields {
  const names = [...outputOnly, 'name', 'labels', 'labelFingerprint'];
  return Object.fromEntries(Object.entries(before).filter(([name]) => names.includes(name)));
}

/** JSON merge patch: parts of parts as well, lists as a whole. */
export function merged(before: Fields, body: Fields): Fields {
  const result: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(body)) {
    const old = before[name];
    result[name] = isMap(value) && isMap(old) ? merged(old, value) : value;
  }
  return result;
}

const isMap = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the API adds to a new object. */
export function stamp(world: GceWorld, kind: string, path: string): Fields {
  const [, , scope = '', place] = path.split('/');
  return {
    id: world.nextId(),
    kind: kindWord(kind),
    creationTimestamp: world.timestamp(),
    selfLink: urlOf(path),
    ...(place === undefined || scope === 'global' ? {} : { [scope.slice(0, -1)]: urlOf(scopeOf(path)) }),
    ...(fingerprinted.has(kind) ? { fingerprint: world.nextFingerprint() } : {}),
    ...(labelled.has(kind) ? { labelFingerprint: world.nextFingerprint() } : {}),
  };
}
