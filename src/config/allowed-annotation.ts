import type { Release } from '../plan/annotation-policy.ts';
import { annotations } from '../plan/words.ts';
import { isDnsLabel, quoted, refuse } from './kinds.ts';
import type { Kind } from './option.ts';

const granted = {
  [annotations.adopt.key]: '--allow-adopt',
  [annotations.abandon.key]: '--allow-abandon',
};

/** `namespace:annotation`, e.g. `team-a:service.beta.kubernetes.io/aws-load-balancer-*`. */
export const allowedAnnotation: Kind<Release> = {
  placeholder: '<namespace:annotation>',
  read(given) {
    const [, namespace = '', annotation = ''] = /^([^:]*):([^:\s]+)$/.exec(given) ?? [];
    if (namespace !== '*' && !isDnsLabel(namespace)) {
      return refuse(`${quoted(given)} names no namespace: write namespace:annotation, or *:annotation`);
    }
    // A pattern without a slash would reach over all prefixes, and so open adopt and abandon by accident.
    if (!/^[^/*]+\/[^*]*\*?$/.test(annotation)) {
      return refuse(`${quoted(given)} names no annotation: write prefix/name, or prefix/beginning*`);
    }
    for (const [key, flag] of Object.entries(granted)) {
      if (covers(annotation, key)) refuse(`${quoted(given)} would open ${key}: use ${flag}`);
    }
    return { namespace, annotation };
  },
  print: release => `${release.namespace}:${release.annotation}`,
};

function covers(pattern: string, key: string): boolean {
  return pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern;
}
