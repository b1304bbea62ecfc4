import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../../providers/aws/config.ts';
import {
  chooseSecurityGroups,
  groupNamesOf,
  type SecurityGroupsInput,
} from '../../../../providers/aws/desired/choose-security-groups.ts';
import { type Asked, settings, subnets, web } from '../samples.ts';

const securityGroups = [
  { id: 'sg-9', vpcId: 'vpc-1', tags: { Name: 'shared' } },
  { id: 'sg-7', vpcId: 'vpc-1', tags: { Name: 'twice' } },
  { id: 'sg-8', vpcId: 'vpc-1', tags: { Name: 'twice' } },
  { id: 'sg-6', vpcId: 'vpc-2', tags: { Name: 'elsewhere' } },
];

const chosen = (asked: Asked, more: Partial<SecurityGroupsInput> = {}) =>
  chooseSecurityGroups({
    loadBalancer: web,
    settings: settings(asked),
    config: parseConfig({}),
    network: { subnets, securityGroups },
    vpcId: 'vpc-1',
    listeners: [{ port: 80, protocol: 'TCP' }],
    dualstack: false,
    ...more,
  });

const ranges = { loadBalancer: { ...web, sourceRanges: ['10.0.0.0/8'] } };

describe('the balancer has', () => {
  test.each([
    ['a group of its own', {}, {}, { kind: 'own', backend: true }],
    [
      'its own, nodes being open',
      {},
      { config: parseConfig({ preauthorised: true }) },
      { kind: 'own', backend: false },
    ],
    [
      'those that are given, by id or Name',
      { 'security-groups': 'sg-1,shared' },
      {},
      { kind: 'given', ids: ['sg-1', 'sg-9'], backend: false },
    ],
    [
      'those, and the shared one',
      { 'security-groups': 'sg-1', 'manage-backend-security-group-rules': 'true' },
      {},
      { kind: 'given', ids: ['sg-1'], backend: true },
    ],
    ['none, on demand', { 'disable-nlb-sg': 'true' }, {}, { kind: 'none' }],
    ['none, because it was made so', {}, { presentGroups: [] }, { kind: 'none' }],
    ['its own, in place of given ones', {}, { presentGroups: ['sg-1'] }, { kind: 'own', backend: true }],
  ] as const)('%s', (_row, asked, more, groups) => {
    expect(chosen(asked, more)).toMatchObject({ groups, warnings: [], faults: [] });
  });
});

describe('a Warning:', () => {
  test.each([
    ['ranges beside given groups', { 'security-groups': 'sg-1' }, ranges, 'SourceRangesNotApplied', 'given'],
    ['groups for a balancer without', { 'security-groups': 'sg-1' }, { presentGroups: [] }, 'FixedAtCreation', 'none'],
    [
      'no groups for a balancer that has some',
      { 'disable-nlb-sg': 'true' },
      { presentGroups: ['sg-1'] },
      'FixedAtCreation',
      'own',
    ],
  ] as const)('%s', (_row, asked, more, reason, kind) => {
    expect(chosen(asked, more)).toMatchObject({ groups: { kind }, warnings: [{ reason }], faults: [] });
  });
});

describe('a fault:', () => {
  test.each([
    ['both annotations', { 'security-groups': 'sg-1', 'disable-nlb-sg': 'true' }, {}, /only one of them/],
    ['ranges that nobody would enforce', { 'disable-nlb-sg': 'true' }, ranges, /need a security group/],
    [
      'prefix lists that nobody would enforce',
      { 'security-group-prefix-lists': 'pl-1' },
      { presentGroups: [] },
      /need a security group/,
    ],
    ['a Name that nobody has', { 'security-groups': 'mine' }, {}, /no group in vpc-1 with id or Name "mine"/],
    ['a Name in another VPC', { 'security-groups': 'elsewhere' }, {}, /no group in vpc-1/],
    ['a Name that two have', { 'security-groups': 'twice' }, {}, /2 groups have the Name "twice" \(sg-7, sg-8\)/],
    [
      'an IPv6 range, served by IPv4 only',
      {},
      { loadBalancer: { ...web, sourceRanges: ['2001:db8::/32'] } },
      /"2001:db8::\/32" is IPv6/,
    ],
    [
      'more rules than a group takes',
      {},
      { loadBalancer: { ...web, sourceRanges: Array.from({ length: 61 }, (_, at) => `10.0.${at}.0/24`) } },
      /make 61 rules, and a security group has at most 60/,
    ],
  ] as const)('%s', (_row, asked, more, fault) => {
    expect(chosen(asked, more).faults).toEqual([expect.stringMatching(fault)]);
  });
});

test('rules of IPv4 and of IPv6 are counted apart', () => {
  const sourceRanges = Array.from({ length: 60 }, (_, at) => [`10.0.${at}.0/24`, `2001:db8:${at}::/48`]).flat();
  expect(chosen({}, { loadBalancer: { ...web, sourceRanges }, dualstack: true }).faults).toEqual([]);
});

test('only names have to be looked up', () => {
  expect(groupNamesOf(settings({ 'security-groups': 'sg-1,shared' }))).toEqual(['shared']);
  expect(groupNamesOf(settings())).toEqual([]);
});
