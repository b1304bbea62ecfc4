import { kindWord, viewOf } from '../kinds/kinds.ts';
import { partsOf } from '../rules/fields.ts';
import { parseReference, projectOf, urlOf } from '../schema/paths.ts';
import { invalid } from '../world/api-error.ts';
import type { Fields } from '../world/store.ts';
import type { GceWorld } from '../world/world.ts';
import { change, groupAction, insert, remove, setLabels } from './changes.ts';
import { type Checked, collectionOf, withoutAction } from './checked.ts';
import { identity, merged } from './clean.ts';
import { pageOf } from './list-page.ts';

type Perform = (world: GceWorld, request: Checked) => Fields | Promise<Fields>;

/** What the methods do; those that are not here are not implemented. */
export const performers: Readonly<Record<string, Perform>> = {
  Get: (world, { route, path }) =>
    isOperations(route) ? world.operations.get(path) : viewOf(world, world.store.read(path)),
  Wait: (world, { path }) => world.operations.wait(withoutAction(path)),
  List: list,
  Insert: insert,
  Patch: (world, request) => change(world, request, (before, body) => merged(before, body)),
  Update: (world, request) => change(world, request, (before, body) => ({ ...identity(before), ...body })),
  Delete: remove,
  SetLabels: setLabels,
  AddInstances: groupAction,
  RemoveInstances: groupAction,
  SetNamedPorts: groupAction,
  ListInstances: listInstances,
  GetHealth: getHealth,
};

const isOperations = ({ service }: Checked['route']): boolean => service.endsWith('Operations');

function list(world: GceWorld, { route, path, query }: Checked): Fields {
  const kind = collectionOf(route);
  const all = world.store
    .all(kind)
    .filter(object => object.state !== 'creating' && withoutAction(object.path) === path);
  const page = pageOf(
    all.map(object => viewOf(world, object)),
    query,
  );
  return { kind: `${kindWord(kind)}List`, id: path, selfLink: urlOf(path), ...page };
}

function listInstances(world: GceWorld, request: Checked): Fields {
  const group = world.store.read(withoutAction(request.path));
  const all = [...group.members].map(path => ({
    instance: urlOf(path),
    status: world.store.find(path)?.fields['status'] ?? 'RUNNING',
  }));
  const wanted = request.body['instanceState'] === 'RUNNING' ? all.filter(({ status }) => status === 'RUNNING') : all;
  return { kind: 'compute#instanceGroupsListInstances', ...pageOf(wanted, request.query) };
}

function getHealth(world: GceWorld, { path, body }: Checked): Fields {
  const service = world.store.read(withoutAction(path));
  const group = parseReference(body['group'], 'group', ['instanceGroups'], projectOf(path));
  if (!partsOf(service.fields, 'backends').some(backend => backend['group'] === urlOf(group)))
    throw invalid(`Invalid value for field 'group': '${group}'. It is no backend of '${service.path}'.`);
  const states = [...(world.store.find(group)?.members ?? [])].map(instance => ({
    instance: urlOf(instance),
    healthState: world.unhealthy.has(instance) ? 'UNHEALTHY' : 'HEALTHY',
  }));
  return { kind: 'compute#backendServiceGroupHealth', ...(states.length > 0 ? { healthStatus: states } : {}) };
}
