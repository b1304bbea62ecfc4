import { expect, test } from 'vitest';
import { fingerprint } from '../../../../providers/aws/desired/fingerprint.ts';
import { desired, node, port, web } from '../samples.ts';

const of = (...wish: Parameters<typeof desired>) => fingerprint(desired(...wish).balancer);

test('equal wishes have equal fingerprints, in whatever order they were written', () => {
  const one = desired({ asked: { attributes: 'a.b=1,c.d=2' } }).balancer;
  const other = desired({ asked: { attributes: 'c.d=2,a.b=1' } }).balancer;
  expect(fingerprint(one)).toBe(fingerprint(other));
});

test.each([
  ['nodes', { service: { backends: [node(7)] } }],
  ['the node port', { service: { listeners: [port(80, { name: 'http', nodePort: 31_999 })] } }],
])('%s are not in it', (_row, wish) => {
  expect(of(wish)).toBe(of());
});

test.each([
  ['a port', { service: { listeners: [...web.listeners, port(81)] } }],
  ['a source range', { service: { sourceRanges: ['10.0.0.0/8'] } }],
  ['an attribute', { asked: { attributes: 'a.b=1' } }],
  ['a tag', { asked: { 'additional-resource-tags': 'a=1' } }],
  ['a health check', { asked: { 'healthcheck-interval': '30' } }],
  ['the scheme', { asked: { scheme: 'internal' } }],
])('%s is in it', (_row, wish) => {
  expect(of(wish)).not.toBe(of());
});
