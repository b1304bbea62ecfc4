import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { everything, narrowed, parseLabelSelector } from '../../src/plan/label-selector.ts';

type Labels = Readonly<Record<string, string>>;

function matches(text: string, labels: Labels): boolean | undefined {
  return parseLabelSelector(text)?.matches(labels);
}

describe('a requirement', () => {
  const rows: readonly {
    readonly text: string;
    readonly holds: readonly Labels[];
    readonly fails: readonly Labels[];
  }[] = [
    { text: '', holds: [{}, { a: 'b' }], fails: [] },
    { text: '  ', holds: [{}], fails: [] },
    { text: 'a=b', holds: [{ a: 'b' }, { a: 'b', c: 'd' }], fails: [{}, { a: 'c' }, { a: '' }] },
    { text: 'a==b', holds: [{ a: 'b' }], fails: [{ a: 'c' }] },
    { text: ' a = b ', holds: [{ a: 'b' }], fails: [{ a: 'c' }] },
    { text: 'a=', holds: [{ a: '' }], fails: [{}, { a: 'b' }] },
    { text: 'a!=b', holds: [{}, { a: 'c' }], fails: [{ a: 'b' }] },
    { text: 'a in (b,c)', holds: [{ a: 'b' }, { a: 'c' }], fails: [{}, { a: 'd' }] },
    { text: 'a in ( b , c )', holds: [{ a: 'c' }], fails: [{ a: ' c ' }] },
    { text: 'a in(b)', holds: [{ a: 'b' }], fails: [{}] },
    { text: 'a notin(b)', holds: [{}], fails: [{ a: 'b' }] },
    { text: 'a in ()', holds: [{ a: '' }], fails: [{}, { a: 'b' }] },
    { text: 'a notin (b,c)', holds: [{}, { a: 'd' }], fails: [{ a: 'b' }, { a: 'c' }] },
    { text: 'a', holds: [{ a: '' }, { a: 'b' }], fails: [{}] },
    { text: '!a', holds: [{}, { b: '' }], fails: [{ a: '' }] },
    { text: '! a', holds: [{}], fails: [{ a: '' }] },
    { text: 'in in (in,notin)', holds: [{ in: 'notin' }], fails: [{}] },
    { text: 'node-role.kubernetes.io/ingress', holds: [{ 'node-role.kubernetes.io/ingress': '' }], fails: [{}] },
    { text: 'a=b,c in (d,e),!f', holds: [{ a: 'b', c: 'e' }], fails: [{ a: 'b' }, { a: 'b', c: 'd', f: '' }] },
    // Names that every object has by inheritance.
    { text: 'constructor', holds: [{ constructor: 'x' }], fails: [{}] },
    { text: '!toString', holds: [{}], fails: [{ toString: 'x' }] },
    { text: 'valueOf!=x', holds: [{}], fails: [{ valueOf: 'x' }] },
    { text: 'constructor in ()', holds: [{ constructor: '' }], fails: [{}] },
  ];

  test.each(rows)('$text', ({ text, holds, fails }) => {
    expect(holds.map(labels => matches(text, labels))).toEqual(holds.map(() => true));
    expect(fails.map(labels => matches(text, labels))).toEqual(fails.map(() => false));
  });

  const unreadable = [
    ',',
    'a,',
    ',a',
    'a in (',
    'a in b',
    'a in (b',
    'a in b)',
    'a in (b) c',
    'a in ((b))',
    'a=b=c',
    'a>1',
    '!a=b',
    '!',
    '!!a',
    '=b',
    'a b',
    '-a',
    'a-',
    'a=-b',
    'a in (b c)',
    'a=b\u0000',
    'ä=b',
    `a=${'b'.repeat(64)}`,
    `a in (${'b'.repeat(64)})`,
    `${'a,'.repeat(1_000)}a`,
  ];

  test.each(unreadable)('%j cannot be read', text => {
    expect(parseLabelSelector(text)).toBeUndefined();
  });
});

