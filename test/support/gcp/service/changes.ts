import { type GroupAction, groupActions } from '../kinds/instance-groups.ts';
import { fingerprinted, kindRules } from '../kinds/kinds.ts';
import { checkLabels, checkName } from '../schema/names.ts';
import { ApiError, alreadyExists, conditionNotMet, invalid, overQuota, required } from '../world/api-error.ts';
import type { Fields, StoredObject } from '../world/store.ts';
import type { GceWorld } from '../world/world.ts';
import { type Checked, collectionOf, withoutAction } from './checked.ts';
import { clean, identity, stamp } from './clean.ts';

export function insert(world: GceWorld, request: Checked): Fields {
  const kind = collectionOf(request.route);
  const body = clean(request.body);
  if (body['name'] === undefined) throw required('resource.name');
  const path = `${request.path}/${checkName(body['name'])}`;
  const existing = world.store.find(path);
  if (existing !== undefined) throw alreadyExists(path);
  return late(world, request, path, () => {
    checkQuota(world, kind);
    const { fingerprint: _ignored, ...fields } = kindRules[kind]?.insert(world, body, path) ?? {};
    const object = world.store.add(path, { ...stamp(world, kind, path), ...fields }, 'creating');
    return {
      targetId: object.fields['id'],
      apply: () => {
        object.state = 'ready';
      },
      undo: () => world.store.remove(path),
    };
  });
}

function checkQuota(world: GceWorld, kind: string): void {
  const limit = world.options.quotas?.[kind];
  if (limit === undefined || world.store.all(kind).length < limit) return;
  throw overQuota(kind.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase(), limit);
}

export function change(world: GceWorld, request: Checked, combine: (before: Fields, body: Fields) => Fields): Fields {
  const object = world.store.changeable(request.path);
  const body = clean(request.body);
  const { name = object.fields['name'], fingerprint } = body;
  if (name !== object.fields['name'])
    throw invalid(`Invalid value for field 'resource.name': '${String(name)}'. The field cannot be changed.`);
  if (fingerprint !== undefined && fingerprinted.has(object.kind) && fingerprint !== object.fields['fingerprint'])
    throw conditionNotMet('fingerprint');
  const wanted = { ...combine(object.fields, body), fingerprint };
  return late(world, request, object.path, () => {
    const fields = kindRules[object.kind]?.change?.(world, object, wanted) ?? object.fields;
    return changing(world, object, { ...identity(object.fields), ...fields });
  });
}

/** The change shows when its operation ends. */
function changing(world: GceWorld, object: StoredObject, fields: Fields): Effect {
  object.state = 'changing';
  const { fingerprint: _old, ...rest } = fields;
  return {
    targetId: object.fields['id'],
    apply: () => {
      object.fields = { ...rest, ...(fingerprinted.has(object.kind) ? { fingerprint: world.nextFingerprint() } : {}) };
      object.state = 'ready';
    },
    undo: () => {
      object.state = 'ready';
    },
  };
}

export function remove(world: GceWorld, request: Checked): Fields {
  const object = world.store.changeable(request.path);
  return late(world, request, object.path, () => {
    kindRules[object.kind]?.remove(world, object);
    object.state = 'deleting';
    return {
      targetId: object.fields['id'],
      apply: () => world.store.remove(object.path),
      undo: () => {
        object.state = 'ready';
      },
    };
  });
}

export function setLabels(world: GceWorld, request: Checked): Fields {
  const object = world.store.changeable(withoutAction(request.path));
  const labels = request.body['labels'] ?? {};
  checkLabels(labels);
  if (request.body['labelFingerprint'] !== object.fields['labelFingerprint']) throw conditionNotMet('labelFingerprint');
  const fields = { ...object.fields, labels, labelFingerprint: world.nextFingerprint() };
  return late(world, request, object.path, () => changing(world, object, fields));
}

export function groupAction(world: GceWorld, request: Checked): Fields {
  const group = world.store.changeable(withoutAction(request.path));
  const action = groupActions[request.route.rpc as GroupAction];
  return late(world, request, group.path, () => {
    const apply = action(world, group, request.body);
    group.state = 'changing';
    const ready = (): void => {
      group.state = 'ready';
    };
    const applyAndReady = (): void => {
      apply();
      ready();
    };
    return { targetId: group.fields['id'], apply: applyAndReady, undo: ready };
  });
}

interface Effect {
  readonly targetId: unknown;
  readonly apply: () => void;
  readonly undo: () => void;
}

const nothing = (): void => {};

/** Begins the operation. What is in the way is told at once, or by the operation: both happen. */
function late(world: GceWorld, { route, failure }: Checked, target: string, begin: () => Effect): Fields {
  const type = route.rpc.charAt(0).toLowerCase() + route.rpc.slice(1);
  const start = (effect: Effect, ended: ApiError | undefined) =>
    world.operations.start({ type, target, failure: ended, ...effect });
  try {
    return start(begin(), failure);
  } catch (error) {
    if (!(error instanceof ApiError) || error.refusal.late !== true || world.options.conflicts !== 'in-operation')
      throw error;
    return start({ targetId: undefined, apply: nothing, undo: nothing }, error);
  }
}
