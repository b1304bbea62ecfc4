import type { Capabilities, Warning } from '../provider/provider.ts';
import { annotations } from './words.ts';

/** What the operator lets tenants ask for. */
export interface AnnotationPolicy {
  /** `standard`: all of a provider's annotations but its restricted ones. `strict`: none but those released. */
  readonly preset: 'standard' | 'strict';
  readonly released: readonly Release[];
}

/** One annotation, or with a trailing `*` all that begin so, for one namespace or with `*` for all. */
export interface Release {
  readonly namespace: string;
  readonly annotation: string;
}

export interface AllowedAnnotations {
  readonly allowed: Readonly<Record<string, string>>;
  readonly refused: readonly Warning[];
}

/**
 * The annotations that reach the provider, sorted by key. Pure.
 *
 * | annotation                            | standard | strict  |
 * |---------------------------------------|----------|---------|
 * | without a prefix of the provider's    | dropped  | dropped |
 * | released by the operator              | allowed  | allowed |
 * | restricted by the provider            | refused  | refused |
 * | any other of the provider's           | allowed  | refused |
 */
export function allowedAnnotations(
  given: Readonly<Record<string, string>>,
  namespace: string,
  capabilities: Capabilities,
  policy: AnnotationPolicy,
): AllowedAnnotations {
  const allowed: Record<string, string> = {};
  const refused: Warning[] = [];
  for (const key of Object.keys(given).toSorted()) {
    if (!capabilities.annotationPrefixes.some(prefix => key.startsWith(prefix))) continue;
    const open = policy.preset === 'standard' && !(capabilities.restrictedAnnotations ?? []).includes(key);
    if (open || isReleased(key, namespace, policy)) allowed[key] = given[key] ?? '';
    else
      refused.push({
        reason: 'AnnotationRefused',
        message: `annotation ${key} is not allowed for namespace ${namespace}: ask the operator for --allow-annotation`,
      });
  }
  return { allowed, refused };
}

/** Whether `fairlead.dev/adopt` or `/abandon` is set and the operator lists the namespace: no preset opens them, and no wildcard. */
export function isGranted(
  word: 'adopt' | 'abandon',
  given: Readonly<Record<string, string>>,
  namespace: string,
  policy: AnnotationPolicy,
): boolean {
  const { key } = annotations[word];
  const listed = policy.released.some(release => release.annotation === key && release.namespace === namespace);
  return given[key] === 'true' && listed;
}

export function isReleased(annotation: string, namespace: string, policy: AnnotationPolicy): boolean {
  return policy.released.some(
    release => (release.namespace === '*' || release.namespace === namespace) && covers(release.annotation, annotation),
  );
}

function covers(pattern: string, annotation: string): boolean {
  return pattern.endsWith('*') ? annotation.startsWith(pattern.slice(0, -1)) : annotation === pattern;
}
