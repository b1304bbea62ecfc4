import { expect, test } from 'vitest';
import { sameFirewall } from '../../../../providers/gcp/plan/same-firewall.ts';

const wanted = {
  name: 'f',
  description: 'ours',
  priority: 1_000,
  sourceRanges: ['10.0.0.0/8', '192.0.2.1/32'],
  destinationRanges: ['203.0.113.7/32'],
  allowed: [{ IPProtocol: 'tcp', ports: ['80', '443'] }],
};

test.each([
  ['as it is', {}, true],
  [
    'in another order, and in another spelling',
    {
      sourceRanges: ['192.0.2.1', '10.0.0.0/8'],
      destinationRanges: ['203.0.113.7'],
      allowed: [
        { IPProtocol: 'TCP', ports: ['443'] },
        { IPProtocol: 'tcp', ports: ['80'] },
      ],
    },
    true,
  ],
  ['with what somebody has set beside', { logConfig: { enable: true } }, true],
  ['a source less', { sourceRanges: ['10.0.0.0/8'] }, false],
  ['another destination', { destinationRanges: ['203.0.113.8/32'] }, false],
  ['no destination', { destinationRanges: undefined }, false],
  ['a port more', { allowed: [{ IPProtocol: 'tcp', ports: ['80', '443', '22'] }] }, false],
  ['every port', { allowed: [{ IPProtocol: 'tcp' }] }, false],
  ['tags', { targetTags: ['x'] }, false],
  ['switched off', { disabled: true }, false],
  ['without its mark', { description: undefined }, false],
])('%s', (_name, changes, expected) => {
  expect(sameFirewall(wanted, { ...wanted, ...changes } as typeof wanted)).toBe(expected);
});
