import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { objectPath, patchType } from '../../src/kube/client.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import { sharedCluster } from '../support/cluster.ts';

/** Our kinds on a real API server: what it takes, and what it says of what it does not take. */
const pools = '/apis/fairlead.dev/v1beta1/addresspools';
const speakers = '/apis/fairlead.dev/v1beta1/speakers';
const dryRun = { dryRun: 'All', fieldValidation: 'Strict' };

let admin: KubeConnection;
beforeAll(async () => {
  admin = await connect({ kubeconfig: sharedCluster().kubeconfig, userAgent: 'fairlead-test', clock: systemClock });
});
afterAll(() => admin.close());

/** What the API server made of it, or the reasons why not; nothing is kept. */
async function tried(spec: object, path = pools): Promise<object | string> {
  const kind = path === pools ? 'AddressPool' : 'Speaker';
  const body = { apiVersion: 'fairlead.dev/v1beta1', kind, metadata: { name: 'tried' }, spec };
  return admin.request<object>({ method: 'POST', path, query: dryRun, body }).catch((error: Error) => error.message);
}

const range = '198.18.0.0/24';

describe.concurrent('an AddressPool is taken', () => {
  test.for([
    ['with a CIDR', [range]],
    ['with a CIDR of IPv6', ['2001:db8::/64']],
    ['with a range', ['198.18.0.10-198.18.0.20']],
    ['with blanks around the dash', ['198.18.0.10 - 198.18.0.20']],
    ['with a range of one', ['198.18.0.10-198.18.0.10']],
    ['with a range of which an octet falls', ['198.18.0.250-198.18.1.2']],
    ['with a range of IPv6', ['2001:db8::10-2001:db8::ff']],
    ['with a range of IPv6 of one', ['2001:DB8:0::1-2001:db8::1']],
    ['with single addresses', ['198.18.0.10', '2001:db8::1']],
    ['with the most that it may have', Array.from({ length: 256 }, (_, index) => `198.18.${index}.0/24`)],
  ] as const)('%s', async ([, addresses]) => {
    expect(await tried({ addresses })).toMatchObject({ spec: { addresses, autoAssign: true, avoidBuggyIPs: false } });
  });

  test('with everything that it may say', async () => {
    const selector = {
      matchLabels: { zone: 'a' },
      matchExpressions: [
        { key: 'role', operator: 'In', values: ['edge'] },
        { key: 'spot', operator: 'DoesNotExist' },
      ],
    };
    const spec = {
      addresses: [range],
      reserved: ['198.18.0.1', '198.18.0.100-198.18.0.199'],
      autoAssign: false,
      avoidBuggyIPs: true,
      sharedAcrossNamespaces: true,
      allocateTo: { priority: 10, namespaces: ['a'], namespaceSelectors: [selector], serviceSelectors: [selector] },
      announce: {
        nodeSelectors: [selector],
        interfaces: ['eth1'],
        preferredNodeSelectors: [{ weight: 60, preference: selector }],
      },
    };
    expect(await tried(spec)).toMatchObject({ spec });
  });
});

