import { expect, test } from 'vitest';
import { isInside, placesSeenFrom } from '../../../../../providers/aws/desired/place/inside.ts';

test.each([
  ['10.0.0.255', ['10.0.0.0/24'], true],
  ['10.0.1.0', ['10.0.0.0/24'], false],
  ['10.0.1.0', ['10.0.0.0/24', '10.0.1.0/24'], true],
  ['2001:db8::1', ['2001:db8::/64'], true],
  ['2001:db8:0:1::1', ['2001:db8::/64'], false],
  ['10.0.0.1', ['2001:db8::/64', 'x', '10.0.0.0', '10.0.0.0/33'], false],
  ['x', ['0.0.0.0/0'], false],
])('%s in %j: %s', (address, cidrs, expected) => {
  expect(isInside(address, cidrs)).toBe(expected);
});

test.each([
  ['10.0.0.7', 'inside'],
  ['172.18.0.3', 'outside'],
  ['100.64.0.1', 'outside'],
  ['203.0.113.5', 'nowhere'],
  ['2001:db8::1', 'nowhere'],
])('%s is %s', (address, place) => {
  expect(placesSeenFrom(['10.0.0.0/16'])(address)).toBe(place);
});
