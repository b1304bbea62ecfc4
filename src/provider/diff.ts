/** What has to happen to make `observed` equal `desired`. Each list keeps the order of its input. */
export interface Diff<Desired, Observed> {
  readonly create: readonly Desired[];
  readonly update: readonly { readonly desired: Desired; readonly observed: Observed }[];
  readonly remove: readonly Observed[];
}

export interface DiffRules<Desired, Observed> {
  desiredKey(desired: Desired): string;
  observedKey(observed: Observed): string;
  same(desired: Desired, observed: Observed): boolean;
}

/**
 * Compares two lists by key. Pure.
 *
 * | in desired | in observed | same | →      |
 * |------------|-------------|------|--------|
 * | yes        | no          |      | create |
 * | yes        | yes         | yes  |        |
 * | yes        | yes         | no   | update |
 * | no         | yes         |      | remove |
 *
 * A second observed entry under one key is a leftover and is removed; two desired entries under one key are a fault of the caller and throw.
 */
export function diffByKey<Desired, Observed>(
  desired: readonly Desired[],
  observed: readonly Observed[],
  rules: DiffRules<Desired, Observed>,
): Diff<Desired, Observed> {
  const found = new Map<string, Observed>();
  const remove: Observed[] = [];
  const wanted = new Set<string>();
  for (const one of desired) {
    const key = rules.desiredKey(one);
    if (wanted.has(key)) throw new Error(`two desired entries under one key: ${key}`);
    wanted.add(key);
  }
  for (const one of observed) {
    const key = rules.observedKey(one);
    if (!wanted.has(key) || found.has(key)) remove.push(one);
    else found.set(key, one);
  }
  const create: Desired[] = [];
  const update: { desired: Desired; observed: Observed }[] = [];
  for (const one of desired) {
    const match = found.get(rules.desiredKey(one));
    if (match === undefined) create.push(one);
    else if (!rules.same(one, match)) update.push({ desired: one, observed: match });
  }
  return { create, update, remove };
}
