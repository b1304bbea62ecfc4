import { expect, test } from 'vitest';
import { allowedAnnotation } from '../../src/config/allowed-annotation.ts';

test.each([
  ['team-a:example.com/size', { namespace: 'team-a', annotation: 'example.com/size' }],
  ['*:example.com/aws-*', { namespace: '*', annotation: 'example.com/aws-*' }],
])('reads %s', (given, expected) => {
  expect(allowedAnnotation.read(given)).toEqual(expected);
});

test.each([
  ['no namespace', 'example.com/size'],
  ['a pattern of all prefixes', 'team-a:*'],
  ['a star in the middle', 'team-a:example.com/*-size'],
  ['adoption by name', 'team-a:fairlead.dev/adopt'],
  ['adoption by pattern', 'team-a:fairlead.dev/*'],
  ['abandoning by pattern', '*:fairlead.dev/aba*'],
  ['a bad namespace', 'Team:example.com/size'],
])('refuses %s', (_row, given) => {
  expect(() => allowedAnnotation.read(given)).toThrow(/: (?:write|use) /);
});
