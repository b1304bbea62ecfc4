import { expect, test } from 'vitest';
import { type ProtoNode, trimProtos } from '../../../../../providers/gcp/client/sdk/trim-protos.ts';

const message = (...types: readonly string[]): ProtoNode => ({
  fields: Object.fromEntries(types.map((type, n) => [`f${n}`, { type }])),
});
const v1: Readonly<Record<string, ProtoNode>> = {
  Rules: {
    methods: {
      Get: { requestType: 'GetRule', responseType: 'Rule' },
      List: { requestType: 'ListRules', responseType: 'RuleList' },
    },
  },
  GetRule: message('string'),
  Rule: { ...message('Part', 'Rule', 'google.protobuf.Any'), nested: { Inner: message('Deep') } },
  Part: message('uint64'),
  Deep: message('bool'),
  ListRules: message('string'),
  RuleList: message('Rule'),
  Other: message('Part'),
};
const root: ProtoNode = {
  nested: {
    google: {
      nested: {
        api: { nested: { http: message('HttpRule') } },
        cloud: { nested: { compute: { nested: { v1: { nested: v1 }, v1beta: { nested: v1 } } } } },
      },
    },
  },
};

const kept = (trimmed: ProtoNode): readonly string[] =>
  Object.keys(
    trimmed.nested?.['google']?.nested?.['cloud']?.nested?.['compute']?.nested?.['v1']?.nested ?? {},
  ).toSorted();

test('what a method leads to stays, other methods, messages and versions go, and Google’s own words stay', () => {
  const trimmed = trimProtos(root, { Rules: ['Get'] });
  expect(kept(trimmed)).toEqual(['Deep', 'GetRule', 'Part', 'Rule', 'Rules']);
  const google = trimmed.nested?.['google']?.nested;
  expect(google?.['api']).toEqual(root.nested?.['google']?.nested?.['api']);
  expect(Object.keys(google?.['cloud']?.nested?.['compute']?.nested ?? {})).toEqual(['v1']);
});

test.each([
  ['a method', { Rules: ['Get', 'Patch'] }],
  ['a service', { Services: ['Get'] }],
])('%s that the schema has not is an error', (_row, wanted) => {
  expect(() => trimProtos(root, wanted)).toThrow('the SDK’s schema has not all of');
});
