/** Under which terms a Service lets others have its address too. */
export interface SharingTerms {
  /** Empty: with nobody. */
  readonly key: string;
  /** Whose pods get the traffic, where the announcing node's own must: empty under externalTrafficPolicy Cluster. */
  readonly backends: string;
  /** `TCP/80`, … */
  readonly ports: readonly string[];
}

/**
 * Why two Services cannot have one address, for people; undefined: they can. The rules are MetalLB's. Pure.
 *
 * | keys                 | backends (policy Local: the selectors) | protocol and port | →               |
 * |----------------------|----------------------------------------|-------------------|-----------------|
 * | one has none         |                                        |                   | cannot          |
 * | unequal              |                                        |                   | cannot          |
 * | equal                | unequal                                |                   | cannot          |
 * | equal                | equal                                  | one in common     | cannot          |
 * | equal                | equal                                  | none in common    | can             |
 */
export function whyNotShared(one: SharingTerms, other: SharingTerms): string | undefined {
  if (one.key === '' || other.key === '') return 'it is not shared by both';
  if (one.key !== other.key) return 'its sharing keys differ';
  if (one.backends !== other.backends)
    return 'under externalTrafficPolicy Local only Services with the same selector can share';
  const port = one.ports.find(each => other.ports.includes(each));
  return port === undefined ? undefined : `both have the port ${port}`;
}
