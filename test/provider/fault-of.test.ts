import { expect, test } from 'vitest';
import { createProvider } from '../../providers/in-memory/in-memory.ts';
import { faultOf } from '../../src/provider/fault-of.ts';
import { silentContext } from '../support/provider-context.ts';

const good = createProvider(silentContext());
const withCapability = (capability: object) => ({ ...good, capabilities: { ...good.capabilities, ...capability } });

test('a complete provider has no fault', () => {
  expect(faultOf(good)).toBeUndefined();
  expect(faultOf(withCapability({ maxListeners: 50, restrictedAnnotations: ['a/b'] }))).toBeUndefined();
});

test.each([
  ['undefined', undefined, 'is no object: createProvider must return one'],
  [
    'another version',
    { ...good, contractVersion: 2 },
    'speaks contract version 2, this fairlead speaks 1: install a release of the provider that fits',
  ],
  ['no needs', { ...good, needs: undefined }, 'lacks needs: it must be a function'],
  ['no ensure', { ...good, ensureLoadBalancer: undefined }, 'lacks ensureLoadBalancer: it must be a function'],
  [
    'no delete',
    { ...good, ensureLoadBalancerDeleted: undefined },
    'lacks ensureLoadBalancerDeleted: it must be a function',
  ],
  ['restore that is no function', { ...good, restore: true }, 'has a wrong restore: it must be a function, or absent'],
  ['no capabilities', { ...good, capabilities: undefined }, 'lacks capabilities: it must be an object'],
  [
    'a word for a flag',
    withCapability({ dualStack: 'yes' }),
    'has a wrong capabilities.dualStack: it must be true or false',
  ],
  [
    'no protocol',
    withCapability({ protocols: [] }),
    'has a wrong capabilities.protocols: it must be a list of TCP, UDP, SCTP',
  ],
  [
    'an unknown family',
    withCapability({ ipFamilies: ['ipv4'] }),
    'has a wrong capabilities.ipFamilies: it must be a list of IPv4, IPv6',
  ],
  [
    'a prefix that lets all through',
    withCapability({ annotationPrefixes: [''] }),
    'has a wrong capabilities.annotationPrefixes: it must be a list of non-empty texts',
  ],
  [
    'half a listener',
    withCapability({ maxListeners: 0.5 }),
    'has a wrong capabilities.maxListeners: it must be a whole number above 0, or absent',
  ],
])('%s', (_name, value, expected) => {
  expect(faultOf(value)).toBe(expected);
});
