import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Condition, Service } from '../../src/kube/objects.ts';
import { type StatusChange, statusPatch } from '../../src/plan/status-patch.ts';
import { condition, published, service, uid } from '../support/objects.ts';
import { strategicMergePatch } from '../support/sim/api-patch.ts';

const now = '2030-01-01T00:00:00Z';
const ours = 'fairlead.dev/a';
const serving = { status: 'True', reason: 'Serving', message: '' } as const;

/** What the API server keeps of it: the patch merged, and ipMode put in. `sim/api-patch.ts` is held against the real one. */
function patched(given: Service, patch: object | undefined): Service {
  const merged = (
    patch === undefined ? given : strategicMergePatch(given, JSON.parse(JSON.stringify(patch)))
  ) as Service;
  const ingress = merged.status?.loadBalancer?.ingress?.map(entry =>
    entry.ip === undefined ? entry : { ipMode: 'VIP' as const, ...entry },
  );
  if (ingress === undefined) return merged;
  return { ...merged, status: { ...merged.status, loadBalancer: { ingress } } };
}

describe('a patch', () => {
  test('is none where nothing is different', () => {
    const given = service({
      metadata: { finalizers: [ours] },
      status: published('192.0.2.1', [condition('LoadBalancerServing')]),
    });
    const change: StatusChange = {
      addFinalizer: ours,
      removeFinalizers: ['fairlead.dev/b'],
      ingress: [{ ip: '192.0.2.1' }],
      conditions: { LoadBalancerServing: serving, LoadBalancerDegraded: undefined },
    };
    expect(statusPatch(given, change, now)).toBeUndefined();
    expect(statusPatch(service(), {}, now)).toBeUndefined();
    expect(statusPatch(service(), { ingress: [] }, now)).toBeUndefined();
  });

  test('carries uid and resourceVersion, all in one write, and nothing of the spec', () => {
    const change: StatusChange = {
      addFinalizer: ours,
      ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }],
      conditions: { [ours]: serving },
    };
    expect(statusPatch(service(), change, now)).toEqual({
      metadata: { uid, resourceVersion: '10', finalizers: [ours] },
      status: {
        loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] },
        conditions: [{ type: ours, ...serving, lastTransitionTime: now }],
      },
    });
  });

  test('for a finalizer alone leaves the status as it is', () => {
    const given = service({ status: published('192.0.2.1', [condition('x.example/y')]) });
    expect(patched(given, statusPatch(given, { addFinalizer: ours }, now)).status).toEqual(given.status);
  });

  test('names only those finalizers that are there to be removed', () => {
    const given = service({ metadata: { finalizers: ['x/y', ours] } });
    const patch = statusPatch(given, { removeFinalizers: [ours, 'fairlead.dev/b'] }, now);
    expect(patch).toMatchObject({ metadata: { '$deleteFromPrimitiveList/finalizers': [ours] } });
    expect(patched(given, patch).metadata.finalizers).toEqual(['x/y']);
  });

  test('clears the address by null, since an empty list would merge with what is there', () => {
    const given = service({ status: published('192.0.2.1') });
    const patch = statusPatch(given, { ingress: [] }, now);
    expect(patch).toMatchObject({ status: { loadBalancer: { ingress: null } } });
    expect(patched(given, patch).status?.loadBalancer?.ingress).toBeUndefined();
  });

  const transitions: readonly (readonly [string, Condition | undefined, Condition['status'], string, string])[] = [
    ['new', undefined, 'True', 'Serving', now],
    ['of another status', condition('T', 'False'), 'True', 'Serving', now],
    ['of unknown status', condition('T', 'Unknown'), 'True', 'Serving', now],
    ['of another reason', condition('T', 'True', { reason: 'X' }), 'True', 'Serving', '2026-01-01T00:00:00Z'],
    ['of another message', condition('T', 'True', { message: 'x' }), 'True', 'Serving', '2026-01-01T00:00:00Z'],
  ];

  test.each(transitions)(
    'of a condition that is %s moves its time only with its status',
    (_name, have, status, reason, time) => {
      const given = service({ status: { conditions: have === undefined ? [] : [have] } });
      const patch = statusPatch(
        given,
        { conditions: { T: { status: status === 'True' ? 'True' : 'False', reason: 'Serving', message: '' } } },
        now,
      );
      expect(patched(given, patch).status?.conditions).toEqual([
        { type: 'T', status, reason, message: '', lastTransitionTime: time },
      ]);
    },
  );
});

