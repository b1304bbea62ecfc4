import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Action, actions } from '../../../../providers/aws/client/actions.ts';
import { clusterNamePlaceholder, iamPolicy, iamPolicyText } from '../../../../providers/aws/iam/policy.ts';

const root = new URL('../../../../', import.meta.url);
const { Statement } = iamPolicy();
const table: readonly (readonly [string, Action])[] = Object.entries(actions);

test('deploy/iam/aws-policy.json is what the table prints: if not, run node docs/print-reference.ts', () => {
  expect(readFileSync(new URL('deploy/iam/aws-policy.json', root), 'utf8')).toBe(iamPolicyText());
});

test('it fits into a managed policy of AWS', () => {
  expect(JSON.stringify(iamPolicy()).length).toBeLessThan(6_144);
});

describe('the table of actions', () => {
  const folder = new URL('providers/aws/', root);
  const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.startsWith('client/'))
    .map(file => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
  const sent = new Set([...source.matchAll(/\baws\.send\(\s*'(\w+)'/g)].map(([, name]) => name));

  test('has every action that the code sends, and no other', () => {
    expect(sent).toEqual(new Set(Object.keys(actions)));
  });

  test('is read by this test: nothing is sent under a name that is not written out', () => {
    const all = [...source.matchAll(/\baws\.send\(/g)];
    expect(all).toHaveLength([...source.matchAll(/\baws\.send\(\s*'/g)].length);
  });

  test('calls mutating whatever does not describe', () => {
    expect(table.filter(([name, { mutating }]) => mutating === name.startsWith('Describe'))).toEqual([]);
  });
});

describe('the policy', () => {
  test('allows every action of the table', () => {
    const allowed = new Set(Statement.flatMap(({ Action }) => Action));
    expect(table.map(([name, { service }]) => `${service}:${name}`).filter(name => !allowed.has(name))).toEqual([]);
  });

  test('allows nothing else but reads, and the role of the service itself', () => {
    const known = new Set(table.map(([name, { service }]) => `${service}:${name}`));
    const others = Statement.flatMap(({ Action }) => Action).filter(name => !known.has(name));
    expect(others.filter(name => !name.startsWith('ec2:Describe'))).toEqual(['iam:CreateServiceLinkedRole']);
  });

  test('names no wild card among actions, and every resource but those of reads', () => {
    expect(Statement.filter(({ Action }) => Action.some(name => name.includes('*')))).toEqual([]);
    expect(Statement.filter(({ Resource }) => Resource === '*').map(({ Sid }) => Sid)).toEqual(['Read']);
  });

  test('allows each change on a condition: the cluster’s tag, or the tag of the nodes’ group', () => {
    const unconditional = Statement.filter(({ Condition }) => Condition === undefined);
    expect(unconditional.map(({ Sid }) => Sid)).toEqual(['Read', 'CreateGroupInVpc']);
    const onTag = Statement.filter(({ Condition }) => JSON.stringify(Condition?.['Null'] ?? {}).includes('/cluster"'));
    const onNodes = Statement.filter(({ Condition }) =>
      JSON.stringify(Condition ?? {}).includes(clusterNamePlaceholder),
    );
    expect(onNodes.map(({ Action }) => Action)).toEqual([
      ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress'],
    ]);
    expect(onTag).toHaveLength(Statement.length - unconditional.length - onNodes.length - 1);
  });

  test('has a sentence of its own for each', () => {
    expect(new Set(Statement.map(({ Sid }) => Sid)).size).toBe(Statement.length);
    expect(Statement.filter(({ Sid }) => !/^[A-Za-z0-9]+$/.test(Sid))).toEqual([]);
  });
});
