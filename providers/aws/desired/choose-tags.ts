import type { LoadBalancer, Warning } from '../../../src/provider/provider.ts';
import { annotationKey } from '../annotations/annotation-table.ts';
import { ownershipTags } from '../model/tags.ts';

export interface TagsInput {
  readonly loadBalancer: Pick<LoadBalancer, 'cluster' | 'service'>;
  /** A Service's; none of them marks ownership: see `tagFault`. */
  readonly asked: Readonly<Record<string, string>>;
  readonly operator: Readonly<Record<string, string>>;
}

export interface TagChoice {
  readonly tags: Readonly<Record<string, string>>;
  readonly warnings: readonly Warning[];
  readonly faults: readonly string[];
}

/** AWS takes 50; the balancer's id and the role of a part are added where the part is made. */
const mostTags = 48;

/** On every part: the Service's tags, under the operator's, under the marks of ownership. Pure. */
export function chooseTags({ loadBalancer, asked, operator }: TagsInput): TagChoice {
  const tags = { ...asked, ...operator, ...ownershipTags(loadBalancer.cluster, loadBalancer.service) };
  const lost = Object.keys(asked).filter(key => Object.hasOwn(operator, key) && operator[key] !== asked[key]);
  const count = Object.keys(tags).length;
  return {
    tags: Object.fromEntries(Object.entries(tags).toSorted(([one], [other]) => (one < other ? -1 : 1))),
    warnings:
      lost.length === 0
        ? []
        : [
            {
              reason: 'AnnotationWithoutEffect',
              message: `${annotationKey('tags')}: the operator has set ${lost.join(', ')} otherwise`,
            },
          ],
    faults:
      count <= mostTags ? [] : [`${annotationKey('tags')}: ${count - mostTags} tags too many: AWS takes 50 with ours`],
  };
}
