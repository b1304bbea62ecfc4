import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AnnotationPolicy,
  allowedAnnotations,
  isGranted,
  isReleased,
  type Release,
} from '../../src/plan/annotation-policy.ts';
import { capabilities as base } from '../support/objects.ts';

const capabilities = {
  ...base,
  annotationPrefixes: ['cloud.example/', 'older.example/lb-'],
  restrictedAnnotations: ['cloud.example/security-groups'],
};
const open = 'cloud.example/size';
const restricted = 'cloud.example/security-groups';
const foreign = 'other.example/size';

function policy(preset: AnnotationPolicy['preset'], ...released: readonly Release[]): AnnotationPolicy {
  return { preset, released };
}

function verdict(annotation: string, given: AnnotationPolicy, namespace = 'team'): 'allowed' | 'refused' | 'dropped' {
  const { allowed, refused } = allowedAnnotations({ [annotation]: 'v' }, namespace, capabilities, given);
  if (allowed[annotation] === 'v') return 'allowed';
  return refused.length === 1 ? 'refused' : 'dropped';
}

describe('an annotation', () => {
  const exact = { namespace: 'team', annotation: open };
  const rows: readonly { readonly annotation: string; readonly policy: AnnotationPolicy; readonly verdict: string }[] =
    [
      { annotation: open, policy: policy('standard'), verdict: 'allowed' },
      { annotation: 'older.example/lb-size', policy: policy('standard'), verdict: 'allowed' },
      { annotation: 'older.example/size', policy: policy('standard'), verdict: 'dropped' },
      { annotation: restricted, policy: policy('standard'), verdict: 'refused' },
      { annotation: foreign, policy: policy('standard'), verdict: 'dropped' },
      { annotation: 'fairlead.dev/adopt', policy: policy('standard'), verdict: 'dropped' },
      { annotation: open, policy: policy('strict'), verdict: 'refused' },
      { annotation: restricted, policy: policy('strict'), verdict: 'refused' },
      { annotation: foreign, policy: policy('strict'), verdict: 'dropped' },
      { annotation: open, policy: policy('strict', exact), verdict: 'allowed' },
      { annotation: open, policy: policy('strict', { ...exact, namespace: '*' }), verdict: 'allowed' },
      { annotation: open, policy: policy('strict', { ...exact, namespace: 'other' }), verdict: 'refused' },
      { annotation: open, policy: policy('strict', { ...exact, namespace: 'tea' }), verdict: 'refused' },
      { annotation: open, policy: policy('strict', { ...exact, annotation: 'cloud.example/siz' }), verdict: 'refused' },
      { annotation: open, policy: policy('strict', { ...exact, annotation: 'cloud.example/*' }), verdict: 'allowed' },
      { annotation: open, policy: policy('strict', { ...exact, annotation: 'cloud.example/*ze' }), verdict: 'refused' },
      { annotation: restricted, policy: policy('standard', exact), verdict: 'refused' },
      { annotation: restricted, policy: policy('standard', { ...exact, annotation: restricted }), verdict: 'allowed' },
      { annotation: restricted, policy: policy('strict', { ...exact, annotation: restricted }), verdict: 'allowed' },
      {
        annotation: restricted,
        policy: policy('standard', { ...exact, annotation: restricted, namespace: 'other' }),
        verdict: 'refused',
      },
      // A release lets an annotation pass the policy; it does not make it the provider's.
      { annotation: foreign, policy: policy('standard', { ...exact, annotation: foreign }), verdict: 'dropped' },
    ];

  test.each(rows)('$annotation under $policy is $verdict', row => {
    expect(verdict(row.annotation, row.policy)).toBe(row.verdict);
  });

  test('of a provider without restricted ones passes under the standard preset', () => {
    expect(allowedAnnotations({ [restricted]: 'v' }, 'team', base, policy('standard')).allowed).toEqual({
      [restricted]: 'v',
    });
  });

  test('that is refused is told by name, with the namespace and the remedy', () => {
    const { refused } = allowedAnnotations({ [restricted]: 'secret' }, 'team', capabilities, policy('standard'));
    expect(refused.map(one => one.reason)).toEqual(['AnnotationRefused']);
    expect(refused[0]?.message).toMatch(/cloud\.example\/security-groups.*team.*--allow-annotation/);
    expect(refused[0]?.message).not.toContain('secret');
  });
});

