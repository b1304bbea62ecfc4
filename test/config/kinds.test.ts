import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dnsLabel,
  duration,
  labelSelector,
  listenAddress,
  portRange,
  printDuration,
  wholeNumber,
} from '../../src/config/kinds.ts';
import { InvalidValue } from '../../src/config/option.ts';

const day = 86_400_000;

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
  ])('%s', (given, ms) => {
    expect(duration(0, day).read(given)).toBe(ms);
  });

  test.each(['', '10', 'm', '-1s', '1.5s', '10 m', '1d', '25h'])('%j is refused', given => {
    expect(() => duration(0, day).read(given)).toThrow(InvalidValue);
  });

  test('what is printed is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: day }), ms => {
        expect(duration(0, day).read(printDuration(ms))).toBe(ms);
      }),
    );
  });
});

test.each([
  [':8080', { port: 8080 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  ['localhost:9', { host: 'localhost', port: 9 }],
])('listens on %s, and prints it the same way', (given, expected) => {
  expect(listenAddress.read(given)).toEqual(expected);
  expect(listenAddress.print(expected)).toBe(given);
});

test.each([
  ['a whole number', wholeNumber(1, 10), ['0', '11', '1.0', '', '1e1', ' 1']],
  ['a port range', portRange, ['0-10', '10-9', '1-65536', '30000', 'a-b', '1 - 2']],
  ['an address', listenAddress, ['8080', '::1:80', ':65536', 'host', '']],
  ['a name', dnsLabel('<name>'), ['A', '-a', 'a-', 'a.b', '', 'x'.repeat(64)]],
  ['a selector', labelSelector, ['a in', 'a=b=c', 'a in (b', '=']],
] as const)('%s: refuses what is not one', (_row, kind, texts) => {
  for (const text of texts) expect(() => kind.read(text)).toThrow(InvalidValue);
});

test('bounds are inclusive', () => {
  expect([wholeNumber(1, 10).read('1'), wholeNumber(1, 10).read('10')]).toEqual([1, 10]);
  expect(portRange.read('1-65535')).toEqual({ first: 1, last: 65_535 });
  expect(dnsLabel('<name>', 3).read('abc')).toBe('abc');
});
