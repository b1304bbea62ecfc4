import { isDeepStrictEqual } from 'node:util';
import { patchFailed } from './api-errors.ts';
import { type Fields, isFields } from './api-object.ts';

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged: Record<string, unknown> = { ...(isFields(target) ? target : {}) };
  for (const [name, part] of Object.entries(patch)) {
    if (part === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], part);
  }
  return merged;
}

/** How lists merge, by path: as a set, or by this key; the others are replaced (k8s.io/api/core/v1, patchStrategy and patchMergeKey). */
const mergedLists: Readonly<Record<string, string>> = {
  'metadata.finalizers': '',
  'status.conditions': 'type',
  'status.addresses': 'type',
  'spec.ports': 'port',
};

/** Kubernetes' strategic merge, as far as the fields in `mergedLists` need it. What is new in a merged list comes first. */
export function strategicMergePatch(target: unknown, patch: unknown, path = ''): unknown {
  if (!isFields(patch)) return patch;
  const merged: Record<string, unknown> = { ...(isFields(target) ? target : {}) };
  for (const [name, part] of Object.entries(patch)) {
    const [directive, list] = name.split('/');
    if (directive === '$deleteFromPrimitiveList' && list !== undefined) merged[list] = without(merged[list], part);
    else if (directive === '$setElementOrder') continue;
    else if (part === null) delete merged[name];
    else merged[name] = mergePart(merged[name], part, path === '' ? name : `${path}.${name}`);
  }
  return merged;
}

function mergePart(target: unknown, part: unknown, path: string): unknown {
  const key = mergedLists[path];
  if (!Array.isArray(part) || key === undefined) return strategicMergePatch(target, part, path);
  const list: readonly unknown[] = Array.isArray(target) ? target : [];
  if (key === '') return [...part.filter(one => !list.includes(one)), ...list];
  return mergeByKey(list.filter(isFields), part.filter(isFields), key);
}

function mergeByKey(target: readonly Fields[], patch: readonly Fields[], key: string): readonly Fields[] | undefined {
  const merged = [...target];
  for (const item of patch) {
    const at = merged.findIndex(one => one[key] === item[key]);
    if (item.$patch === 'delete') merged.splice(at, at === -1 ? 0 : 1);
    else if (at === -1) merged.unshift(item);
    else merged[at] = strategicMergePatch(merged[at], item, '*') as Fields;
  }
  return merged.length === 0 ? undefined : merged;
}

function without(list: unknown, removed: unknown): unknown {
  if (!Array.isArray(list) || !Array.isArray(removed)) return list;
  const left = list.filter(one => !removed.includes(one));
  return left.length === 0 ? undefined : left;
}

/** RFC 6902, the operations add, replace, remove and test. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw patchFailed();
  return (patch as readonly Operation[]).reduce<unknown>((document, operation) => {
    const steps = operation.path.split('/').slice(1).map(unescape);
    return applyAt(document, steps, operation);
  }, target);
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

function unescape(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

function applyAt(document: unknown, [step, ...rest]: readonly string[], operation: Operation): unknown {
  if (step === undefined) throw patchFailed();
  if (Array.isArray(document)) return applyToList(document, step, rest, operation);
  if (!isFields(document)) throw patchFailed();
  if (rest.length > 0) return { ...document, [step]: applyAt(document[step], rest, operation) };
  if (operation.op === 'add') return { ...document, [step]: operation.value };
  if (operation.op === 'test') return tested(document, document[step], operation);
  if (!(step in document)) throw patchFailed();
  if (operation.op === 'replace') return { ...document, [step]: operation.value };
  const { [step]: _, ...left } = document;
  return left;
}

function applyToList(list: readonly unknown[], step: string, rest: readonly string[], operation: Operation): unknown {
  const index = step === '-' ? list.length : Number(step);
  const isAdded = operation.op === 'add' && rest.length === 0;
  if (!Number.isInteger(index) || index > list.length || (index === list.length && !isAdded)) throw patchFailed();
  if (isAdded) return list.toSpliced(index, 0, operation.value);
  if (rest.length > 0) return list.with(index, applyAt(list[index], rest, operation));
  if (operation.op === 'test') return tested(list, list[index], operation);
  return operation.op === 'replace' ? list.with(index, operation.value) : list.toSpliced(index, 1);
}

function tested<Document>(document: Document, found: unknown, { value }: Operation): Document {
  if (!isDeepStrictEqual(found, value)) throw patchFailed();
  return document;
}
