import { describe, expect, test } from 'vitest';
import { askedKeys } from '../../../../../providers/aws/ensure/plan/asked-keys.ts';
import { inOrder } from '../../../../../providers/aws/ensure/plan/change.ts';
import { type ChangesInput, planChanges } from '../../../../../providers/aws/ensure/plan/plan-changes.ts';
import { type KnownBalancer, nothingKnown } from '../../../../../providers/aws/inventory/known-balancer.ts';
import type { DesiredBalancer } from '../../../../../providers/aws/model/desired.ts';
import { arnOf, desiredOf, groupOf, knownOf, listenerOf, ruleFor, targetsAt } from '../../../../support/aws-values.ts';

function plan(desired: DesiredBalancer, known: KnownBalancer, more: Partial<ChangesInput> = {}) {
  return planChanges({
    desired,
    known,
    backend: { id: 'sg-backend', ready: true },
    asked: new Set(),
    progress: { healthy: new Set(), drained: new Set() },
    refused: new Map(),
    ...more,
  });
}

/** `a b | c`: a and b side by side, then c. */
function stepsOf(desired: DesiredBalancer, known: KnownBalancer, more: Partial<ChangesInput> = {}): string {
  return inOrder(plan(desired, known, more).changes)
    .map(group => group.map(change => change.do).join(' '))
    .join(' | ');
}

function own(rules: readonly ReturnType<typeof ruleFor>[]): Pick<DesiredBalancer, 'securityGroups'> {
  return { securityGroups: { kind: 'own', name: 'k8s-default-web-1', rules, backend: true } };
}

