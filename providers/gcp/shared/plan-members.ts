/** What is known of the members of one group, and of others'. */
export interface KnownMembers {
  /** Of ours; `undefined`: there is no group. */
  readonly members: ReadonlySet<string> | undefined;
  /** Instances that somebody else's load-balanced group holds → its path. */
  readonly elsewhere: ReadonlyMap<string, string>;
  /** They are not there, or not taken. */
  readonly refused: ReadonlySet<string>;
}

export interface WantedMembers {
  readonly instances: ReadonlySet<string>;
  readonly mayLeave: (instance: string) => boolean;
}

export interface MembersPlan {
  readonly insert: boolean;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/**
 * Pure.
 *
 * | wanted | a member | elsewhere | →                                       |
 * |--------|----------|-----------|-----------------------------------------|
 * | yes    | no       | no        | add; insert the group where there is none |
 * | yes    | yes      | no        |                                         |
 * | yes    | yes      | yes       | remove: one load-balanced group only    |
 * | yes    | no       | yes, or refused |                                   |
 * | no     | yes      | any       | remove, where it may leave              |
 */
export function planMembers(
  { members, elsewhere, refused }: KnownMembers,
  { instances, mayLeave }: WantedMembers,
): MembersPlan {
  const own = [...instances].filter(one => !elsewhere.has(one) && !refused.has(one)).sort();
  const add = own.filter(one => members?.has(one) !== true);
  const stays = new Set(own);
  const remove = [...(members ?? [])]
    .filter(one => !stays.has(one) && (elsewhere.has(one) || (!instances.has(one) && mayLeave(one))))
    .sort();
  return { insert: members === undefined && add.length > 0, add, remove };
}