const finalizer = fc.constantFrom(
  'fairlead.dev/a',
  'fairlead.dev/b',
  'x/y',
  'service.kubernetes.io/load-balancer-cleanup',
);
const type = fc.constantFrom('LoadBalancerServing', 'LoadBalancerDegraded', 'fairlead.dev/a', 'x.example/y');
const ingress = fc.uniqueArray(
  fc.constantFrom(
    { ip: '192.0.2.1' },
    { ip: '192.0.2.2', ipMode: 'Proxy' as const },
    { ip: '192.0.2.1', ipMode: 'VIP' as const },
    { hostname: 'lb' },
  ),
  {
    maxLength: 3,
  },
);
const conditions = fc.uniqueArray(
  fc.record({
    type,
    status: fc.constantFrom('True' as const, 'False' as const),
    reason: fc.constantFrom('Serving', 'Provisioning'),
    message: fc.constantFrom('', 'm'),
    lastTransitionTime: fc.constant('2026-01-01T00:00:00Z'),
  }),
  { selector: one => one.type },
);
const services: fc.Arbitrary<Service> = fc
  .record({ finalizers: fc.uniqueArray(finalizer), ingress, conditions })
  .map(given =>
    service({
      metadata: { finalizers: given.finalizers },
      status: { loadBalancer: { ingress: given.ingress }, conditions: given.conditions },
    }),
  );
const wanted = fc.record({
  status: fc.constantFrom('True' as const, 'False' as const),
  reason: fc.constantFrom('Serving' as const, 'Provisioning' as const),
  message: fc.constantFrom('', 'm'),
});
const changes: fc.Arbitrary<StatusChange> = fc.oneof(
  fc.record(
    {
      addFinalizer: finalizer,
      ingress,
      conditions: fc.dictionary(type, fc.option(wanted, { nil: undefined }), { noNullPrototype: true }),
    },
    { requiredKeys: [] },
  ),
  fc.record(
    {
      removeFinalizers: fc.uniqueArray(finalizer),
      ingress,
      conditions: fc.dictionary(type, fc.option(wanted, { nil: undefined }), { noNullPrototype: true }),
    },
    { requiredKeys: [] },
  ),
);

describe('whatever the Service and the change, a patch', () => {
  test('makes the change so and leaves the rest, and a second one is none', () => {
    fc.assert(
      fc.property(services, changes, (given, change) => {
        const after = patched(given, statusPatch(given, change, now));
        expect(new Set(after.metadata.finalizers)).toEqual(finalizersAfter(given, change));
        expect(after.metadata.finalizers ?? []).toHaveLength(finalizersAfter(given, change).size);
        expect(conditionsOf(after)).toEqual(conditionsAfter(given, change));
        const entries = change.ingress ?? given.status?.loadBalancer?.ingress ?? [];
        const modes = entries.map(entry => ('ip' in entry ? { ipMode: 'VIP', ...entry } : entry));
        expect(
          (after.status?.loadBalancer?.ingress ?? []).map(entry =>
            'ip' in entry ? { ipMode: 'VIP', ...entry } : entry,
          ),
        ).toEqual(modes);
        expect(after.spec).toEqual(given.spec);
        expect(statusPatch(after, change, now)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  test('changes neither of the two that it was made from', () => {
    fc.assert(
      fc.property(services, changes, (given, change) => {
        const before = JSON.stringify([given, change]);
        statusPatch(given, change, now);
        expect(JSON.stringify([given, change])).toBe(before);
      }),
    );
  });

  function finalizersAfter(given: Service, change: StatusChange): ReadonlySet<string> {
    const after = new Set(given.metadata.finalizers);
    if (change.addFinalizer !== undefined) after.add(change.addFinalizer);
    for (const one of change.removeFinalizers ?? []) after.delete(one);
    return after;
  }

  function conditionsOf(given: Service): Record<string, string> {
    return Object.fromEntries(
      (given.status?.conditions ?? []).map(one => [
        one.type,
        `${one.status} ${one.reason} ${one.message} ${one.lastTransitionTime}`,
      ]),
    );
  }

  function conditionsAfter(given: Service, change: StatusChange): Record<string, string> {
    const after = new Map((given.status?.conditions ?? []).map(one => [one.type, one]));
    for (const [name, want] of Object.entries(change.conditions ?? {})) {
      const have = after.get(name);
      if (want === undefined) after.delete(name);
      else
        after.set(name, {
          type: name,
          ...want,
          lastTransitionTime: have?.status === want.status ? have.lastTransitionTime : now,
        });
    }
    return conditionsOf(service({ status: { conditions: [...after.values()] } }));
  }
});
