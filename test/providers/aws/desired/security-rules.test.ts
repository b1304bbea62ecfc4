import { describe, expect, test } from 'vitest';
import {
  type FrontendInput,
  frontendRules,
  nodeRules,
  portsBehind,
  ruleKey,
} from '../../../../providers/aws/desired/security-rules.ts';
import type { IngressRule } from '../../../../providers/aws/model/desired.ts';
import { desired, pod, port } from '../samples.ts';

const input: FrontendInput = {
  listeners: [{ port: 80, protocol: 'TCP' }],
  sourceRanges: [],
  prefixLists: [],
  dualstack: false,
  pathMtuDiscovery: false,
};

const short = ({ protocol, fromPort, toPort, source }: IngressRule) =>
  `${protocol} ${fromPort}-${toPort} ${Object.values(source).join()}`;

describe('who may connect:', () => {
  test.each([
    ['everyone', {}, ['tcp 80-80 0.0.0.0/0']],
    ['everyone of both families', { dualstack: true }, ['tcp 80-80 0.0.0.0/0', 'tcp 80-80 ::/0']],
    [
      'the source ranges alone',
      { sourceRanges: ['10.1.0.0/16', '192.168.0.0/24'] },
      ['tcp 80-80 10.1.0.0/16', 'tcp 80-80 192.168.0.0/24'],
    ],
    [
      'of IPv4 alone, where only such ranges are given',
      { dualstack: true, sourceRanges: ['10.1.0.0/16'] },
      ['tcp 80-80 10.1.0.0/16'],
    ],
    ['the prefix lists alone', { prefixLists: ['pl-1'] }, ['tcp 80-80 pl-1']],
    ['both', { prefixLists: ['pl-1'], sourceRanges: ['10.1.0.0/16'] }, ['tcp 80-80 10.1.0.0/16', 'tcp 80-80 pl-1']],
    ['over UDP', { listeners: [{ port: 53, protocol: 'UDP' }] }, ['udp 53-53 0.0.0.0/0']],
    ['TLS is TCP', { listeners: [{ port: 443, protocol: 'TLS' }] }, ['tcp 443-443 0.0.0.0/0']],
    [
      'TCP_UDP is both',
      { listeners: [{ port: 53, protocol: 'TCP_UDP' }] },
      ['tcp 53-53 0.0.0.0/0', 'udp 53-53 0.0.0.0/0'],
    ],
    [
      'and path MTU discovery',
      { dualstack: true, pathMtuDiscovery: true },
      ['icmp 3-4 0.0.0.0/0', 'icmpv6 2-0 ::/0', 'tcp 80-80 0.0.0.0/0', 'tcp 80-80 ::/0'],
    ],
    ['each once', { sourceRanges: ['10.0.0.0/8', '10.0.0.0/8'] }, ['tcp 80-80 10.0.0.0/8']],
  ] as const)('%s', (_row, more, expected) => {
    expect(frontendRules({ ...input, ...more }).map(short)).toEqual(expected);
  });
});

const always = ['tcp 10256-10256 sg-1', 'tcp 30000-32767 sg-1', 'udp 30000-32767 sg-1'];

describe('what nodes let in:', () => {
  test.each([
    ['node ports and health, whatever there is', [], always],
    [
      'no more for those',
      [
        { protocol: 'tcp', port: 30_080 },
        { protocol: 'udp', port: 32_767 },
        { protocol: 'tcp', port: 10_256 },
      ],
      always,
    ],
    [
      'one range more for pods',
      [
        { protocol: 'tcp', port: 8_080 },
        { protocol: 'tcp', port: 9_090 },
      ],
      ['tcp 8080-9090 sg-1', ...always],
    ],
    ['and one for UDP', [{ protocol: 'udp', port: 53 }], [...always, 'udp 53-53 sg-1']],
  ] as const)('%s', (_row, ports, expected) => {
    expect(new Set(nodeRules('sg-1', ports).map(short))).toEqual(new Set(expected));
  });
});

test('behind a balancer are the ports of its targets, and those at which they are asked', () => {
  const pods = desired({
    service: {
      listeners: [port(80, { name: 'http' }), port(53, { name: 'dns', protocol: 'UDP' })],
      endpoints: [pod('10.0.0.11'), pod('10.0.0.11', { listener: 'dns', port: 5_353 })],
    },
    asked: { 'nlb-target-type': 'ip', 'healthcheck-port': '9000' },
  });
  const shown = portsBehind(pods.balancer).map(one => `${one.protocol} ${one.port}`);
  expect(new Set(shown)).toEqual(new Set(['tcp 8080', 'udp 5353', 'tcp 9000']));
});

test('two rules are one permission only when protocol, ports and source are equal', () => {
  const rule: IngressRule = { protocol: 'tcp', fromPort: 80, toPort: 80, source: { cidr: '10.0.0.0/8' } };
  const others: readonly IngressRule[] = [
    { ...rule, protocol: 'udp' },
    { ...rule, toPort: 81 },
    { ...rule, source: { cidr: '10.0.0.0/9' } },
    { ...rule, source: { securityGroup: 'sg-1' } },
    { ...rule, source: { prefixList: 'pl-1' } },
  ];
  expect(new Set([rule, ...others].map(ruleKey)).size).toBe(others.length + 1);
  expect(ruleKey({ ...rule, source: { cidr: '10.0.0.0/8' } })).toBe(ruleKey(rule));
});
