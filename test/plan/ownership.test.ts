import { describe, expect, test } from 'vitest';
import type { Service } from '../../src/kube/objects.ts';
import {
  foreignMark,
  hasOurMarks,
  type Owner,
  ourConditionTypes,
  ownerMark,
  ownerOf,
} from '../../src/plan/ownership.ts';
import { condition, published, service } from '../support/objects.ts';

const ours = ['fairlead.dev/a'];
const stock = 'service.kubernetes.io/load-balancer-cleanup';

describe('the owner', () => {
  const rows: readonly { readonly name: string; readonly service: Service; readonly owner: Owner | undefined }[] = [
    { name: 'no mark', service: service(), owner: undefined },
    {
      name: 'our finalizer',
      service: service({ metadata: { finalizers: ours } }),
      owner: { instance: 'a', mark: 'finalizer' },
    },
    {
      name: 'our finalizer among others',
      service: service({ metadata: { finalizers: ['x/y', ...ours, stock] } }),
      owner: { instance: 'a', mark: 'finalizer' },
    },
    {
      name: 'our condition',
      service: service({ status: { conditions: [condition('fairlead.dev/b')] } }),
      owner: { instance: 'b', mark: 'condition' },
    },
    {
      name: 'our condition, not true',
      service: service({ status: { conditions: [condition('fairlead.dev/b', 'False')] } }),
      owner: undefined,
    },
    {
      name: 'both',
      service: service({ metadata: { finalizers: ours }, status: { conditions: [condition('fairlead.dev/b')] } }),
      owner: { instance: 'a', mark: 'finalizer' },
    },
    {
      name: 'the stock controller’s finalizer',
      service: service({ metadata: { finalizers: [stock] } }),
      owner: undefined,
    },
    {
      name: 'a name that only looks like ours',
      service: service({ metadata: { finalizers: ['x.fairlead.dev/a', 'fairlead.dev'] } }),
      owner: undefined,
    },
    { name: 'an address alone', service: service({ status: published('192.0.2.1') }), owner: undefined },
    {
      name: 'a class of ours alone',
      service: service({ spec: { loadBalancerClass: 'fairlead.dev/a' } }),
      owner: undefined,
    },
    {
      name: 'conditions of ours that name nobody',
      service: service({ status: { conditions: [condition('LoadBalancerServing')] } }),
      owner: undefined,
    },
    {
      name: 'another type by now',
      service: service({ metadata: { finalizers: ours }, spec: { type: 'ClusterIP' } }),
      owner: { instance: 'a', mark: 'finalizer' },
    },
  ];

  test.each(rows)('by $name', ({ service: given, owner }) => {
    expect(ownerOf(given)).toEqual(owner);
  });

  test('is read back from the mark that was put on', () => {
    for (const name of ['a', 'aws-eu', '0']) {
      expect(ownerOf(service({ metadata: { finalizers: [ownerMark(name)] } }))?.instance).toBe(name);
      expect(ownerOf(service({ status: { conditions: [condition(ownerMark(name))] } }))?.instance).toBe(name);
    }
  });
});

describe('a Service is kept whatever its type', () => {
  const rows: readonly (readonly [string, Service, boolean])[] = [
    ['with our finalizer', service({ metadata: { finalizers: ours } }), true],
    ['with our condition', service({ status: { conditions: [condition('fairlead.dev/a')] } }), true],
    ['with our condition, not true', service({ status: { conditions: [condition('fairlead.dev/a', 'False')] } }), true],
    [
      'with a state that we have told',
      service({ status: { conditions: [condition('LoadBalancerProvisioning', 'False')] } }),
      true,
    ],
    [
      'with nothing of ours',
      service({ metadata: { finalizers: [stock] }, status: published('192.0.2.1', [condition('x.example/y')]) }),
      false,
    ],
    ['with nothing at all', service(), false],
  ];

  test.each(rows)('%s: %#', (_name, given, kept) => {
    expect(hasOurMarks(given)).toBe(kept);
  });
});

test('the conditions that are ours are those of state and those that name an owner', () => {
  const types = [
    'LoadBalancerServing',
    'x.example/y',
    'LoadBalancerProvisioning',
    'LoadBalancerDegraded',
    'LoadBalancerPortsError',
    'fairlead.dev/a',
    'Ready',
  ];
  const given = service({ status: { conditions: types.map(type => condition(type)) } });
  expect(ourConditionTypes(given)).toEqual(types.filter(type => type !== 'x.example/y' && type !== 'Ready'));
});

describe('the mark of another controller', () => {
  const rows: readonly { readonly name: string; readonly service: Service; readonly mark: string | undefined }[] = [
    { name: 'none', service: service(), mark: undefined },
    { name: 'none, of a class', service: service({ spec: { loadBalancerClass: 'example.com/a' } }), mark: undefined },
    {
      name: 'an address',
      service: service({ status: published('192.0.2.1') }),
      mark: 'the published address 192.0.2.1',
    },
    {
      name: 'a hostname',
      service: service({ status: { loadBalancer: { ingress: [{ hostname: 'lb.example' }] } } }),
      mark: 'the published address lb.example',
    },
    {
      name: 'an address, of a class',
      service: service({ spec: { loadBalancerClass: 'example.com/a' }, status: published('192.0.2.1') }),
      mark: 'the published address 192.0.2.1',
    },
    {
      name: 'an address and a finalizer',
      service: service({ metadata: { finalizers: [stock] }, status: published('192.0.2.1') }),
      mark: 'the published address 192.0.2.1',
    },
    {
      name: 'the stock controller’s finalizer',
      service: service({ metadata: { finalizers: [stock] } }),
      mark: `the finalizer ${stock}`,
    },
    { name: 'any finalizer', service: service({ metadata: { finalizers: ['x/y'] } }), mark: 'the finalizer x/y' },
    {
      name: 'a finalizer, of a class',
      service: service({ metadata: { finalizers: ['x/y'] }, spec: { loadBalancerClass: 'example.com/a' } }),
      mark: undefined,
    },
    {
      name: 'the garbage collector’s finalizers',
      service: service({ metadata: { finalizers: ['foregroundDeletion', 'orphan'] } }),
      mark: undefined,
    },
    {
      name: 'the garbage collector’s and another',
      service: service({ metadata: { finalizers: ['orphan', 'x/y'] } }),
      mark: 'the finalizer x/y',
    },
  ];

  test.each(rows)('is $mark, by $name', ({ service: given, mark }) => {
    expect(foreignMark(given)).toBe(mark);
  });
});
