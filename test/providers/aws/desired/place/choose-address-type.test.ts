import { expect, test } from 'vitest';
import {
  type AddressTypeInput,
  chooseAddressType,
} from '../../../../../providers/aws/desired/place/choose-address-type.ts';

const four = { families: ['IPv4'] } as const;
const six = { families: ['IPv6'] } as const;
const both = { families: ['IPv4', 'IPv6'], policy: 'PreferDualStack' } as const;
const required = { ...both, policy: 'RequireDualStack' } as const;

const rows: readonly (readonly [string, Partial<AddressTypeInput>, string, { mayBeIpv4?: true; fault?: RegExp }])[] = [
  ['IPv4', four, 'ipv4', {}],
  ['IPv6', six, 'dualstack', {}],
  ['both, required', required, 'dualstack', {}],
  ['both, preferred', both, 'dualstack', { mayBeIpv4: true }],
  ['both, preferred, and dualstack already', { ...both, present: 'dualstack' }, 'dualstack', {}],
  ['both, preferred, with UDP', { ...both, hasUdp: true }, 'ipv4', {}],
  ['IPv4, with UDP', { ...four, hasUdp: true }, 'ipv4', {}],
  ['IPv4, asked for dualstack', { ...four, asked: 'dualstack' }, 'dualstack', {}],
  ['both, asked for ipv4', { ...both, asked: 'ipv4' }, 'ipv4', {}],
  ['IPv6, asked for ipv4', { ...six, asked: 'ipv4' }, 'ipv4', { fault: /asks for IPv6, which needs dualstack/ }],
  ['both required, asked for ipv4', { ...required, asked: 'ipv4' }, 'ipv4', { fault: /needs dualstack/ }],
  ['IPv6, with UDP', { ...six, hasUdp: true }, 'dualstack', { fault: /UDP ports cannot be served by a dualstack/ }],
  ['asked for dualstack, with UDP', { ...four, asked: 'dualstack', hasUdp: true }, 'dualstack', { fault: /UDP ports/ }],
];

test.each(rows)('%s', (_row, more, addressType, { mayBeIpv4, fault }) => {
  const { faults, ...choice } = chooseAddressType({ families: ['IPv4'], hasUdp: false, ...more });
  expect(choice).toEqual({ addressType, ...(mayBeIpv4 && { mayBeIpv4 }) });
  expect(faults.join('; ')).toMatch(fault ?? /^$/);
});
