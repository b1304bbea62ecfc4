import { type KubeClient, objectPath, statusOf } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { ResourceKind } from '../../provider/provider.ts';
import { kindName } from './kind-object.ts';

/**
 * Whether a kind is there to stay. Deleting a CustomResourceDefinition first deletes every object of the kind, and deleting a namespace
 * every object in it: seen from a watch, that looks like somebody deleting them one by one.
 */
export type Presence =
  /** `identity` differs after the kind has been deleted and made again; empty where it cannot be told. */
  | { readonly state: 'served'; readonly identity: string; readonly isCertain: boolean }
  | { readonly state: 'leaving'; readonly why: string }
  | { readonly state: 'unknown'; readonly why: string };

/** One read: the object, or the HTTP status of the refusal; 0 without an answer. */
export type Read<Answer> = { readonly found: Answer } | { readonly status: number };

export interface ApiResources {
  readonly resources?: readonly { readonly name?: string; readonly verbs?: readonly string[] }[] | null;
}

export interface PresenceReads {
  readonly definition: Read<KubeObject>;
  /** `GET /apis/<group>/<version>`; asked only where the definition could not be read. */
  readonly discovery?: Read<ApiResources>;
  /** Of kinds in one namespace. */
  readonly namespace?: Read<KubeObject>;
}

/** Kinds that cannot vanish need no look: those of the core group that are not confined to a namespace. */
export function canVanish({ group, namespace }: ResourceKind): boolean {
  return group !== '' || namespace !== undefined;
}

/** Never rejects. */
export async function observePresence(client: KubeClient, kind: ResourceKind): Promise<Presence> {
  const { group, version, namespace } = kind;
  const read = <Answer>(path: string): Promise<Read<Answer>> =>
    client.request<Answer>({ method: 'GET', path, deadlineMs: 10_000 }).then(
      found => ({ found }),
      (error: unknown) => ({ status: statusOf(error) ?? 0 }),
    );
  const [home, definition] = await Promise.all([
    namespace === undefined ? undefined : read<KubeObject>(objectPath('/api/v1/namespaces', namespace)),
    group === '' ? undefined : read<KubeObject>(objectPath(definitions, kindName(kind))),
  ]);
  const inNamespace = home === undefined ? {} : { namespace: home };
  if (definition === undefined) return presenceOf(kind, { definition: { status: 404 }, ...inNamespace });
  if ('found' in definition) return presenceOf(kind, { definition, ...inNamespace });
  const discovery = await read<ApiResources>(objectPath('/apis', group, version));
  return presenceOf(kind, { definition, discovery, ...inNamespace });
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/**
 * Pure. The first row that fits holds.
 *
 * | namespace            | definition        | discovery                        | →                    |
 * |----------------------|-------------------|----------------------------------|----------------------|
 * | being deleted, gone  |                   |                                  | leaving              |
 * | not answered         |                   |                                  | unknown              |
 * |                      | being deleted     |                                  | leaving              |
 * |                      | there             |                                  | served, certain      |
 * |                      | not answered      |                                  | unknown              |
 * |                      | (a core kind)     |                                  | served, certain      |
 * |                      | absent, forbidden | not answered                     | unknown              |
 * |                      | absent, forbidden | without the kind                 | leaving              |
 * |                      | forbidden         | without `create`: terminating    | leaving              |
 * |                      | absent, forbidden | has the kind                     | served, not certain: discovery may lag behind |
 */
export function presenceOf(kind: ResourceKind, { definition, discovery, namespace }: PresenceReads): Presence {
  const name = kindName(kind);
  const home = namespace === undefined ? undefined : stateOf(namespace);
  if (home === 'leaving' || home === 'absent')
    return { state: 'leaving', why: `namespace ${kind.namespace} is ${home === 'absent' ? 'gone' : 'being deleted'}` };
  if (home === 'unanswered') return { state: 'unknown', why: `namespace ${kind.namespace} cannot be looked at` };
  const own = stateOf(definition);
  if (own === 'leaving') return { state: 'leaving', why: `its definition, CRD ${name}, is being deleted` };
  if (own === 'unanswered') return { state: 'unknown', why: `CRD ${name} cannot be looked at` };
  const identity = `${uidOf(definition)}/${namespace === undefined ? '' : uidOf(namespace)}`;
  if (own === 'there' || kind.group === '') return { state: 'served', identity, isCertain: true };
  return byDiscovery(kind, discovery ?? { status: 0 }, own === 'forbidden');
}

function byDiscovery(kind: ResourceKind, discovery: Read<ApiResources>, isBlind: boolean): Presence {
  const where = `${kind.group}/${kind.version}`;
  if ('status' in discovery && discovery.status !== 404)
    return { state: 'unknown', why: `the kinds of ${where} cannot be looked at` };
  const served = 'found' in discovery ? discovery.found.resources?.find(one => one.name === kind.plural) : undefined;
  if (served === undefined)
    return { state: 'leaving', why: `the API server does not serve ${kind.plural} of ${where}` };
  if (isBlind && served.verbs?.includes('create') !== true)
    return { state: 'leaving', why: `no ${kind.plural} of ${where} can be made: the kind is being deleted` };
  return { state: 'served', identity: '', isCertain: false };
}

function stateOf(read: Read<KubeObject>): 'there' | 'leaving' | 'absent' | 'forbidden' | 'unanswered' {
  if ('found' in read) return read.found.metadata.deletionTimestamp === undefined ? 'there' : 'leaving';
  if (read.status === 404) return 'absent';
  return read.status === 403 ? 'forbidden' : 'unanswered';
}

function uidOf(read: Read<KubeObject>): string {
  return 'found' in read ? read.found.metadata.uid : '';
}
