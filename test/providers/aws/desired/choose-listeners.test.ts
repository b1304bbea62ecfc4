import { describe, expect, test } from 'vitest';
import { chooseListeners } from '../../../../providers/aws/desired/choose-listeners.ts';
import type { Listener } from '../../../../src/provider/provider.ts';
import { type Asked, port, settings } from '../samples.ts';

const arn = (name: string) => `arn:aws:acm:us-west-2:123456789012:certificate/${name}`;

const chosen = (listeners: readonly Listener[], asked: Asked = {}) =>
  chooseListeners({ listeners, settings: settings(asked), reachedAt: one => String(one.nodePort) });

const shown = (listeners: readonly Listener[], asked?: Asked) =>
  chosen(listeners, asked).served.map(one => `${one.protocol}:${one.port}`);

const dns = [port(53, { name: 'tcp', nodePort: 30_053 }), port(53, { name: 'udp', protocol: 'UDP', nodePort: 30_053 })];
const unequal = [port(53, { name: 'tcp' }), port(53, { name: 'udp', protocol: 'UDP', nodePort: 31_053 })];
const both = [port(80), port(443)];

describe('the listeners are', () => {
  test.each([
    ['TCP', [port(80)], {}, ['TCP:80']],
    ['UDP', [port(53, { protocol: 'UDP' })], {}, ['UDP:53']],
    ['sorted by port', [port(443), port(80)], {}, ['TCP:80', 'TCP:443']],
    ['one for TCP and UDP with equal node ports', dns, {}, ['TCP_UDP:53']],
    ['one for each number otherwise', [...dns, port(80)], {}, ['TCP_UDP:53', 'TCP:80']],
    ['all TLS with a certificate', both, { 'ssl-cert': arn('a') }, ['TLS:80', 'TLS:443']],
    [
      'TLS where ssl-ports says so by number',
      both,
      { 'ssl-cert': arn('a'), 'ssl-ports': '443' },
      ['TCP:80', 'TLS:443'],
    ],
    ['TLS where ssl-ports says so by name', both, { 'ssl-cert': arn('a'), 'ssl-ports': 'p443' }, ['TCP:80', 'TLS:443']],
    ['never TLS over UDP', [port(53, { protocol: 'UDP' })], { 'ssl-cert': arn('a') }, ['UDP:53']],
  ] as const)('%s', (_row, listeners, asked, expected) => {
    expect(chosen(listeners, asked)).toMatchObject({ portErrors: [], warnings: [], faults: [] });
    expect(shown(listeners, asked)).toEqual(expected);
  });
});

describe('TCP and UDP of one port that cannot be one listener: the first is served, the other has an error', () => {
  test.each([
    ['unequal node ports', unequal, {}, 'TCP:53', 'UDP', 'NodePortsDiffer', /set nodePort of both to one number/],
    ['UDP first', unequal.toReversed(), {}, 'UDP:53', 'TCP', 'NodePortsDiffer', /53\/TCP is not served/],
    ['merging forbidden', dns, { 'enable-tcp-udp-listener': 'false' }, 'TCP:53', 'UDP', 'TcpUdpForbidden', /is false/],
    ['TLS', dns, { 'ssl-cert': arn('a') }, 'TLS:53', 'UDP', 'TlsBesideUdp', /no listener for TLS and UDP/],
  ] as const)('%s', (_row, listeners, asked, served, protocol, error, message) => {
    const choice = chosen(listeners, asked);
    expect(shown(listeners, asked)).toEqual([served]);
    expect(choice.portErrors).toEqual([{ port: 53, protocol, error }]);
    expect(choice.warnings).toEqual([{ reason: 'PortNotServed', message: expect.stringMatching(message) }]);
  });
});

test('certificates, policy and ALPN stand on TLS listeners only', () => {
  const asked = { 'ssl-cert': `${arn('a')},${arn('b')}`, 'ssl-ports': '443', 'alpn-policy': 'HTTP2Preferred' };
  expect(chosen(both, asked).served).toEqual([
    { port: 80, protocol: 'TCP', certificates: [], ports: [both[0]] },
    {
      port: 443,
      protocol: 'TLS',
      certificates: [arn('a'), arn('b')],
      sslPolicy: 'ELBSecurityPolicy-2016-08',
      alpnPolicy: 'HTTP2Preferred',
      ports: [both[1]],
    },
  ]);
});

test.each(['8443', 'https', '53'])('ssl-ports %s, which is no TCP port, is a fault', name => {
  const { faults } = chosen([...both, port(53, { protocol: 'UDP' })], { 'ssl-cert': arn('a'), 'ssl-ports': name });
  expect(faults).toEqual([
    expect.stringContaining(`no TCP port "${name}": it has 80/TCP (p80), 443/TCP (p443), 53/UDP`),
  ]);
});
