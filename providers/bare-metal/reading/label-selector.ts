export type Labels = Readonly<Record<string, string>>;

/** A `LabelSelector` of the Kubernetes API. */
export interface LabelSelector {
  /** One spelling for equal selectors: what is worked out for one can be kept under it. */
  readonly text: string;
  matches(labels: Labels): boolean;
}

interface Requirement {
  readonly text: string;
  readonly holds: (labels: Labels) => boolean;
}

const mostRequirements = 100;
const longestText = 320;

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= longestText;
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length <= mostRequirements && value.every(isText);

/**
 * Reads `matchLabels` and `matchExpressions`
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/). Pure; undefined where it cannot be read: a
 * selector that is half understood would match too much. An empty one matches everything.
 *
 * | operator         | holds when                           |
 * |------------------|--------------------------------------|
 * | In               | the label is one of the values       |
 * | NotIn            | it is none of them, or absent        |
 * | Exists           | it is there                          |
 * | DoesNotExist     | it is not                            |
 */
export function parseLabelSelector(value: unknown): LabelSelector | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { matchLabels = {}, matchExpressions = [], ...others } = value as Record<string, unknown>;
  if (Object.keys(others).length > 0 || typeof matchLabels !== 'object' || matchLabels === null) return undefined;
  if (!Array.isArray(matchExpressions)) return undefined;
  const equalities = Object.entries(matchLabels).map(([key, one]) => ({ key, operator: 'In', values: [one] }));
  const all = [...equalities, ...(matchExpressions as readonly unknown[])];
  if (all.length > mostRequirements) return undefined;
  const requirements = all.map(parseRequirement);
  return requirements.every(one => one !== undefined) ? selectorOf(requirements) : undefined;
}

function parseRequirement(expression: unknown): Requirement | undefined {
  if (typeof expression !== 'object' || expression === null) return undefined;
  const { key, operator, values = [] } = expression as Record<string, unknown>;
  if (!isText(key) || key === '' || !isTexts(values)) return undefined;
  const needsValues = operator === 'In' || operator === 'NotIn';
  if (needsValues !== values.length > 0) return undefined;
  const isOneOf = (labels: Labels): boolean => Object.hasOwn(labels, key) && values.includes(labels[key] ?? '');
  const list = JSON.stringify(values.toSorted());
  switch (operator) {
    case 'In':
      return { text: `${key} in ${list}`, holds: isOneOf };
    case 'NotIn':
      return { text: `${key} notin ${list}`, holds: labels => !isOneOf(labels) };
    case 'Exists':
      return { text: key, holds: labels => Object.hasOwn(labels, key) };
    case 'DoesNotExist':
      return { text: `!${key}`, holds: labels => !Object.hasOwn(labels, key) };
    default:
      return undefined;
  }
}

function selectorOf(requirements: readonly Requirement[]): LabelSelector {
  const text = requirements
    .map(one => one.text)
    .toSorted()
    .join(',');
  return { text, matches: labels => requirements.every(one => one.holds(labels)) };
}
