import { describe, expect, test } from 'vitest';
import { annotations, conditionReasons, conditionTypes, eventReasons, prefix, standard } from '../../src/plan/words.ts';

/** A qualified name (k8s.io/apimachinery, IsQualifiedName): DNS prefix, slash, 1–63 characters. */
const qualifiedName = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

describe('the words on objects', () => {
  test('annotations are valid keys, each once, ours under the one prefix', () => {
    const keys = Object.values(annotations).map(one => one.key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(qualifiedName);
    const own = keys.filter(key => key !== annotations.sourceRanges.key);
    for (const key of own) expect(key.startsWith(prefix)).toBe(true);
  });

  test('conditions are named as the draft KEP-4631 and k8s.io/api/core/v1 name them', () => {
    expect(Object.values(conditionTypes).map(one => one.type)).toEqual([
      'LoadBalancerServing',
      'LoadBalancerProvisioning',
      'LoadBalancerDegraded',
      'LoadBalancerPortsError',
      'fairlead.dev/Reported',
      'fairlead.dev/<instance>',
    ]);
  });

  // metav1.Condition: reason ^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$, at most 1,024 characters.
  test.each(Object.keys(conditionReasons))('condition reason %s is one the API server takes', reason => {
    expect(reason).toMatch(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/);
  });

  test.each(Object.entries(eventReasons))(
    'Event reason %s is a word, and its help begins with its type',
    (reason, help) => {
      // Two are MetalLB's words.
      expect(reason).toMatch(/^(?:[A-Z][A-Za-z]{2,127}|nodeAssigned|announceFailed)$/);
      expect(help).toMatch(/^(Normal|Warning): /);
    },
  );

  test('Events carry the reasons of the stock service controller', () => {
    const stock = [
      'EnsuringLoadBalancer',
      'EnsuredLoadBalancer',
      'SyncLoadBalancerFailed',
      'DeletingLoadBalancer',
      'DeletedLoadBalancer',
      'UnAvailableLoadBalancer',
      'UpdatedLoadBalancer',
    ];
    expect(Object.keys(eventReasons)).toEqual(expect.arrayContaining(stock));
  });

  test('every word says what it means', () => {
    const helps = [
      ...Object.values(annotations).map(one => one.help),
      ...Object.values(conditionTypes).map(one => one.help),
      ...Object.values(eventReasons),
      ...Object.values(conditionReasons),
    ];
    for (const help of helps) expect(help).toMatch(/\S.{10,}\.$/s);
  });

  test('our prefix is under none of Kubernetes’ own', () => {
    expect(prefix).toBe('fairlead.dev/');
    expect(standard.finalizer.startsWith(prefix)).toBe(false);
  });
});