test('every annotation with a prefix of the provider’s is allowed or refused, and no other; their order does not count', () => {
  const key = fc.constantFrom(
    open,
    restricted,
    foreign,
    'cloud.example/a',
    'older.example/lb-b',
    'constructor',
    'fairlead.dev/abandon',
  );
  const release = fc.record({
    namespace: fc.constantFrom('*', 'team', 'x'),
    annotation: fc.constantFrom(open, restricted, 'cloud.example/*', foreign),
  });
  const policies = fc.record({
    preset: fc.constantFrom('standard' as const, 'strict' as const),
    released: fc.array(release, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.dictionary(key, fc.string(), { noNullPrototype: true }), policies, (given, chosen) => {
      const { allowed, refused } = allowedAnnotations(given, 'team', capabilities, chosen);
      const concerned = Object.keys(given).filter(one =>
        capabilities.annotationPrefixes.some(prefix => one.startsWith(prefix)),
      );
      expect(Object.keys(allowed).length + refused.length).toBe(concerned.length);
      for (const [one, value] of Object.entries(allowed)) expect(value).toBe(given[one]);
      const turned = Object.fromEntries(Object.entries(given).toReversed());
      expect(JSON.stringify(allowedAnnotations(turned, 'team', capabilities, chosen))).toBe(
        JSON.stringify({ allowed, refused }),
      );
    }),
  );
});

describe('to adopt or to abandon is granted', () => {
  const adopt = 'fairlead.dev/adopt';
  const listed = { namespace: 'team', annotation: adopt };
  const rows: readonly {
    readonly name: string;
    readonly given: Record<string, string>;
    readonly policy: AnnotationPolicy;
    readonly granted: boolean;
  }[] = [
    {
      name: 'where the namespace is listed',
      given: { [adopt]: 'true' },
      policy: policy('standard', listed),
      granted: true,
    },
    {
      name: 'where the namespace is listed, strict',
      given: { [adopt]: 'true' },
      policy: policy('strict', listed),
      granted: true,
    },
    { name: 'not by the standard preset', given: { [adopt]: 'true' }, policy: policy('standard'), granted: false },
    {
      name: 'not for another namespace',
      given: { [adopt]: 'true' },
      policy: policy('standard', { ...listed, namespace: 'other' }),
      granted: false,
    },
    {
      name: 'not for another word',
      given: { [adopt]: 'true' },
      policy: policy('standard', { ...listed, annotation: 'fairlead.dev/abandon' }),
      granted: false,
    },
    { name: 'not when it is not asked for', given: {}, policy: policy('standard', listed), granted: false },
    { name: 'not by "false"', given: { [adopt]: 'false' }, policy: policy('standard', listed), granted: false },
    { name: 'not by "True"', given: { [adopt]: 'True' }, policy: policy('standard', listed), granted: false },
    { name: 'not by an empty value', given: { [adopt]: '' }, policy: policy('standard', listed), granted: false },
  ];

  test.each(rows)('$name', ({ given, policy: chosen, granted }) => {
    expect(isGranted('adopt', given, 'team', chosen)).toBe(granted);
  });

  test('word by word', () => {
    const abandoning = policy('standard', { namespace: 'team', annotation: 'fairlead.dev/abandon' });
    expect(isGranted('abandon', { 'fairlead.dev/abandon': 'true' }, 'team', abandoning)).toBe(true);
    expect(isReleased('fairlead.dev/adopt', 'team', abandoning)).toBe(false);
  });
});
