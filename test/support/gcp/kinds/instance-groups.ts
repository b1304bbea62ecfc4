import { partsOf, textOf } from '../rules/fields.ts';
import { checkName } from '../schema/names.ts';
import { nameOf, parseReference, projectOf, scopeOf } from '../schema/paths.ts';
import {
  badRequest,
  conditionNotMet,
  inUse,
  invalid,
  notFound,
  required,
  twoBalancedGroups,
} from '../world/api-error.ts';
import type { Fields, StoredObject } from '../world/store.ts';
import type { GceWorld } from '../world/world.ts';
import { isBalanced } from './backend-services.ts';
import type { KindRules } from './kind-rules.ts';

export const instanceGroups: KindRules = {
  insert(_world, fields) {
    checkNamedPorts(partsOf(fields, 'namedPorts'));
    return fields;
  },
  remove(world, { path }) {
    const user = world.store.userOf(path, ['backendServices']);
    if (user !== undefined) throw inUse(path, user);
  },
};

function checkNamedPorts(ports: readonly Fields[]): void {
  for (const { name, port } of ports) {
    checkName(name, 'namedPorts[].name');
    if (typeof port !== 'number' || port < 1 || port > 65_535)
      throw invalid(`Invalid value for field 'namedPorts[].port': '${String(port)}'.`);
  }
}

/** What each of a group's own methods would change; throws an `ApiError`, and changes nothing itself. */
export const groupActions = {
  AddInstances(world: GceWorld, group: StoredObject, body: Fields): () => void {
    const wanted = instancesOf(world, group, body);
    for (const instance of wanted) checkNewMember(world, group, instance);
    const most = world.options.mostInstancesInGroup ?? 2_000;
    if (group.members.size + wanted.length > most)
      throw invalid(`Invalid value for field 'instances'. At most ${most} instances are in a group.`);
    return () => {
      for (const { path } of wanted) group.members.add(path);
      group.fields = { ...networkOf(wanted[0]), ...group.fields };
    };
  },

  RemoveInstances(world: GceWorld, group: StoredObject, body: Fields): () => void {
    const wanted = instancesOf(world, group, body);
    const stranger = wanted.find(({ path }) => !group.members.has(path));
    if (stranger !== undefined)
      throw badRequest('memberNotFound', `Instance '${stranger.path}' is not a member of '${group.path}'.`);
    return () => {
      for (const { path } of wanted) group.members.delete(path);
    };
  },

  SetNamedPorts(world: GceWorld, group: StoredObject, body: Fields): () => void {
    const fingerprint = textOf(body, 'fingerprint');
    if (fingerprint !== undefined && fingerprint !== group.fields['fingerprint']) throw conditionNotMet('fingerprint');
    const namedPorts = partsOf(body, 'namedPorts');
    checkNamedPorts(namedPorts);
    return () => {
      group.fields = { ...group.fields, namedPorts, fingerprint: world.nextFingerprint() };
    };
  },
};

export type GroupAction = keyof typeof groupActions;

function instancesOf(world: GceWorld, group: StoredObject, body: Fields): readonly StoredObject[] {
  const references = partsOf(body, 'instances');
  if (references.length === 0) throw required('instances');
  const found = references.map(({ instance }, index) => {
    const path = parseReference(instance, `instances[${index}].instance`, ['instances'], projectOf(group.path));
    if (scopeOf(path) !== scopeOf(group.path))
      throw invalid(
        `Invalid value for field 'instances[${index}].instance': '${path}'. It is in another zone or project than '${group.path}'.`,
      );
    const object = world.store.find(path);
    if (object === undefined) throw notFound(path);
    return object;
  });
  if (new Set(found).size < found.length) throw invalid("Invalid value for field 'instances'. One is there twice.");
  return found;
}

function checkNewMember(world: GceWorld, group: StoredObject, { path, fields }: StoredObject): void {
  if (group.members.has(path))
    throw badRequest('memberAlreadyExists', `Instance '${path}' is already a member of '${group.path}'.`);
  const network = textOf(networkOf({ fields }), 'network');
  const own = textOf(group.fields, 'network');
  if (own !== undefined && network !== own)
    throw invalid(
      `Invalid value for field 'instances'. Instance '${path}' is in network '${String(network)}', the group in '${own}'.`,
    );
  if (!isBalanced(world, group.path)) return;
  const other = world.store
    .all('instanceGroups')
    .find(one => one !== group && one.members.has(path) && isBalanced(world, one.path));
  if (other !== undefined) throw twoBalancedGroups(nameOf(path));
}

/** A group is in the network of its first instance. */
function networkOf(instance: Pick<StoredObject, 'fields'> | undefined): Fields {
  const [first] = partsOf(instance?.fields ?? {}, 'networkInterfaces');
  return first === undefined ? {} : { network: first['network'], subnetwork: first['subnetwork'] };
}

export const groupView = (group: StoredObject): Fields => ({ ...group.fields, size: group.members.size });