describe('what has to be done, in order', () => {
  const web = desiredOf([80]);
  const tls = { protocol: 'TLS', certificates: ['arn:cert-a', 'arn:cert-b'], sslPolicy: 'p' } as const;
  const other = groupOf(80, { name: 'fl-default-web-ip', targetType: 'ip' });

  test.each<{ name: string; desired: DesiredBalancer; known: KnownBalancer; steps: string }>([
    {
      name: 'a new balancer takes 6 requests, 3 after one another',
      desired: web,
      known: nothingKnown,
      steps:
        'create-security-group create-target-group | authorize sync-targets create-load-balancer | create-listener',
    },
    {
      name: 'with the user’s security groups it takes 4',
      desired: desiredOf([80], { securityGroups: { kind: 'given', ids: ['sg-x'], backend: false } }),
      known: nothingKnown,
      steps: 'create-target-group | sync-targets create-load-balancer | create-listener',
    },
    { name: 'what is as it should be takes nothing', desired: web, known: knownOf(web), steps: '' },
    {
      name: 'what has not been read is not judged',
      desired: web,
      known: { ...knownOf(web), listeners: undefined },
      steps: '',
    },
    {
      name: 'a port more takes 4',
      desired: desiredOf([80, 81]),
      known: knownOf(web),
      steps: 'create-target-group | authorize sync-targets | create-listener',
    },
    {
      name: 'a port less: its listener goes before what it uses',
      desired: web,
      known: knownOf(desiredOf([80, 81])),
      steps: 'delete-listener | revoke delete-target-group',
    },
    {
      name: 'another number for a port: the new listener is there before the old one goes',
      desired: desiredOf([8_080]),
      known: knownOf(web),
      steps:
        'create-target-group | authorize sync-targets | create-listener | delete-listener | revoke delete-target-group',
    },
    {
      name: 'other source ranges: the new ones come before the old ones go',
      desired: desiredOf([80], own([ruleFor(80, '10.0.0.0/8')])),
      known: knownOf(web),
      steps: 'authorize | revoke',
    },
    {
      name: 'a source range more takes 1',
      desired: desiredOf([80], own([ruleFor(80), ruleFor(80, '10.0.0.0/8')])),
      known: knownOf(web),
      steps: 'authorize',
    },
    {
      name: 'other nodes concern the targets alone',
      desired: desiredOf([80], { targetGroups: [groupOf(80, { targets: targetsAt(30_080, 'i-1', 'i-4') })] }),
      known: knownOf(web),
      steps: 'sync-targets',
    },
    {
      name: 'another health check is a change in place',
      desired: desiredOf([80], {
        targetGroups: [groupOf(80, { healthCheck: { ...groupOf(80).healthCheck, intervalSeconds: 30 } })],
      }),
      known: knownOf(web),
      steps: 'modify-health-check',
    },
    {
      name: 'TLS on a port that had none is one ModifyListener, and its further certificates',
      desired: desiredOf([80], { listeners: [listenerOf(80, tls)] }),
      known: knownOf(web),
      steps: 'modify-listener add-certificates',
    },
    {
      name: 'a certificate less',
      desired: desiredOf([80], { listeners: [listenerOf(80, { ...tls, certificates: ['arn:cert-a'] })] }),
      known: knownOf(desiredOf([80], { listeners: [listenerOf(80, tls)] })),
      steps: 'remove-certificates',
    },
    {
      name: 'another target group is made and filled first; the listener waits for it',
      desired: desiredOf([80], {
        targetGroups: [other],
        listeners: [listenerOf(80, { targetGroup: other.name })],
      }),
      known: knownOf(web),
      steps: 'create-target-group | sync-targets',
    },
    {
      name: 'another subnet, another address type',
      desired: desiredOf([80], { subnets: [{ subnetId: 'subnet-c', zone: 'c' }], addressType: 'dualstack' }),
      known: knownOf(web),
      steps: 'set-subnets set-address-type',
    },
    {
      name: 'the user’s groups instead of its own, which goes once the balancer has let go of it',
      desired: desiredOf([80], { securityGroups: { kind: 'given', ids: ['sg-x'], backend: false } }),
      known: knownOf(web),
      steps: 'set-security-groups | delete-security-group',
    },
    {
      name: 'attributes of both kinds; what holds by default needs no request',
      desired: desiredOf([80], {
        attributes: { 'load_balancing.cross_zone.enabled': 'true', 'deletion_protection.enabled': 'false' },
        targetGroups: [groupOf(80, { attributes: { 'stickiness.enabled': 'true', 'stickiness.type': 'source_ip' } })],
      }),
      known: knownOf(web),
      steps: 'modify-target-group-attributes | modify-load-balancer-attributes',
    },
    {
      name: 'a tag more is one request for all that balance, and one for the security group',
      desired: desiredOf([80], { tags: { ...web.tags, team: 'a' } }),
      known: knownOf(web),
      steps: 'add-tags tag-security-group',
    },
    {
      name: 'two listeners on one port, which only moto lets be: one goes',
      desired: web,
      known: {
        ...knownOf(web),
        listeners: [...(knownOf(web).listeners ?? []), ...(knownOf(web).listeners ?? [])].map((one, n) => ({
          ...one,
          arn: `arn:${n}`,
        })),
      },
      steps: 'delete-listener',
    },
  ])('$name', ({ desired, known, steps }) => {
    expect(stepsOf(desired, known)).toBe(steps);
  });

  test('the shared security group is made, or looked at, first of all', () => {
    const backend = { id: undefined, ready: false };
    expect(stepsOf(web, nothingKnown, { backend }).split(' | ')[0]).toBe(
      'ensure-backend-group create-security-group create-target-group',
    );
  });

  test('what was asked for and is not any more is taken back, what never was is not', () => {
    const before = desiredOf([80], {
      tags: { ...web.tags, team: 'a' },
      attributes: { 'load_balancing.cross_zone.enabled': 'true' },
      targetGroups: [groupOf(80, { attributes: { 'proxy_protocol_v2.enabled': 'true' } })],
    });
    expect(stepsOf(web, knownOf(before))).toBe('');
    expect(stepsOf(web, knownOf(before), { asked: askedKeys(before) })).toBe(
      'modify-target-group-attributes remove-tags untag-security-group | modify-load-balancer-attributes',
    );
  });

  test('session affinity that ended while nobody led is taken back all the same', () => {
    const sticky = desiredOf([80], { targetGroups: [groupOf(80, { attributes: { 'stickiness.enabled': 'true' } })] });
    expect(plan(web, knownOf(sticky)).changes).toEqual([
      {
        do: 'modify-target-group-attributes',
        group: groupOf(80).name,
        attributes: { 'stickiness.enabled': 'false' },
      },
    ]);
  });

  test('rules of others on the balancer’s own group stay, and stand for ours where they allow the same', () => {
    const known = knownOf(web);
    const group = known.securityGroup;
    const rules = [
      { ...ruleFor(80), description: 'mine' },
      { ...ruleFor(22), description: 'mine' },
    ];
    expect(stepsOf(web, { ...known, securityGroup: group && { ...group, rules } })).toBe('');
  });

  test('a balancer without security groups gets none', () => {
    const known = knownOf(desiredOf([80], { securityGroups: { kind: 'none' } }));
    expect(stepsOf(web, known)).toBe('');
  });

  test('targets that AWS does not take are not offered again', () => {
    const desired = desiredOf([80], { targetGroups: [groupOf(80, { targets: targetsAt(30_080, 'i-1', 'i-9') })] });
    const known = knownOf(desiredOf([80], { targetGroups: [groupOf(80, { targets: targetsAt(30_080, 'i-1') })] }));
    expect(stepsOf(desired, known)).toBe('sync-targets');
    expect(stepsOf(desired, known, { refused: new Map([[arnOf(groupOf(80).name), new Set(['i-9 30080'])]]) })).toBe('');
  });
});