describe.concurrent('an AddressPool is refused', () => {
  const write = 'write a CIDR such as 192.0.2.0/24';
  test.for([
    { name: 'no addresses', spec: {}, says: 'spec.addresses: Required' },
    { name: 'an empty list', spec: { addresses: [] }, says: 'should have at least 1 items' },
    { name: 'a word', spec: { addresses: ['everything'] }, says: write },
    { name: 'words with a dash', spec: { addresses: ['a-b'] }, says: write },
    { name: 'half a range', spec: { addresses: ['198.18.0.1-'] }, says: write },
    { name: 'three ends', spec: { addresses: ['198.18.0.1-198.18.0.2-198.18.0.3'] }, says: write },
    { name: 'leading zeros', spec: { addresses: ['010.0.0.0/24'] }, says: write },
    { name: 'leading zeros in a range', spec: { addresses: ['198.18.0.1-198.18.0.010'] }, says: write },
    { name: 'a prefix that is too long', spec: { addresses: ['198.18.0.0/33'] }, says: write },
    { name: 'IPv4 in IPv6', spec: { addresses: ['::ffff:198.18.0.0/120'] }, says: write },
    { name: 'host bits', spec: { addresses: ['198.18.0.7/24'] }, says: 'has host bits set' },
    { name: 'host bits of IPv6', spec: { addresses: ['2001:db8::7/64'] }, says: 'has host bits set' },
    { name: 'everything of IPv4', spec: { addresses: ['0.0.0.0/0'] }, says: '/0 is every address that there is' },
    { name: 'everything of IPv6', spec: { addresses: ['::/0'] }, says: '/0 is every address that there is' },
    {
      name: 'the wrong way round',
      spec: { addresses: ['198.18.0.20-198.18.0.9'] },
      says: 'the range is the wrong way round: write the lower address first',
    },
    {
      name: 'two families in one range',
      spec: { addresses: ['198.18.0.1-2001:db8::1'] },
      says: 'begins in one address family and ends in the other',
    },
    { name: 'the loopback', spec: { addresses: ['127.0.0.0/8'] }, says: 'no Service can have' },
    { name: 'multicast', spec: { addresses: ['224.0.0.1-224.0.0.9'] }, says: 'no Service can have' },
    { name: 'the link-local scope', spec: { addresses: ['fe80::/10'] }, says: 'no Service can have' },
    { name: 'twice the same', spec: { addresses: [range, range] }, says: 'Duplicate' },
    {
      name: 'too many',
      spec: {
        addresses: Array.from({ length: 257 }, (_, index) => `10.${index % 256}.0.${Math.floor(index / 256)}/32`),
      },
      says: 'must have at most 256 items',
    },
    { name: 'a text that is too long', spec: { addresses: ['1'.repeat(101)] }, says: 'may not be more than 100' },
    {
      name: 'a preference without weight',
      spec: { addresses: [range], announce: { preferredNodeSelectors: [{ preference: {} }] } },
      says: 'weight: Required',
    },
    {
      name: 'a weight above 100',
      spec: { addresses: [range], announce: { preferredNodeSelectors: [{ weight: 101, preference: {} }] } },
      says: 'should be less than or equal to 100',
    },
    { name: 'a bad reserved range', spec: { addresses: [range], reserved: ['198.18.0.7/24'] }, says: 'host bits set' },
    { name: 'a field that is not known', spec: { addresses: [range], autoAsign: false }, says: 'spec.autoAsign' },
    { name: 'a priority below 0', spec: { addresses: [range], allocateTo: { priority: -1 } }, says: 'priority' },
    {
      name: 'a selector without values',
      spec: { addresses: [range], announce: { nodeSelectors: [{ matchExpressions: [{ key: 'a', operator: 'In' }] }] } },
      says: 'In and NotIn need values',
    },
    {
      name: 'a selector with values too many',
      spec: {
        addresses: [range],
        allocateTo: { serviceSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] }] },
      },
      says: 'Exists and DoesNotExist have none',
    },
  ])('$name', async ({ spec, says }) => {
    expect(await tried(spec)).toContain(says);
  });
});

test('a Speaker may be told to drain, and nothing else', async () => {
  expect(await tried({ drain: true }, speakers)).toMatchObject({ spec: { drain: true } });
  expect(await tried({ drain: 'yes' }, speakers)).toContain('spec.drain');
});

test('both have a status of their own, and the descriptions are there for kubectl explain', async () => {
  for (const [path, kind] of [
    [pools, 'AddressPool'],
    [speakers, 'Speaker'],
  ] as const) {
    const name = `status-${kind.toLowerCase()}`;
    const spec = kind === 'AddressPool' ? { addresses: [range] } : {};
    const body = {
      apiVersion: 'fairlead.dev/v1beta1',
      kind,
      metadata: { name },
      spec,
      status: { used: '1', bootId: 'x' },
    };
    const made = await admin.request<{ status?: object }>({ method: 'POST', path, body });
    expect(made.status).toBeUndefined();
    const one = objectPath(path, name);
    const status = kind === 'AddressPool' ? { used: '1', total: '256' } : { bootId: 'x' };
    const patch = { method: 'PATCH', path: `${one}/status`, contentType: patchType.merge, body: { status } } as const;
    expect(await admin.request(patch)).toMatchObject({ status });
    await admin.request({ method: 'DELETE', path: one });
  }
  const api = JSON.stringify(await admin.request({ method: 'GET', path: '/openapi/v3/apis/fairlead.dev/v1beta1' }));
  expect(api).toContain('Whether Services get addresses of this pool without asking for it by name.');
});
