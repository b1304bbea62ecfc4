import { expect, test } from 'vitest';
import type { NetworkInterface } from '../../../../providers/bare-metal/interfaces/network-interface.ts';
import { usableInterfaces } from '../../../../providers/bare-metal/speaker/usable-interfaces.ts';

const ethernet: NetworkInterface = {
  index: 2,
  name: 'eth0',
  mac: '02:00:00:00:00:01',
  mtu: 1_500,
  kind: '',
  isUp: true,
  isRunning: true,
  isBroadcast: true,
  isNoArp: false,
  isLoopback: false,
  master: 0,
  masterKind: '',
  addresses: [
    { address: '192.0.2.7', prefixLength: 24, family: 'IPv4' },
    { address: 'fe80::1', prefixLength: 64, family: 'IPv6' },
  ],
  gateways: ['192.0.2.1'],
};
const alone = [{ address: '192.0.2.7', prefixLength: 32, family: 'IPv4' }] as const;
const local = [{ address: 'fe80::1', prefixLength: 64, family: 'IPv6' }] as const;

test.each<[string, Partial<NetworkInterface>, readonly string[], boolean]>([
  ['with a subnet', {}, [], true],
  ['with a link-local address only', { addresses: local }, [], false],
  ['with a host prefix only', { addresses: alone }, [], false],
  ['without an address, but named', { addresses: [] }, ['eth0'], true],
  ['of the node’s inside', { name: 'docker0' }, [], false],
  ['of the node’s inside, but named', { name: 'docker0' }, ['docker0'], true],
  ['down', { isUp: false }, ['eth0'], false],
  ['without a carrier', { isRunning: false }, ['eth0'], false],
  ['part of a bridge', { master: 7, masterKind: 'bridge' }, ['eth0'], false],
])('an interface %s', (_row, more, named, isUsable) => {
  expect(usableInterfaces([{ ...ethernet, ...more }], new Set(named))).toHaveLength(isUsable ? 1 : 0);
});

test('subnets are told without those that have room for nobody else', () => {
  expect(usableInterfaces([ethernet], new Set())).toEqual([
    { name: 'eth0', index: 2, mac: ethernet.mac, mtu: 1_500, subnets: ['192.0.2.7/24'], gateways: ['192.0.2.1'] },
  ]);
});
