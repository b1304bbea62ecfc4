import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LoadBalancerIngress } from '../../src/kube/objects.ts';
import { addressesOf, ingressFrom, publishedIngress, sameIngress } from '../../src/plan/ingress.ts';
import type { Ingress } from '../../src/provider/provider.ts';
import { published, service } from '../support/objects.ts';

describe('what is published', () => {
  test('is the status of the Service, and nothing where there is none', () => {
    expect(publishedIngress(service())).toEqual([]);
    expect(publishedIngress(service({ status: {} }))).toEqual([]);
    expect(publishedIngress(service({ status: { loadBalancer: {} } }))).toEqual([]);
    expect(publishedIngress(service({ status: published('192.0.2.1') }))).toEqual([{ ip: '192.0.2.1', ipMode: 'VIP' }]);
  });
});

describe('an answer of a provider', () => {
  const ports = [{ port: 80, protocol: 'TCP' as const }];
  const rows: readonly { readonly name: string; readonly entry: Ingress; readonly ingress: LoadBalancerIngress }[] = [
    { name: 'an ip', entry: { ip: '192.0.2.1' }, ingress: { ip: '192.0.2.1', ipMode: 'VIP' } },
    {
      name: 'an ip behind a proxy',
      entry: { ip: '192.0.2.1', ipMode: 'Proxy' },
      ingress: { ip: '192.0.2.1', ipMode: 'Proxy' },
    },
    { name: 'an IPv6 address', entry: { ip: '2001:db8::1' }, ingress: { ip: '2001:db8::1', ipMode: 'VIP' } },
    { name: 'a hostname', entry: { hostname: 'lb.example' }, ingress: { hostname: 'lb.example' } },
    {
      name: 'a hostname with a mode',
      entry: { hostname: 'lb.example', ipMode: 'Proxy' },
      ingress: { hostname: 'lb.example' },
    },
    {
      name: 'a hostname beside an empty ip',
      entry: { hostname: 'lb.example', ip: '' },
      ingress: { hostname: 'lb.example' },
    },
    {
      name: 'an ip beside an empty hostname',
      entry: { ip: '192.0.2.1', hostname: '' },
      ingress: { ip: '192.0.2.1', ipMode: 'VIP' },
    },
    { name: 'ports', entry: { ip: '192.0.2.1', ports }, ingress: { ip: '192.0.2.1', ipMode: 'VIP', ports } },
    { name: 'no ports', entry: { hostname: 'lb.example', ports: [] }, ingress: { hostname: 'lb.example' } },
  ];

  test.each(rows)('with $name is published as the API server keeps it', ({ entry, ingress }) => {
    expect(ingressFrom([entry])).toEqual([ingress]);
  });

  const bad: readonly (readonly [Ingress, string])[] = [
    [{}, 'neither'],
    [{ ip: '' }, 'neither'],
    [{ ip: '', hostname: '' }, 'neither'],
    [{ ip: 'lb.example' }, 'neither'],
    [{ ip: '010.0.0.1' }, 'neither'],
    [{ ip: '192.0.2.1', hostname: 'lb.example' }, 'both'],
  ];

  test.each(bad)('%j cannot be published, and the message says why', (entry, why) => {
    expect(() => ingressFrom([{ ip: '192.0.2.1' }, entry])).toThrow(why);
  });

  test('makes a message of bounded length', () => {
    expect(() => ingressFrom([{ ip: 'x'.repeat(100_000) }])).toThrow(/^.{1,400}$/s);
  });
});

describe('two lists of addresses are the same', () => {
  const one: readonly LoadBalancerIngress[] = [{ ip: '192.0.2.1', ipMode: 'VIP' }];
  const rows: readonly (readonly [string, readonly LoadBalancerIngress[], readonly LoadBalancerIngress[], boolean])[] =
    [
      ['both empty', [], [], true],
      ['equal', one, [{ ip: '192.0.2.1', ipMode: 'VIP' }], true],
      ['with the mode that the API server puts in', one, [{ ip: '192.0.2.1' }], true],
      ['of different mode', one, [{ ip: '192.0.2.1', ipMode: 'Proxy' }], false],
      ['of different ip', one, [{ ip: '192.0.2.2' }], false],
      ['one a prefix of the other', one, [...one, { ip: '192.0.2.2' }], false],
      ['in another order', [...one, { ip: '192.0.2.2' }], [{ ip: '192.0.2.2' }, ...one], false],
      ['of one hostname', [{ hostname: 'a' }], [{ hostname: 'a' }], true],
      ['ip against hostname', [{ hostname: '192.0.2.1' }], [{ ip: '192.0.2.1' }], false],
      ['with and without ports', one, [{ ip: '192.0.2.1', ports: [{ port: 80, protocol: 'TCP' }] }], false],
      ['with no ports spelled in two ways', one, [{ ip: '192.0.2.1', ports: [] }], true],
      [
        'with an error on a port',
        [{ ip: '1.1.1.1', ports: [{ port: 1, protocol: 'TCP' }] }],
        [{ ip: '1.1.1.1', ports: [{ port: 1, protocol: 'TCP', error: 'X' }] }],
        false,
      ],
      [
        'with ports of different protocol',
        [{ ip: '1.1.1.1', ports: [{ port: 1, protocol: 'TCP' }] }],
        [{ ip: '1.1.1.1', ports: [{ port: 1, protocol: 'UDP' }] }],
        false,
      ],
    ];

  test.each(rows)('%s', (_name, a, b, same) => {
    expect(sameIngress(a, b)).toBe(same);
    expect(sameIngress(b, a)).toBe(same);
  });

  test('when the API server has stored what was published', () => {
    const entry: fc.Arbitrary<Ingress> = fc.oneof(
      fc.record({ ip: fc.ipV4(), ipMode: fc.constantFrom('VIP', 'Proxy') }, { requiredKeys: ['ip'] }),
      fc.record(
        { hostname: fc.domain(), ports: fc.constant([{ port: 80, protocol: 'TCP' as const }]) },
        { requiredKeys: ['hostname'] },
      ),
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 4 }), entries => {
        const stored = JSON.parse(JSON.stringify(ingressFrom(entries))) as LoadBalancerIngress[];
        expect(sameIngress(ingressFrom(entries), stored)).toBe(true);
        expect(sameIngress(entries, stored)).toBe(true);
      }),
    );
  });
});

test('addresses in a message stand one after the other', () => {
  expect(addressesOf([{ ip: '203.0.113.7' }, { hostname: 'lb.example' }])).toBe('203.0.113.7, lb.example');
});