// A regular expression that backtracks without bound would hang here until the test's own time is over.
describe('hostile texts of the greatest length that is read', () => {
  const fill = (unit: string, end = ''): string => unit.repeat(Math.floor((2_000 - end.length) / unit.length)) + end;
  const rows = [
    fill('a'),
    fill('a', '!'),
    fill('a.'),
    fill('a/', '('),
    fill('-'),
    fill(' '),
    fill(' ', 'a'),
    fill('a '),
    fill('!'),
    fill('='),
    fill('('),
    fill(')'),
    fill(','),
    fill(',('),
    fill(',)'),
    fill('(,'),
    fill('a,', '('),
    fill('a,', ')'),
    fill('a=b,', 'a in ('),
    fill('a in (b),', '('),
    `a in (${fill('b,').slice(0, 1_990)}`,
    `a in (${fill(' ').slice(0, 1_990)}`,
    `a${fill(' ').slice(0, 1_990)}in`,
    `a${fill('\t\n').slice(0, 1_990)}=`,
  ];

  test.each(rows)('%# are answered', text => {
    expect(text.length).toBeLessThanOrEqual(2_000);
    const first = parseLabelSelector(text);
    for (let times = 0; times < 50; times++) expect(parseLabelSelector(text)?.text).toBe(first?.text);
  });

  test('of any mixture are answered, and what is read matches without a throw', () => {
    const unit = fc.constantFrom(
      'a',
      'b',
      '-',
      '.',
      '/',
      ' ',
      '\t',
      ',',
      '(',
      ')',
      '!',
      '=',
      'in',
      'notin',
      ' in (',
      ' notin (',
      '))',
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 1_000 }), parts => {
        const selector = parseLabelSelector(parts.join(''));
        expect([true, false, undefined]).toContain(selector?.matches({ a: 'b' }));
      }),
      { numRuns: 500 },
    );
  });
});

interface Requirement {
  readonly label: string;
  readonly operator: '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!';
  readonly values: readonly [string, ...string[]];
}

const label = fc.constantFrom('a', 'b', 'x.example/c');
const value = fc.constantFrom('', '1', 'two', 'a-b');
const requirement: fc.Arbitrary<Requirement> = fc.record({
  label,
  operator: fc.constantFrom('=', '==', '!=', 'in', 'notin', 'exists', '!'),
  values: fc.tuple(value, value, value),
});
const labels: fc.Arbitrary<Labels> = fc.dictionary(label, value, { noNullPrototype: true });

function written({ label: name, operator, values }: Requirement, space: string): string {
  if (operator === 'exists') return name;
  if (operator === '!') return `!${space}${name}`;
  if (operator === 'in' || operator === 'notin') return `${name} ${operator} (${values.join(`${space},`)})`;
  return `${name}${space}${operator}${space}${values[0]}`;
}

/** The documented meaning, once more. */
function meant({ label: name, operator, values }: Requirement, given: Labels): boolean {
  const has = given[name];
  switch (operator) {
    case 'exists':
      return has !== undefined;
    case '!':
      return has === undefined;
    case 'in':
      return has !== undefined && values.includes(has);
    case 'notin':
      return has === undefined || !values.includes(has);
    case '!=':
      return has !== values[0];
    default:
      return has === values[0];
  }
}

describe('a selector', () => {
  test('holds when each of its requirements does', () => {
    fc.assert(
      fc.property(
        fc.array(requirement, { maxLength: 4 }),
        fc.constantFrom('', ' ', '\t '),
        labels,
        (requirements, space, given) => {
          const text = requirements.map(one => written(one, space)).join(`${space},${space}`);
          expect(matches(text, given)).toBe(requirements.every(one => meant(one, given)));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('has one text, whatever the order of its requirements and values', () => {
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), labels, (requirements, given) => {
        const selector = parseLabelSelector(requirements.map(one => written(one, '')).join(','));
        const [first, ...more] = requirements;
        const turned = [...more.toReversed(), ...(first === undefined ? [] : [first])].map(one => {
          const [a, ...others] = one.values;
          return one.operator === 'in' || one.operator === 'notin'
            ? { ...one, values: [...others.toReversed(), a] as const }
            : one;
        });
        const other = parseLabelSelector(
          turned.map(one => written({ ...one, values: one.values as [string, ...string[]] }, ' ')).join(','),
        );
        expect(other?.text).toBe(selector?.text);
        expect(parseLabelSelector(selector?.text ?? '')?.matches(given)).toBe(selector?.matches(given));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a Service’s selector', () => {
  test('narrows the operator’s and never widens it', () => {
    fc.assert(
      fc.property(
        fc.array(requirement, { maxLength: 2 }),
        fc.array(requirement, { maxLength: 2 }),
        labels,
        (operator, own, given) => {
          const [one, other] = [operator, own].map(
            list => parseLabelSelector(list.map(each => written(each, '')).join(',')) ?? everything,
          );
          const both = narrowed(one ?? everything, other ?? everything);
          expect(both.matches(given)).toBe(
            operator.every(each => meant(each, given)) && own.every(each => meant(each, given)),
          );
          // Sets of backends are shared under the text: two selectors of one text must mean the same.
          expect(parseLabelSelector(both.text)?.matches(given)).toBe(both.matches(given));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('that is empty shares the operator’s set', () => {
    const operator = parseLabelSelector('a=b') ?? everything;
    expect(narrowed(operator, everything)).toBe(operator);
    expect(narrowed(everything, operator)).toBe(operator);
  });
});
