import { describe, expect, test } from 'vitest';
import { announcedService } from '../../../src/plan/announce/announced-service.ts';
import { condition, published, service } from '../../support/objects.ts';

const mark = condition('fairlead.dev/edge');
const at = (ip: string, more: object = {}) => ({ loadBalancer: { ingress: [{ ip, ...more }] }, conditions: [mark] });
const addresses = (...given: Parameters<typeof service>) => announcedService(service(...given), 'edge')?.addresses;

describe('the addresses that are announced for a Service', () => {
  test('are those published under our mark', () => {
    expect(addresses({ status: published('198.18.0.1', [mark]) })).toEqual(['198.18.0.1']);
  });

  test.each([
    ['without a mark', published('198.18.0.1')],
    ['with the mark of another instance', published('198.18.0.1', [condition('fairlead.dev/other')])],
    ['with a mark that is not True', published('198.18.0.1', [condition('fairlead.dev/edge', 'False')])],
    ['without an address', { conditions: [mark] }],
    ['with a hostname', { loadBalancer: { ingress: [{ hostname: 'a.example' }] }, conditions: [mark] }],
    ['of ipMode Proxy', at('198.18.0.1', { ipMode: 'Proxy' })],
    ['that are none', at('not an address')],
    ['with a leading zero', at('198.18.0.010')],
  ])('are none %s', (_, status) => {
    expect(addresses({ status })).toBeUndefined();
  });

  test('come in one spelling, each once', () => {
    const ingress = [{ ip: '2001:DB8:0::1' }, { ip: '2001:db8::1' }, { ip: '198.18.0.1' }];
    const status = { loadBalancer: { ingress }, conditions: [mark] };
    expect(addresses({ status })).toEqual(['2001:db8::1', '198.18.0.1']);
  });

  test('are bounded: a status of a thousand was not written by us', () => {
    const ingress = Array.from({ length: 1_000 }, (_, index) => ({ ip: `198.18.${index >> 8}.${index & 255}` }));
    expect(addresses({ status: { loadBalancer: { ingress }, conditions: [mark] } })).toHaveLength(16);
  });

  test('stay while the Service is being deleted, or has left the type: the controller takes them away', () => {
    const status = published('198.18.0.1', [mark]);
    const metadata = { deletionTimestamp: '2030-01-01T00:00:00Z', finalizers: ['x/y'] };
    expect(addresses({ status, metadata, spec: { type: 'ClusterIP' } })).toEqual(['198.18.0.1']);
  });
});

describe('of the Service is known', () => {
  const status = published('198.18.0.1', [mark, condition('LoadBalancerServing')]);

  test('its policy, and Cluster where it names none', () => {
    const policyOf = (spec: object) => announcedService(service({ spec, status }), 'edge')?.policy;
    expect([policyOf({ externalTrafficPolicy: 'Local' }), policyOf({})]).toEqual(['Local', 'Cluster']);
  });

  test('its node selector; one that cannot be read selects everything', () => {
    const selectorOf = (text: string) => {
      const metadata = { annotations: { 'fairlead.dev/node-selector': text } };
      return announcedService(service({ metadata, status }), 'edge')?.selector.text;
    };
    expect([selectorOf('rack=a'), selectorOf('((')]).toEqual(['rack=a', '']);
  });

  test('of its annotations those that the provider reads, and labels, shared where there are none', () => {
    const given = (metadata: object) => announcedService(service({ metadata, status }), 'edge', ['edge.io/', 'b/c']);
    const annotations = { 'edge.io/x': '1', 'b/c': '2', 'other.io/x': '3' };
    expect(given({ annotations })?.annotations).toEqual({ 'edge.io/x': '1', 'b/c': '2' });
    expect(given({ annotations: { 'other.io/x': '3' } })?.annotations).toBe(given({})?.annotations);
    expect(given({ labels: { app: 'web' } })?.labels).toEqual({ app: 'web' });
  });

  test('since when it is served, if it is', () => {
    const since = (serving: Parameters<typeof condition>[1]) => {
      const conditions = [mark, condition('LoadBalancerServing', serving)];
      return announcedService(service({ status: published('198.18.0.1', conditions) }), 'edge')?.servingSince;
    };
    expect([since('True'), since('False')]).toEqual(['2026-01-01T00:00:00Z', undefined]);
  });
});
