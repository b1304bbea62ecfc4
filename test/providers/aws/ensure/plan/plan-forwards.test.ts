import { describe, expect, test } from 'vitest';
import { planForwards } from '../../../../../providers/aws/ensure/plan/plan-forwards.ts';

/** `O:1 W:0`. */
function forwardsOf(text: string) {
  return text
    .split(' ')
    .filter(one => one !== '')
    .map(one => ({ targetGroupArn: one.slice(0, 1), weight: Number(one.slice(2)) }));
}

describe('one step from one target group to another', () => {
  test.each([
    {
      name: 'it is there already',
      observed: 'W:1',
      protocolChanges: false,
      healthy: false,
      drained: false,
      to: 'W:1',
      waitsFor: undefined,
    },
    {
      name: 'there was none',
      observed: '',
      protocolChanges: false,
      healthy: false,
      drained: false,
      to: 'W:1',
      waitsFor: undefined,
    },
    {
      name: 'another protocol',
      observed: 'O:1',
      protocolChanges: true,
      healthy: false,
      drained: false,
      to: 'W:1',
      waitsFor: undefined,
    },
    {
      name: 'it is put beside the other one',
      observed: 'O:1',
      protocolChanges: false,
      healthy: false,
      drained: false,
      to: 'O:1 W:0',
      waitsFor: 'health',
    },
    {
      name: 'it is not healthy yet',
      observed: 'O:1 W:0',
      protocolChanges: false,
      healthy: false,
      drained: false,
      to: 'O:1 W:0',
      waitsFor: 'health',
    },
    {
      name: 'it is healthy',
      observed: 'O:1 W:0',
      protocolChanges: false,
      healthy: true,
      drained: false,
      to: 'O:0 W:1',
      waitsFor: 'drain',
    },
    {
      name: 'the other one drains',
      observed: 'O:0 W:1',
      protocolChanges: false,
      healthy: false,
      drained: false,
      to: 'O:0 W:1',
      waitsFor: 'drain',
    },
    {
      name: 'the other one has drained',
      observed: 'O:0 W:1',
      protocolChanges: false,
      healthy: true,
      drained: true,
      to: 'W:1',
      waitsFor: undefined,
    },
    {
      name: 'back again, half-way',
      observed: 'O:0 P:1',
      protocolChanges: false,
      healthy: false,
      drained: false,
      to: 'O:0 P:1 W:0',
      waitsFor: 'health',
    },
    {
      name: 'nobody serves',
      observed: 'O:0 W:0',
      protocolChanges: false,
      healthy: false,
      drained: false,
      to: 'O:1 W:0',
      waitsFor: 'health',
    },
  ])('$name', ({ observed, to, waitsFor, ...input }) => {
    const plan = planForwards({ wanted: 'W', observed: forwardsOf(observed), ...input });
    expect(plan.forwards).toEqual(forwardsOf(to));
    expect(plan.waitsFor).toBe(waitsFor);
  });
});
