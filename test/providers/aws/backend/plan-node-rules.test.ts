import { describe, expect, test } from 'vitest';
import { planNodeRules } from '../../../../providers/aws/backend/plan-node-rules.ts';
import type { IngressRule } from '../../../../providers/aws/model/desired.ts';

const ours = 'ours';

/** `tcp 8000-8080 sg-b`. */
function ruleOf(text: string): IngressRule {
  const [protocol = '', ports = '', securityGroup = ''] = text.split(' ');
  const [from, to] = ports.split('-').map(Number);
  return {
    protocol: protocol as IngressRule['protocol'],
    fromPort: from ?? 0,
    toPort: to ?? 0,
    source: { securityGroup },
  };
}

const textOf = ({ protocol, fromPort, toPort }: IngressRule): string => `${protocol} ${fromPort}-${toPort}`;

describe('what the nodes’ group has to let in', () => {
  test.each([
    { name: 'nothing is there', there: [], wanted: 'tcp 8000-8080 sg-b', authorize: ['tcp 8000-8080'], revoke: [] },
    { name: 'it is there', there: ['tcp 8000-8080 sg-b'], wanted: 'tcp 8000-8080 sg-b', authorize: [], revoke: [] },
    { name: 'more is there', there: ['tcp 8000-9000 sg-b'], wanted: 'tcp 8000-8080 sg-b', authorize: [], revoke: [] },
    {
      name: 'a part is there: the wider range comes, the narrower goes',
      there: ['tcp 8050-9000 sg-b'],
      wanted: 'tcp 8000-8080 sg-b',
      authorize: ['tcp 8000-9000'],
      revoke: ['tcp 8050-9000'],
    },
    {
      name: 'another source or protocol lets nothing in',
      there: ['tcp 8000-8080 sg-x', 'udp 8000-8080 sg-b'],
      wanted: 'tcp 8000-8080 sg-b',
      authorize: ['tcp 8000-8080'],
      revoke: [],
    },
  ])('$name', ({ there, wanted, authorize, revoke }) => {
    const observed = there.map(text => ({ ...ruleOf(text), description: ours }));
    const plan = planNodeRules([ruleOf(wanted)], observed, ours);
    expect([plan.authorize.map(textOf), plan.revoke.map(textOf)]).toEqual([authorize, revoke]);
  });

  test('what somebody else has written is never revoked', () => {
    const observed = [{ ...ruleOf('tcp 8050-9000 sg-b'), description: 'theirs' }];
    const plan = planNodeRules([ruleOf('tcp 8000-8080 sg-b')], observed, ours);
    expect([plan.authorize.map(textOf), plan.revoke]).toEqual([['tcp 8000-8080'], []]);
  });
});
