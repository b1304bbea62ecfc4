import type { Backend } from '../../../src/provider/provider.ts';
import type { GcpConfig } from '../config.ts';

export interface NodesByZone {
  /** Zone → names of instances, sorted. */
  readonly zones: ReadonlyMap<string, readonly string[]>;
  readonly rejected: readonly RejectedNode[];
}

export interface RejectedNode {
  readonly node: string;
  readonly reason: string;
}

/** An instance group has no more members. */
const mostInGroup = 1_000;

/**
 * Which instances stand behind Services, by their zone. Pure.
 *
 * | providerID                 | node                                            | →                            |
 * |----------------------------|-------------------------------------------------|------------------------------|
 * | `gce://project/zone/name`  | of the project, in the region                   | instance `name` of `zone`    |
 * | `gce:///zone/name`         |                                                 | the same                     |
 * | `gce://project//name`      | with a zone label                               | instance `name` of that zone |
 * | `gce://project//name`      | without one                                     | rejected                     |
 * | `gce://other/…`, `aws://…` |                                                 | rejected                     |
 * | `gce://project/zone/name`  | in another region, or past the 1,000th of a zone | rejected                     |
 */
export function nodesByZone(
  backends: readonly Backend[],
  { project, region }: Pick<GcpConfig, 'project' | 'region'>,
): NodesByZone {
  const zones = new Map<string, Map<string, string>>();
  const rejected: RejectedNode[] = [];
  for (const { node, providerId, zone: label } of backends) {
    const [, owner = '', zone = '', instance] = idPattern.exec(providerId) ?? [];
    const place = zone === '' ? label : zone;
    const reason =
      instance === undefined
        ? 'it has no instance of Compute Engine: its providerID is not gce://project/zone/name'
        : owner !== '' && owner !== project
          ? `its instance is not in the project ${project}`
          : !zonePattern.test(place)
            ? 'it has no zone'
            : !place.startsWith(`${region}-`)
              ? `its zone ${place} is not in the region ${region}`
              : undefined;
    if (reason !== undefined || instance === undefined) rejected.push({ node, reason: reason ?? '' });
    else zones.set(place, (zones.get(place) ?? new Map<string, string>()).set(instance, node));
  }
  const kept = [...zones].toSorted(byFirst).map(([zone, nodes]) => {
    const sorted = [...nodes].toSorted(byFirst);
    for (const [, node] of sorted.slice(mostInGroup))
      rejected.push({
        node,
        reason: `an instance group has at most ${mostInGroup} members: it is past them in ${zone}`,
      });
    return [zone, sorted.slice(0, mostInGroup).map(([instance]) => instance)] as const;
  });
  return { zones: new Map(kept), rejected };
}

/** The project may be of the older kind, `example.com:project`. */
const idPattern = /^gce:\/\/([a-z0-9.:-]{0,160})\/([a-z0-9-]{0,63})\/([a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)$/;
const zonePattern = /^[a-z][-a-z0-9]{1,62}$/;

function byFirst([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : Number(one > other);
}
