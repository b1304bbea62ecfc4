import type { ServiceIdentity } from '../../../src/provider/provider.ts';

/**
 * Whose a thing is stands in its description, the one field that every kind has: as JSON, given in the very request that makes it.
 * What the whole cluster shares has no Service.
 */
export interface Mark {
  readonly cluster: string;
  readonly owner?: Owner;
}

export interface Owner {
  /** The contract's id of the Service. */
  readonly id: string;
  readonly service: ServiceIdentity;
}

const keys = {
  cluster: 'fairlead.dev/cluster',
  service: 'fairlead.dev/service',
  uid: 'fairlead.dev/uid',
  id: 'fairlead.dev/id',
} as const;

/** As a description. Equal for equal marks. */
export function markText({ cluster, owner }: Mark): string {
  const service = owner === undefined ? undefined : `${owner.service.namespace}/${owner.service.name}`;
  return JSON.stringify({
    [keys.cluster]: cluster,
    [keys.service]: service,
    [keys.uid]: owner?.service.uid,
    [keys.id]: owner?.id,
  });
}

/**
 * The same for those who look for things by label, on the kinds that have labels: nothing is decided by them. As the API wants them: small
 * letters, digits, `-` and `_`.
 */
export function markLabels({ cluster, owner }: Mark): Readonly<Record<string, string>> {
  const label = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9_-]/g, '-')
      .slice(0, 63);
  return {
    'fairlead-cluster': label(cluster),
    ...(owner === undefined ? {} : { 'fairlead-service-uid': label(owner.service.uid) }),
  };
}

/** No description of ours is longer: a namespace has 63 characters, a name 253. */
const longest = 2_048;

/** Pure, and never throws: anybody can write a description. `undefined`: it is not ours. */
export function parseMark(description: string | undefined): Mark | undefined {
  if (description === undefined || description.length > longest || !description.startsWith('{')) return undefined;
  const fields = readJson(description);
  const cluster = fields[keys.cluster];
  if (typeof cluster !== 'string') return undefined;
  const [id, uid, service] = [fields[keys.id], fields[keys.uid], fields[keys.service]];
  if (typeof id !== 'string' || typeof uid !== 'string' || typeof service !== 'string') return { cluster };
  const [namespace = '', name = ''] = service.split('/', 2);
  return { cluster, owner: { id, service: { namespace, name, uid } } };
}

/** For people: who has taken a name. */
export function holderOf(description: string | undefined): string {
  const mark = parseMark(description);
  if (mark === undefined) return 'something that is not fairlead’s';
  const { owner } = mark;
  const whose = owner === undefined ? '' : `Service ${owner.service.namespace}/${owner.service.name} of `;
  return `${whose}cluster ${mark.cluster}`;
}

function readJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
