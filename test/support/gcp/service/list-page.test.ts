import { describe, expect, test } from 'vitest';
import { parseFilter } from './filter.ts';
import { pageOf } from './list-page.ts';

const objects = ['fl-a', 'fl-b', 'other'].map((name, n) => ({
  name,
  size: n,
  labels: { owner: name.slice(-1) },
  IPAddress: `198.18.0.${n}`,
}));
const names = (filter: string): readonly string[] => objects.filter(parseFilter(filter)).map(({ name }) => name);

describe('a filter', () => {
  test.each([
    ['nothing: all', '', ['fl-a', 'fl-b', 'other']],
    ['a whole text', 'name = fl-a', ['fl-a']],
    ['another text', 'name != fl-a', ['fl-b', 'other']],
    ['a text in quotes', 'name = "fl-a"', ['fl-a']],
    ['the beginning of a text', 'name:fl-*', ['fl-a', 'fl-b']],
    ['a part of a text', 'name:the', ['other']],
    ['a pattern for the whole text', 'name eq "fl-.*"', ['fl-a', 'fl-b']],
    ['a pattern that fits a part only', 'name eq fl', []],
    ['not a pattern', 'name ne "fl-.*"', ['other']],
    ['a field in a field', 'labels.owner = b', ['fl-b']],
    ['both', 'name:fl-* AND size = 1', ['fl-b']],
    ['both, in brackets', '(name eq "fl-.*") (IPAddress = 198.18.0.0)', ['fl-a']],
    ['either', 'name = other OR size = 0', ['fl-a', 'other']],
  ])('%s', (_row, filter, expected) => {
    expect(names(filter)).toEqual(expected);
  });

  test.each(['name', 'name ~ a', 'a = 1 AND b = 2 OR c = 3', '= a'])('is refused where it is none: %s', filter => {
    expect(() => names(filter)).toThrow('Invalid value for field');
  });
});

describe('pages', () => {
  test('follow one another by their tokens, to the end', () => {
    const first = pageOf(objects, { maxResults: '2' });
    const second = pageOf(objects, { maxResults: '2', pageToken: first.nextPageToken ?? '' });
    expect([...first.items, ...second.items]).toEqual(objects);
    expect(second.nextPageToken).toBeUndefined();
  });

  test('a token belongs to its filter', () => {
    const { nextPageToken = '' } = pageOf(objects, { maxResults: '1', filter: 'name:fl-*' });
    expect(pageOf(objects, { filter: 'name:fl-*', pageToken: nextPageToken }).items).toEqual([objects[1]]);
    expect(() => pageOf(objects, { pageToken: nextPageToken })).toThrow('pageToken');
  });
});
