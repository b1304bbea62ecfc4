import { expect, test } from 'vitest';
import { byIdOrName, zoneTypeOf } from '../../../../../providers/aws/desired/place/subnet-tags.ts';
import { subnet } from '../../samples.ts';

test.each([
  ['us-west-2a', 'availability-zone'],
  ['us-gov-east-1b', 'availability-zone'],
  ['us-west-2-lax-1a', 'local-zone'],
  ['us-east-1-wl1-bos-wlz-1', 'wavelength-zone'],
])('%s is a %s', (zone, type) => {
  expect(zoneTypeOf(subnet('s', zone, '10.0.0.0/24'))).toBe(type);
});

test('what AWS says of a zone goes before its name', () => {
  expect(zoneTypeOf(subnet('s', 'us-west-2a', '10.0.0.0/24', {}, { zoneType: 'local-zone' }))).toBe('local-zone');
});

test('an id goes before a Name', () => {
  const all = [subnet('s1', 'z', 'c', { Name: 's2' }), subnet('s2', 'z', 'c')];
  expect(byIdOrName(all, 's2').map(one => one.id)).toEqual(['s2']);
});
