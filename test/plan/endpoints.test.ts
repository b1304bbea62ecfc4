import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EndpointConditions, EndpointSlice } from '../../src/kube/objects.ts';
import { endpointsFrom, packSlice } from '../../src/plan/endpoints.ts';

const metadata = { name: 'web-1', namespace: 'default', uid: 'u', resourceVersion: '1' };

function slice(addresses: readonly string[], conditions?: EndpointConditions, more: Partial<EndpointSlice> = {}) {
  const endpoints = addresses.map(address => ({
    addresses: [address],
    nodeName: 'n1',
    zone: 'z',
    ...(conditions === undefined ? {} : { conditions }),
  }));
  return { metadata, addressType: 'IPv4', ports: [{ name: 'http', port: 8080 }], endpoints, ...more } as const;
}

const from = (...slices: readonly EndpointSlice[]) => endpointsFrom(slices.map(packSlice));
const states = (conditions?: EndpointConditions) =>
  from(slice(['10.0.0.1'], conditions)).map(({ ready, serving, terminating }) => ({ ready, serving, terminating }));

describe('the endpoints of a Service', () => {
  test('are all that a slice says of them', () => {
    expect(from(slice(['10.0.0.1']))).toEqual([
      {
        listener: 'http',
        address: '10.0.0.1',
        port: 8080,
        node: 'n1',
        zone: 'z',
        ready: true,
        serving: true,
        terminating: false,
      },
    ]);
  });

  test.for<{ given: EndpointConditions | undefined; is: object }>([
    { given: undefined, is: { ready: true, serving: true, terminating: false } },
    { given: { ready: true }, is: { ready: true, serving: true, terminating: false } },
    { given: { ready: false }, is: { ready: false, serving: false, terminating: false } },
    {
      given: { ready: false, serving: true, terminating: true },
      is: { ready: false, serving: true, terminating: true },
    },
    { given: { serving: false, terminating: true }, is: { ready: true, serving: false, terminating: true } },
  ])('of conditions $given are $is', ({ given, is }) => {
    expect(states(given)).toEqual([is]);
  });

  test('are there once for each port', () => {
    const ports = [
      { name: 'https', port: 8443 },
      { name: 'http', port: 8080 },
    ];
    expect(from(slice(['10.0.0.1'], undefined, { ports })).map(({ listener, port }) => `${listener} ${port}`)).toEqual([
      'http 8080',
      'https 8443',
    ]);
  });

  test('have an empty listener where the port has no name, and no node where nobody says', () => {
    const [endpoint] = from({
      metadata,
      addressType: 'IPv4',
      ports: [{ port: 80 }],
      endpoints: [{ addresses: ['10.0.0.1'] }],
    });
    expect(endpoint).toMatchObject({ listener: '', node: '', zone: '' });
  });

  test.for<{ name: string; given: EndpointSlice }>([
    { name: 'of names instead of addresses', given: slice(['a.example'], undefined, { addressType: 'FQDN' }) },
    { name: 'whose port stands for all', given: slice(['10.0.0.1'], undefined, { ports: [{ name: 'http' }] }) },
    { name: 'without ports', given: slice(['10.0.0.1'], undefined, { ports: null }) },
    { name: 'without endpoints', given: slice([], undefined, { endpoints: null }) },
    { name: 'with an endpoint without an address', given: slice([], undefined, { endpoints: [{ nodeName: 'n1' }] }) },
  ])('are none in a slice $name', ({ given }) => {
    expect(from(given)).toEqual([]);
  });

  test('stand once while they move from slice to slice, in the better state', () => {
    const leaving = { ready: false, serving: true, terminating: true };
    const dead = { ready: false };
    const one = ['10.0.0.1'];
    for (const slices of [
      [slice(one, leaving), slice(one)],
      [slice(one), slice(one, leaving)],
    ])
      expect(from(...slices)).toMatchObject([{ ready: true }]);
    for (const slices of [
      [slice(one, leaving), slice(one, dead)],
      [slice(one, dead), slice(one, leaving)],
    ])
      expect(from(...slices)).toMatchObject([{ serving: true }]);
  });

  test('are the same whatever the order of slices and of what is in them', () => {
    const address = fc.integer({ min: 1, max: 250 }).map(last => `10.0.0.${last}`);
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(address, { minLength: 1 }), { maxLength: 4 }), lists => {
        const there = from(...lists.map(list => slice(list)));
        const back = from(...lists.map(list => slice(list.toReversed())).toReversed());
        expect(back).toEqual(there);
        expect(there).toHaveLength(new Set(lists.flat()).size);
      }),
    );
  });
});
