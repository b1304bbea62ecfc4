import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLabelSelector } from '../../../../providers/bare-metal/reading/label-selector.ts';

const expression = (key: string, operator: string, values?: readonly string[]) => ({
  matchExpressions: [{ key, operator, ...(values === undefined ? {} : { values }) }],
});

describe('a label selector', () => {
  test.each<[unknown, Record<string, string>, boolean]>([
    [{}, {}, true],
    [{ matchLabels: { a: 'b' } }, { a: 'b', c: 'd' }, true],
    [{ matchLabels: { a: 'b' } }, { a: 'c' }, false],
    [{ matchLabels: { a: '' } }, {}, false],
    [expression('a', 'In', ['b', 'c']), { a: 'c' }, true],
    [expression('a', 'In', ['b', 'c']), {}, false],
    [expression('a', 'NotIn', ['b']), { a: 'b' }, false],
    [expression('a', 'NotIn', ['b']), {}, true],
    [expression('a', 'Exists'), { a: '' }, true],
    [expression('a', 'Exists'), {}, false],
    [expression('a', 'DoesNotExist', []), {}, true],
    [expression('a', 'DoesNotExist'), { a: '' }, false],
    [expression('toString', 'Exists'), {}, false],
    [{ matchLabels: { a: 'b' }, ...expression('c', 'Exists') }, { a: 'b' }, false],
  ])('%j on %j: %s', (selector, labels, matches) => {
    expect(parseLabelSelector(selector)?.matches(labels)).toBe(matches);
  });

  test.each<[unknown]>([
    [undefined],
    [null],
    ['a=b'],
    [[]],
    [{ matchLabel: { a: 'b' } }],
    [{ matchLabels: { a: 1 } }],
    [{ matchLabels: 'a' }],
    [{ matchExpressions: {} }],
    [expression('a', 'In')],
    [expression('a', 'In', [])],
    [expression('a', 'Exists', ['b'])],
    [expression('', 'Exists')],
    [expression('a', 'Gt', ['1'])],
    [{ matchExpressions: [null] }],
    [{ matchExpressions: Array.from({ length: 101 }, () => ({ key: 'a', operator: 'Exists' })) }],
  ])('%j is none', selector => {
    expect(parseLabelSelector(selector)).toBeUndefined();
  });

  test('has one spelling', () => {
    const one = parseLabelSelector({ matchLabels: { b: '2', a: '1' } });
    const other = parseLabelSelector({
      matchExpressions: [{ key: 'a', operator: 'In', values: ['1'] }],
      matchLabels: { b: '2' },
    });
    expect(one?.text).toBe(other?.text);
  });

  test('whatever is given, nothing is thrown', () => {
    fc.assert(fc.property(fc.anything(), value => parseLabelSelector(value) !== null));
    expect(parseLabelSelector({ matchLabels: JSON.parse('{"__proto__":"x"}') as unknown })?.matches({})).toBe(false);
  });
});
