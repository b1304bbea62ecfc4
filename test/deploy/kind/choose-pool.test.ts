import { expect, test } from 'vitest';
import { choosePool } from '../../../deploy/kind/choose-pool.mjs';

const v6 = { Subnet: 'fc00:f853:ccd:e793::/64', Gateway: 'fc00:f853:ccd:e793::1' };

/** As `docker network inspect kind` prints it, as far as it counts. */
function network(config: readonly object[], addresses: readonly string[] = []): string {
  const containers = addresses.map((address, index) => [
    `c${index}`,
    { Name: `node-${index}`, IPv4Address: address, IPv6Address: '' },
  ]);
  return JSON.stringify([
    { Name: 'kind', Driver: 'bridge', IPAM: { Config: config }, Containers: Object.fromEntries(containers) },
  ]);
}

test.each([
  { what: 'the usual one', subnet: '172.18.0.0/16', pool: '172.18.255.55-172.18.255.254' },
  { what: 'one that begins in the middle', subnet: '10.89.128.0/20', pool: '10.89.143.55-10.89.143.254' },
  { what: 'a small one', subnet: '172.18.0.0/26', pool: '172.18.0.47-172.18.0.62' },
])('of a network, $what, the last addresses but the broadcast address', ({ subnet, pool }) => {
  expect(choosePool(network([v6, { Subnet: subnet }], ['172.18.0.2/16', '172.18.0.3/16']))).toBe(pool);
});

test.each([
  { what: 'a gateway', config: [{ Subnet: '172.18.0.0/16', Gateway: '172.18.255.254' }], addresses: [] },
  { what: 'a container', config: [{ Subnet: '172.18.0.0/16' }], addresses: ['172.18.255.60/16'] },
])('an address that $what has is never in the pool', ({ config, addresses }) => {
  expect(() => choosePool(network(config, addresses))).toThrow(/is in use/);
});

test.each([
  { what: 'without IPv4', text: network([v6]) },
  { what: 'that is not there', text: '[]' },
  { what: 'of two addresses', text: network([{ Subnet: '172.18.0.0/31' }]) },
])('a network $what is refused in words', ({ text }) => {
  expect(() => choosePool(text)).toThrow(/The docker network "kind" has/);
});
