import type { Call } from '../../../src/provider/provider.ts';
import { isForbidden } from '../client/classify-error.ts';
import type { GceApi } from '../client/gce-api.ts';
import { type Known, type KnownBalancer, nothingKnown, type OwnKind, ownKinds, withOne } from '../model/kinds.ts';
import { holderOf, type Owner, parseMark } from '../model/marks.ts';

/** What there is under some prefix, by whose it is. */
export interface Seen {
  /** By id of the Service. */
  readonly owned: ReadonlyMap<string, { readonly owner: Owner; readonly known: KnownBalancer }>;
  /** Of the cluster, and of no Service. */
  readonly shared: KnownBalancer;
  /** Names under the prefix that somebody else has: `kind/name` → who, for people. */
  readonly strangers: ReadonlyMap<string, string>;
}

export interface LookOptions {
  readonly api: GceApi;
  readonly cluster: string;
  /** Firewall rules are somebody else's: there may be no right to see them, and then there are none of ours. */
  readonly mayLackFirewalls: boolean;
}

/** One list for each kind. */
export async function look({ api, cluster, mayLackFirewalls }: LookOptions, prefix: string, call: Call): Promise<Seen> {
  const filter = `name eq "${prefix}.*"`;
  const list = async (kind: OwnKind): Promise<readonly Found[]> => {
    try {
      return (await api.list(kind, { filter }, call)).map(one => ({ kind, one }));
    } catch (error) {
      if (kind === 'firewalls' && mayLackFirewalls && isForbidden(error)) return [];
      throw error;
    }
  };
  return sortOut((await Promise.all(ownKinds.map(list))).flat(), cluster);
}

interface Found {
  readonly kind: OwnKind;
  readonly one: Known<OwnKind>;
}

/** By the marks alone. Pure. */
function sortOut(found: readonly Found[], cluster: string): Seen {
  const owned = new Map<string, { readonly owner: Owner; readonly known: KnownBalancer }>();
  const strangers = new Map<string, string>();
  let shared = nothingKnown;
  for (const { kind, one } of found) {
    const mark = parseMark(one.description);
    if (mark?.cluster !== cluster) strangers.set(`${kind}/${one.name}`, holderOf(one.description));
    else if (mark.owner === undefined) shared = withOne(shared, kind, one);
    else {
      const { owner } = mark;
      const known = owned.get(owner.id)?.known ?? nothingKnown;
      owned.set(owner.id, { owner, known: withOne(known, kind, one) });
    }
  }
  return { owned, shared, strangers };
}
