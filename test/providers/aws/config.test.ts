import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../providers/aws/config.ts';
import { configTable } from '../../../providers/aws/config-table.ts';
import { faultOf } from './samples.ts';

const defaults = {
  preauthorised: false,
  defaultScheme: 'internet-facing',
  publish: 'active',
  tags: {},
  verifySeconds: 300,
  limits: {},
  quotas: { loadBalancers: 50, targetGroups: 3_000, targetsPerGroup: 1_000, rulesPerSecurityGroup: 60 },
};

test.each([undefined, null, {}])('%j is all defaults', given => {
  expect(parseConfig(given)).toEqual(defaults);
});

test('every key is read', () => {
  const given = {
    vpcId: 'vpc-0a',
    clusterName: 'prod',
    subnets: ['subnet-a', 'public b'],
    nodeSecurityGroup: 'sg-0a',
    preauthorised: true,
    defaultTargetType: 'node-ip',
    defaultScheme: 'internal',
    publish: 'at-once',
    tags: { team: 'net' },
    verifySeconds: 60,
    limits: { describe: { burst: 10, perSecond: 0.5 } },
    quotas: { loadBalancers: 500 },
  };
  expect(Object.keys(given)).toEqual(Object.keys(configTable));
  expect(parseConfig(given)).toEqual({ ...given, quotas: { ...defaults.quotas, loadBalancers: 500 } });
});

test('limits can be off', () => {
  expect(parseConfig({ limits: 'off' }).limits).toBe('off');
});

describe('is refused, with the remedy:', () => {
  test.each([
    ['no object', [], 'config must be an object such as'],
    ['a key that is nearly right', { vpcID: 'vpc-1' }, 'config.vpcID is not known: is vpcId meant?'],
    ['a key that is nobody’s', { foo: 1 }, 'config.foo is not known: use vpcId, clusterName'],
    ['a VPC’s name', { vpcId: 'main' }, 'config.vpcId is "main": it must be the id of a VPC, `vpc-…`'],
    ['a flag in quotes', { preauthorised: 'true' }, 'config.preauthorised is "true": it must be `true` or `false`'],
    [
      'a word',
      { defaultScheme: 'public' },
      'config.defaultScheme is "public": it must be `internet-facing` or `internal`',
    ],
    ['an empty list', { subnets: [] }, 'config.subnets is []: it must be a list of subnet ids'],
    ['a tag of ours', { tags: { 'fairlead.dev/uid': 'x' } }, 'the tag "fairlead.dev/uid" marks ownership'],
    ['a tag that is a number', { tags: { a: 1 } }, 'the tag "a" is no text'],
    ['a lane that is none', { limits: { descrbe: { burst: 1, perSecond: 1 } } }, 'config.limits is {"descrbe":'],
    [
      'half a limit',
      { limits: { describe: { burst: 1 } } },
      'config.limits is {"describe":{"burst":1}}: it must be `off`, or an object of',
    ],
    [
      'a quota of nothing',
      { quotas: { loadBalancers: 0 } },
      'config.quotas is {"loadBalancers":0}: it must be an object of whole numbers',
    ],
    ['a moment', { verifySeconds: 1 }, 'config.verifySeconds is 1: it must be a whole number from 30 to 86400'],
  ])('%s', (_row, given, fault) => {
    expect(faultOf(() => parseConfig(given))).toContain(fault);
  });
});

test('all that is wrong is told at once', () => {
  expect(faultOf(() => parseConfig({ vpcId: 1, publish: 'soon', x: 1 }))).toMatch(
    /^aws: config\.vpcId is 1.*; config\.publish is "soon".*; config\.x is not known/,
  );
});

test('whatever is given, the answer is a config or one line', () => {
  const key = fc.oneof(fc.constantFrom(...Object.keys(configTable)), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue()), given => {
      expect(faultOf(() => parseConfig(given))).toMatch(/^(?:aws: .*)?$/);
    }),
  );
});
