import { expect, test } from 'vitest';
import {
  type NetworkInterface,
  unfitReason,
  unusableReason,
} from '../../../../providers/bare-metal/interfaces/network-interface.ts';

const eth0: NetworkInterface = {
  index: 2,
  name: 'eth0',
  mac: '02:aa:aa:aa:aa:01',
  mtu: 1500,
  kind: '',
  isUp: true,
  isRunning: true,
  isBroadcast: true,
  isNoArp: false,
  isLoopback: false,
  master: 0,
  masterKind: '',
  addresses: [],
  gateways: [],
};

test.each<[string, Partial<NetworkInterface>]>([
  ['hardware', {}],
  ['a VLAN', { name: 'eth0.7', kind: 'vlan' }],
  ['a bond', { name: 'bond0', kind: 'bond' }],
  ['a bridge that the operator has made', { name: 'br0', kind: 'bridge' }],
  ['one end of a veth pair: all that a container has', { kind: 'veth' }],
  ['a macvlan', { kind: 'macvlan' }],
  ['part of a VRF', { master: 9, masterKind: 'vrf' }],
])('announces on %s', (_, changes) => {
  expect(unusableReason({ ...eth0, ...changes })).toBeUndefined();
});

test.each<[string, Partial<NetworkInterface>, string]>([
  ['loopback', { isLoopback: true }, 'is a loopback interface'],
  ['a tunnel', { isBroadcast: false }, 'cannot broadcast or has ARP switched off'],
  ['an interface without ARP', { isNoArp: true }, 'cannot broadcast or has ARP switched off'],
  ['InfiniBand', { mac: '' }, 'has no Ethernet address'],
  ['a port of a bridge', { master: 3, masterKind: 'bridge' }, 'is part of a bridge'],
  ['a part of what does not say its kind', { master: 3 }, 'is part of a larger interface'],
  ['what is down', { isUp: false }, 'is down'],
  ['what has no carrier', { isRunning: false }, 'has no carrier'],
])('never announces on %s', (_, changes, reason) => {
  expect(unfitReason({ ...eth0, ...changes })).toBe(reason);
  expect(unusableReason({ ...eth0, ...changes })).toBe(reason);
});

test.each<Partial<NetworkInterface>>([
  { name: 'kube-ipvs0', kind: 'dummy' },
  { name: 'any', kind: 'vxlan' },
  { name: 'docker0', kind: 'bridge' },
  { name: 'br-0123456789ab', kind: 'bridge' },
  { name: 'cni0', kind: 'bridge' },
  { name: 'cali1234', kind: 'veth' },
  { name: 'lxc_health', kind: 'veth' },
  { name: 'nodelocaldns', kind: 'dummy' },
])('announces on $name ($kind) only where the operator names it', changes => {
  expect(unusableReason({ ...eth0, ...changes })).toMatch(/inside of the node|^is a /);
  expect(unfitReason({ ...eth0, ...changes })).toBeUndefined();
});
