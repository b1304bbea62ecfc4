import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ObservedRule } from '../../../../providers/aws/model/observed.ts';
import { toPermission, toRules } from '../../../../providers/aws/resources/permissions.ts';

const rule: fc.Arbitrary<ObservedRule> = fc.record({
  protocol: fc.constantFrom('tcp', 'udp', 'icmp', 'icmpv6'),
  fromPort: fc.integer({ min: -1, max: 65_535 }),
  toPort: fc.integer({ min: -1, max: 65_535 }),
  source: fc.oneof(
    fc.record({ cidr: fc.constantFrom('10.0.0.0/8', '0.0.0.0/0', '::/0', '2001:db8::/32') }),
    fc.record({ prefixList: fc.constantFrom('pl-1', 'pl-2') }),
    fc.record({ securityGroup: fc.constantFrom('sg-1', 'sg-2') }),
  ),
  description: fc.constantFrom('', 'web', 'fairlead: node ports'),
});

test('a rule is the same after the way to AWS and back', () => {
  fc.assert(
    fc.property(rule, one => {
      expect(toRules(toPermission(one))).toEqual([one]);
    }),
  );
});

test('a permission with several sources is as many rules', () => {
  const rules = toRules({
    IpProtocol: 'tcp',
    FromPort: 80,
    ToPort: 80,
    IpRanges: [{ CidrIp: '10.0.0.0/8' }, { CidrIp: '192.168.0.0/16', Description: 'office' }],
    Ipv6Ranges: [{ CidrIpv6: '::/0' }],
  });
  expect(rules.map(({ source, description }) => [source, description])).toEqual([
    [{ cidr: '10.0.0.0/8' }, ''],
    [{ cidr: '192.168.0.0/16' }, 'office'],
    [{ cidr: '::/0' }, ''],
  ]);
});

test('what is open for every protocol, or for one without ports, is never ours', () => {
  expect(toRules({ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] })).toEqual([]);
  expect(toRules({ IpProtocol: '50', IpRanges: [{ CidrIp: '0.0.0.0/0' }] })).toEqual([]);
});
