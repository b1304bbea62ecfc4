import { describe, expect, test } from 'vitest';
import { placesSeenFrom } from '../../../../../providers/aws/desired/place/inside.ts';
import { podPortsOf, podTargets } from '../../../../../providers/aws/desired/targets/pod-targets.ts';
import type { Endpoint, Listener } from '../../../../../src/provider/provider.ts';
import { pod, port } from '../../samples.ts';

const http = port(80, { name: 'http' });

const found = (endpoints: readonly Endpoint[], ports: readonly Listener[] = [http]) =>
  podTargets({ ports, endpoints, family: 'IPv4', placeOf: placesSeenFrom(['10.0.0.0/24']) });

const going = { ready: false, terminating: true };

describe('targets are', () => {
  test.each([
    ['ready pods, sorted', [pod('10.0.0.12'), pod('10.0.0.11')], ['10.0.0.11:8080', '10.0.0.12:8080']],
    [
      'each at its own port',
      [pod('10.0.0.11'), pod('10.0.0.12', { port: 8_081 })],
      ['10.0.0.11:8080', '10.0.0.12:8081'],
    ],
    [
      'not the one that is not ready',
      [pod('10.0.0.11'), pod('10.0.0.12', { ready: false, serving: false })],
      ['10.0.0.11:8080'],
    ],
    ['not the one that is going, which AWS drains', [pod('10.0.0.11'), pod('10.0.0.12', going)], ['10.0.0.11:8080']],
    [
      'those that are going where there are no others',
      [pod('10.0.0.12', going), pod('10.0.0.13', { ...going, serving: false })],
      ['10.0.0.12:8080'],
    ],
    ['none where none serves', [pod('10.0.0.12', { ready: false, serving: false })], []],
    ['not those of another port', [pod('10.0.0.11', { listener: 'other' })], []],
    ['not those of the other family', [pod('2001:db8::1')], []],
    ['not those at an address AWS does not send to', [pod('203.0.113.1')], []],
    ['each once', [pod('10.0.0.11'), pod('10.0.0.11')], ['10.0.0.11:8080']],
  ] as const)('%s', (_row, endpoints, expected) => {
    expect(found(endpoints).targets.map(one => `${one.id}:${one.port}`)).toEqual(expected);
  });
});

test('one listener for TCP and UDP has the pods of both ports, each once', () => {
  const dns = [port(53, { name: 'tcp' }), port(53, { name: 'udp', protocol: 'UDP' })];
  const endpoints = [pod('10.0.0.11', { listener: 'tcp' }), pod('10.0.0.11', { listener: 'udp' })];
  expect(found(endpoints, dns).targets).toEqual([{ id: '10.0.0.11', port: 8_080 }]);
});

test('a pod outside the VPC is in all zones', () => {
  expect(found([pod('10.8.0.1')]).targets).toEqual([{ id: '10.8.0.1', port: 8_080, zone: 'all' }]);
});

test('pods that AWS would not send to are named', () => {
  expect(found([pod('10.0.0.11'), pod('203.0.113.1')]).unreachable).toEqual(['203.0.113.1']);
});

test('ports of pods are compared as sets', () => {
  const two = [pod('10.0.0.11', { port: 9 }), pod('10.0.0.12', { port: 10 }), pod('10.0.0.13', { port: 9 })];
  expect(podPortsOf(http, two)).toBe('9 10');
  expect(podPortsOf(http, two.toReversed())).toBe('9 10');
  expect(podPortsOf(port(81), two)).toBe('');
});
