import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flag, listOf, parseMap, textLike, wholeNumber } from '../../../../providers/aws/annotations/value-syntax.ts';
import { oneOf } from '../../../../src/provider/adapter/value-syntax.ts';

describe('a map', () => {
  test.each([
    ['is pairs, trimmed', 'a=1, b = 2 ', { a: '1', b: '2' }],
    ['is nothing when empty', '', {}],
    ['drops empty entries', ',a=1,,', { a: '1' }],
    ['divides at the first =', 'a=b=c', { a: 'b=c' }],
    ['has empty values', 'a=', { a: '' }],
    ['keeps what is in quotes', '"a,b"=" c=d, ",e=1', { 'a,b': ' c=d, ', e: '1' }],
    ['takes a quoted quote', '"a\\"b"=1', { 'a"b': '1' }],
    ['takes what follows a backslash', 'a\\,b=c\\=d', { 'a,b': 'c=d' }],
    ['leaves a quote inside a value alone', 'a=5" disk,b=1', { a: '5" disk', b: '1' }],
    [
      'may have any key',
      '__proto__=1,constructor=2',
      Object.fromEntries([
        ['__proto__', '1'],
        ['constructor', '2'],
      ]),
    ],
  ])('%s', (_row, text, value) => {
    expect(parseMap(text)).toEqual({ value });
  });

  test.each([
    ['a pair without =', 'a=1,b', '"b" is no key=value'],
    ['an empty key', '=1', '"=1" has no key'],
    ['a key twice', 'a=1,a=2', 'the key "a" is there twice'],
    ['an open quote', 'a="1', 'the quotes in "a=\\"1" do not fit'],
    ['something behind a quote', 'a="1"2', 'the quotes in "a=\\"1\\"2" do not fit'],
  ])('with %s is none', (_row, text, fault) => {
    expect(parseMap(text)).toEqual({ fault });
  });

  test('of whatever is read back as it was', () => {
    const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
    const key = fc.string({ unit: 'binary', minLength: 1 }).filter(text => text !== '');
    fc.assert(
      fc.property(fc.dictionary(key, fc.string({ unit: 'binary' }), { maxKeys: 8 }), entries => {
        const text = Object.entries(entries).map(([one, value]) => `${quoted(one)}=${quoted(value)}`);
        expect(parseMap(text.join(','))).toEqual({ value: { ...entries } });
      }),
    );
  });
});

test.each(['true', 'True', 'TRUE', 't', 'T', '1'])('%s is true', text => {
  expect(flag.parse(text)).toEqual({ value: true });
});

test.each(['false', 'False', 'FALSE', 'f', 'F', '0'])('%s is false', text => {
  expect(flag.parse(text)).toEqual({ value: false });
});

test.each(['yes', 'on', 'tRUE', '', '2'])('%j is no flag', text => {
  expect(flag.parse(text)).toHaveProperty('fault');
});

test.each([
  ['5', 5],
  ['300', 300],
  ['007', 7],
])('%s is a number from 5 to 300', (text, value) => {
  expect(wholeNumber(5, 300).parse(text)).toEqual({ value });
});

test.each(['4', '301', '1e2', '0x10', '-5', '5.0', ' 5', '99999999999999999999', ''])('%j is none', text => {
  expect(wholeNumber(5, 300).parse(text)).toEqual({
    fault: `${JSON.stringify(text)} is no whole number from 5 to 300`,
  });
});

test('a list is trimmed, without empty entries, each once', () => {
  expect(listOf(textLike(/^[a-z]$/, 'letter'), 3).parse(' a, b,,a ,c')).toEqual({ value: ['a', 'b', 'c'] });
});

test('a list names its bad entry, and has an end', () => {
  const letters = listOf(textLike(/^[a-z]$/, 'letter'), 3);
  expect(letters.parse('a,bb')).toEqual({ fault: '"bb" is no letter' });
  expect(letters.parse('a,b,c,d')).toEqual({ fault: '4 entries are too many: at most 3' });
});

test('one of some words is written exactly so', () => {
  expect(oneOf(['internal']).parse('Internal')).toEqual({ fault: '"Internal" is not one of internal' });
});
