import { invalid } from '../world/api-error.ts';
import type { Fields } from '../world/store.ts';

type Test = (fields: Fields) => boolean;

const comparison = /^([A-Za-z][\w.]*)\s*(=|!=|:|\beq\b|\bne\b)\s*("(?:[^"\\]|\\.)*"|[^\s()"]+)$/;

/**
 * The `filter` of list requests, as much of it as is in use: comparisons, each in brackets or not, joined by AND or OR but not by both. Pure.
 *
 * | text                     | means                                                   |
 * |--------------------------|---------------------------------------------------------|
 * | `name = a`, `!=`         | the whole text                                          |
 * | `name : a*`              | contains; with an asterisk begins with                  |
 * | `name eq "fl-.*"`, `ne`  | a regular expression for the whole text                 |
 * | `labels.owner = a`       | a field within a field                                  |
 * | `(a = 1) (b = 2)`        | both                                                    |
 */
export function parseFilter(text: string): Test {
  const trimmed = text.trim();
  if (trimmed === '') return () => true;
  const parts = splitOutside(trimmed);
  const joins = parts.filter(part => part === 'AND' || part === 'OR');
  if (new Set(joins).size > 1)
    throw invalid(`Invalid value for field 'filter': '${text}'. AND and OR cannot be mixed without brackets.`);
  const tests = parts.filter(part => part !== 'AND' && part !== 'OR').map(part => parseOne(part, text));
  return joins[0] === 'OR' ? fields => tests.some(test => test(fields)) : fields => tests.every(test => test(fields));
}

/** Comparisons and the words between them; brackets and quotes hold together. */
function splitOutside(text: string): readonly string[] {
  if (/[()]/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, '')))
    return text.match(/\((?:"(?:[^"\\]|\\.)*"|[^()"])*\)|AND|OR|[^\s()]+/g) ?? [];
  return text.split(/\s+(AND|OR)\s+/);
}

function parseOne(part: string, whole: string): Test {
  const inner = part.startsWith('(') && part.endsWith(')') ? part.slice(1, -1).trim() : part.trim();
  const [, field = '', operator = '', value = ''] = comparison.exec(inner) ?? [];
  if (field === '') throw invalid(`Invalid value for field 'filter': '${whole}'. Invalid list filter expression.`);
  const wanted = value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
  const matches = matcherOf(operator, wanted);
  const negated = operator === '!=' || operator === 'ne';
  return fields => matches(valueOf(fields, field)) !== negated;
}

function matcherOf(operator: string, wanted: string): (text: string) => boolean {
  if (operator === 'eq' || operator === 'ne') {
    const pattern = new RegExp(`^(?:${wanted})$`);
    return text => pattern.test(text);
  }
  if (operator !== ':') return text => text === wanted;
  return wanted.endsWith('*') ? text => text.startsWith(wanted.slice(0, -1)) : text => text.includes(wanted);
}

function valueOf(fields: Fields, name: string): string {
  let value: unknown = fields;
  for (const part of name.split('.'))
    value = typeof value === 'object' && value !== null ? (value as Fields)[part] : undefined;
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
