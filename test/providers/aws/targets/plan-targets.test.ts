import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Target } from '../../../../providers/aws/model/desired.ts';
import { type KnownTargets, keyOf, observedTargets } from '../../../../providers/aws/targets/known-targets.ts';
import { planAfterLook, planTargets } from '../../../../providers/aws/targets/plan-targets.ts';

/** `i-1:80`; with `!`: registered just now. */
function targetsOf(text: string): readonly (Target & { readonly fresh: boolean })[] {
  return text
    .split(' ')
    .filter(one => one !== '')
    .map(one => {
      const [id = '', port = '80'] = one.replace('!', '').split(':');
      return { id, port: Number(port), fresh: one.includes('!') };
    });
}

function wantedOf(text: string): readonly Target[] {
  return targetsOf(text).map(({ id, port }) => ({ id, port }));
}

function knownOf(text: string): KnownTargets {
  const registered = new Map(
    targetsOf(text).map(({ fresh, ...target }) => [keyOf(target), { target, fresh }] as const),
  );
  return { registered, read: true };
}

const textOf = (targets: readonly Target[]): string => targets.map(({ id, port }) => `${id}:${port}`).join(' ');

describe('what is registered and deregistered', () => {
  test.each([
    { name: 'equal', wanted: 'a b', known: 'a b', register: '', deregister: '', look: false },
    { name: 'one comes', wanted: 'a b', known: 'a', register: 'b:80', deregister: '', look: false },
    {
      name: 'one goes, another has long been there',
      wanted: 'a',
      known: 'a b',
      register: '',
      deregister: 'b:80',
      look: false,
    },
    { name: 'the only one is replaced', wanted: 'c', known: 'a', register: 'c:80', deregister: 'a:80', look: true },
    { name: 'what stays has just come', wanted: 'b', known: 'a b!', register: '', deregister: 'a:80', look: true },
    {
      name: 'another port of the same node',
      wanted: 'a:81',
      known: 'a:80',
      register: 'a:81',
      deregister: 'a:80',
      look: true,
    },
    {
      name: 'another port of one node beside an old one: moto knows ids only',
      wanted: 'a:81 b',
      known: 'a:80 b',
      register: 'a:81',
      deregister: 'a:80',
      look: true,
    },
    {
      name: 'nothing is wanted any more',
      wanted: '',
      known: 'a b',
      register: '',
      deregister: 'a:80 b:80',
      look: false,
    },
  ])('$name', ({ wanted, known, register, deregister, look }) => {
    const plan = planTargets(wantedOf(wanted), knownOf(known));
    expect([textOf(plan.register), textOf(plan.deregister), plan.afterLook]).toEqual([register, deregister, look]);
  });

  test.each([
    { name: 'one that comes is healthy', wanted: 'b', going: 'a', seen: 'a=healthy b=healthy', goes: 'a:80', held: '' },
    {
      name: 'none that comes is healthy yet',
      wanted: 'b',
      going: 'a',
      seen: 'a=healthy b=initial',
      goes: '',
      held: 'a:80',
    },
    {
      name: 'nothing is lost with those that go',
      wanted: 'b',
      going: 'a',
      seen: 'a=unhealthy b=initial',
      goes: 'a:80',
      held: '',
    },
    { name: 'one is gone already', wanted: 'b', going: 'a', seen: 'a=draining b=initial', goes: '', held: '' },
    { name: 'moto has replaced it', wanted: 'a:81', going: 'a:80', seen: 'a:81=healthy', goes: '', held: '' },
  ])('after a look: $name', ({ wanted, going, seen, goes, held }) => {
    const states = seen.split(' ').map(one => {
      const [target = '', state = ''] = one.split('=');
      return { ...(wantedOf(target)[0] ?? { id: '', port: 0 }), state };
    });
    const plan = planAfterLook(wantedOf(wanted), wantedOf(going), states);
    expect([textOf(plan.deregister), textOf(plan.held)]).toEqual([goes, held]);
  });

  test('what an answer shows as registered', () => {
    const known = observedTargets([
      { id: 'a', port: 80, state: 'healthy' },
      { id: 'b', port: 80, state: 'initial' },
      { id: 'c', port: 80, state: 'draining' },
      { id: 'd', port: 80, state: 'unused', reason: 'Target.NotRegistered' },
      { id: 'e', port: 80, state: 'unused', reason: 'Target.NotInUse' },
    ]);
    expect([...known.registered.values()].map(({ target, fresh }) => `${target.id} ${fresh}`)).toEqual([
      'a false',
      'b true',
      'e true',
    ]);
  });

  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));

  test('whatever was there, the plan ends with exactly what is wanted', () => {
    fc.assert(
      fc.property(names, names, (wanted, known) => {
        const plan = planTargets(wantedOf(wanted.join(' ')), knownOf(known.join(' ')));
        const gone = new Set(plan.deregister.map(({ id }) => id));
        const left = [...known.filter(id => !gone.has(id)), ...plan.register.map(({ id }) => id)];
        expect(left.toSorted()).toEqual(wanted.toSorted());
      }),
    );
  });

  test('the last healthy targets never go while others are to replace them', () => {
    const states = fc.constantFrom('healthy', 'initial', 'unhealthy');
    fc.assert(
      fc.property(names, names, fc.array(states, { minLength: 10, maxLength: 10 }), (wanted, going, health) => {
        const leaving = going.filter(id => !wanted.includes(id));
        const seen = [...wanted, ...leaving].map((id, index) => ({ id, port: 80, state: health[index] ?? 'initial' }));
        const { deregister } = planAfterLook(wantedOf(wanted.join(' ')), wantedOf(leaving.join(' ')), seen);
        const gone = new Set(deregister.map(({ id }) => id));
        const wasServed = seen.some(({ state }) => state === 'healthy');
        const isServed = seen.some(({ id, state }) => state === 'healthy' && !gone.has(id));
        expect(isServed).toBe(wasServed);
      }),
    );
  });
});