describe('from one target group to another', () => {
  const next = groupOf(80, { name: 'fl-default-web-ip', targetType: 'ip' });
  const desired = desiredOf([80], {
    targetGroups: [next],
    listeners: [listenerOf(80, { targetGroup: next.name })],
  });
  const both = [...knownOf(desiredOf([80])).targetGroups, ...knownOf(desired).targetGroups];
  const [formerArn, nextArn] = [arnOf(groupOf(80).name), arnOf(next.name)];

  function at(former: number, coming?: number): KnownBalancer {
    const forwards = [
      { targetGroupArn: formerArn, weight: former },
      ...(coming === undefined ? [] : [{ targetGroupArn: nextArn, weight: coming }]),
    ];
    const listeners = knownOf(desired).listeners?.map(listener => ({ ...listener, forwards }));
    return { ...knownOf(desired), targetGroups: both, listeners };
  }

  test('it is put beside the former one with weight 0, and nothing goes', () => {
    const { changes, transitions } = plan(desired, at(1));
    expect(changes).toEqual([
      expect.objectContaining({
        do: 'modify-listener',
        wanted: expect.objectContaining({
          forwards: [
            { targetGroupArn: formerArn, weight: 1 },
            { targetGroupArn: nextArn, weight: 0 },
          ],
        }),
      }),
    ]);
    expect(transitions).toEqual([{ port: 80, waitsFor: 'health', targetGroup: nextArn, former: [formerArn] }]);
  });

  test('while it is not healthy nothing changes', () => {
    expect(plan(desired, at(1, 0)).changes).toEqual([]);
  });

  test('it takes over when it is healthy', () => {
    const progress = { healthy: new Set([nextArn]), drained: new Set<number>() };
    const { changes, transitions } = plan(desired, at(1, 0), { progress });
    expect(changes).toEqual([
      expect.objectContaining({
        wanted: expect.objectContaining({
          forwards: [
            { targetGroupArn: formerArn, weight: 0 },
            { targetGroupArn: nextArn, weight: 1 },
          ],
        }),
      }),
    ]);
    expect(transitions).toEqual([expect.objectContaining({ waitsFor: 'drain' })]);
  });

  test('the former one goes when its connections have had their time', () => {
    expect(stepsOf(desired, at(0, 1))).toBe('');
    const progress = { healthy: new Set<string>(), drained: new Set([80]) };
    expect(stepsOf(desired, at(0, 1), { progress })).toBe('modify-listener | delete-target-group');
  });

  test('with another protocol both cannot stand side by side: it is one change', () => {
    const udp = { ...next, protocol: 'UDP' } as const;
    const wanted = desiredOf([80], {
      targetGroups: [udp],
      listeners: [listenerOf(80, { protocol: 'UDP', targetGroup: udp.name })],
    });
    expect(stepsOf(wanted, at(1))).toBe('modify-listener | delete-target-group');
  });
});
