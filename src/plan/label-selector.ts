type Labels = Readonly<Record<string, string>>;

export interface LabelSelector {
  /** One spelling for equal selectors: the key under which their result is shared. */
  readonly text: string;
  matches(labels: Labels): boolean;
}

interface Requirement {
  readonly text: string;
  readonly holds: (labels: Labels) => boolean;
}

const name = '[A-Za-z0-9](?:[-A-Za-z0-9_./]{0,315}[A-Za-z0-9])?';
const value = '(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?';
const setBased = new RegExp(`^(${name})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const equality = new RegExp(`^(${name})\\s*(==|=|!=)\\s*(${value})$`);
const existence = new RegExp(`^(!?)\\s*(${name})$`);
const valueOnly = new RegExp(`^${value}$`);

/** Tenants write selectors: longer ones are refused unread. */
const longest = 2_000;

/**
 * Reads Kubernetes' selector syntax (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors). Pure;
 * undefined where it cannot be read. An empty text matches everything.
 *
 * | requirement          | holds when                                  |
 * |----------------------|---------------------------------------------|
 * | `a=b`, `a==b`        | label a is b                                |
 * | `a!=b`               | label a is not b, or absent                 |
 * | `a in (b,c)`         | label a is b or c                           |
 * | `a notin (b,c)`      | label a is neither, or absent               |
 * | `a`, `!a`            | label a is present, absent                  |
 */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  if (text.length > longest) return undefined;
  const requirements: Requirement[] = [];
  for (const part of splitOutsideParentheses(text)) {
    const requirement = parseRequirement(part);
    if (requirement === undefined) return undefined;
    requirements.push(requirement);
  }
  return selectorOf(requirements);
}

/** Both must match: a Service's selector narrows the operator's and never widens it. */
export function narrowed(operator: LabelSelector, service: LabelSelector): LabelSelector {
  if (service.text === '') return operator;
  if (operator.text === '') return service;
  return {
    text: `${operator.text},${service.text}`,
    matches: labels => operator.matches(labels) && service.matches(labels),
  };
}

export const everything: LabelSelector = { text: '', matches: () => true };

function selectorOf(requirements: readonly Requirement[]): LabelSelector {
  const text = requirements
    .map(one => one.text)
    .toSorted()
    .join(',');
  return { text, matches: labels => requirements.every(one => one.holds(labels)) };
}

function splitOutsideParentheses(text: string): readonly string[] {
  if (text.trim() === '') return [];
  return text.split(/,(?![^(]*\))/).map(part => part.trim());
}

function parseRequirement(part: string): Requirement | undefined {
  return parseSet(part) ?? parseEquality(part) ?? parseExistence(part);
}

function parseSet(part: string): Requirement | undefined {
  const [, label, operator, list] = setBased.exec(part) ?? [];
  if (label === undefined || operator === undefined || list === undefined) return undefined;
  const values = list.split(',').map(one => one.trim());
  if (!values.every(one => valueOnly.test(one))) return undefined;
  const wanted = operator === 'in';
  return {
    text: `${label} ${operator} (${values.toSorted().join(',')})`,
    holds: labels => (Object.hasOwn(labels, label) && values.includes(labels[label] ?? '')) === wanted,
  };
}

function parseEquality(part: string): Requirement | undefined {
  const [, label, operator, wanted] = equality.exec(part) ?? [];
  if (label === undefined || wanted === undefined) return undefined;
  const equal = operator !== '!=';
  return {
    text: `${label}${equal ? '=' : '!='}${wanted}`,
    holds: labels => (Object.hasOwn(labels, label) && labels[label] === wanted) === equal,
  };
}

function parseExistence(part: string): Requirement | undefined {
  const [, not, label] = existence.exec(part) ?? [];
  if (label === undefined) return undefined;
  return { text: `${not}${label}`, holds: labels => Object.hasOwn(labels, label) === (not === '') };
}
