import { expect, test } from 'vitest';
import { chooseInterface, placeOf } from '../../../../providers/bare-metal/announcing/place-address.ts';

const place = (name: string, index: number, ...subnets: readonly string[]) =>
  placeOf({ name, index, mac: '02:00:00:00:00:01', mtu: 1_500, subnets, gateways: [] });
const places = [
  place('wan0', 2, '192.0.2.7/24', '2001:db8::7/64'),
  place('lan0', 3, '10.0.0.7/8', '192.0.2.129/25'),
  place('lan1', 4, '10.0.0.8/8'),
  place('bare0', 5),
];

test.each<[string, string, readonly string[] | undefined, string | undefined]>([
  ['the one whose subnet has it', '192.0.2.9', undefined, 'wan0'],
  ['IPv6 too', '2001:db8::9', undefined, 'wan0'],
  ['the longest prefix', '192.0.2.200', undefined, 'lan0'],
  ['one of two on the same segment', '10.9.9.9', undefined, 'lan0'],
  ['none where no subnet has it', '198.51.100.1', undefined, undefined],
  ['none of the other family', '2001:db9::1', undefined, undefined],
  ['of those that are named', '10.9.9.9', ['lan1', 'wan0'], 'lan1'],
  ['a named one, although its subnets have it not', '198.51.100.1', ['bare0'], 'bare0'],
  ['the first of the named that is there', '198.51.100.1', ['gone0', 'lan1', 'wan0'], 'lan1'],
  ['none where none of the named is there', '192.0.2.9', ['gone0'], undefined],
])('%s', (_row, address, interfaces, chosen) => {
  expect(chooseInterface({ address, ...(interfaces === undefined ? {} : { interfaces }) }, places)).toBe(chosen);
});
