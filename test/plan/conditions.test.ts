import { describe, expect, test } from 'vitest';
import { conditionsFor, type Report, type WantedConditions } from '../../src/plan/conditions.ts';

const why = { reason: 'Infrastructure', message: 'm' } as const;
const short = {
  LoadBalancerServing: 'S',
  LoadBalancerProvisioning: 'P',
  LoadBalancerDegraded: 'D',
  LoadBalancerPortsError: 'E',
} as const;

/** `S=True P=False D- E`: status; `-` for "must not stand there"; not named where it stays as it is. */
function gist(wanted: WantedConditions): string {
  return Object.entries(short)
    .filter(([type]) => type in wanted)
    .map(([type, letter]) => `${letter}${wanted[type] === undefined ? '-' : `=${wanted[type].status}`}`)
    .join(' ');
}

describe('the conditions of a Service that is', () => {
  const rows: readonly (readonly [string, Report, boolean, string])[] = [
    ['serving', { state: 'serving', addresses: '', portErrors: false }, true, 'S=True P=False D- E-'],
    [
      'serving, degraded',
      { state: 'serving', addresses: '', portErrors: false, degraded: why },
      true,
      'S=True P=False D=True E-',
    ],
    [
      'serving some of its ports',
      { state: 'serving', addresses: '', portErrors: true },
      true,
      'S=True P=False D- E=True',
    ],
    ['being provisioned', { state: 'provisioning', ...why }, false, 'S=False P=True D- E-'],
    ['being changed', { state: 'provisioning', ...why }, true, 'P=True'],
    ['failing', { state: 'failing', ...why }, false, 'S=False P=True D- E-'],
    ['failing, published', { state: 'failing', ...why }, true, 'P=True D=True'],
    ['refused', { state: 'refused', ...why }, false, 'S=False P=False D- E-'],
    ['refused, published', { state: 'refused', ...why }, true, 'P=False D=True'],
    ['a NodePort only', { state: 'node-port-only', ...why }, false, 'S=False P- D- E-'],
    ['a NodePort only, published', { state: 'node-port-only', ...why }, true, 'S=False P- D- E-'],
    ['not to be deleted', { state: 'delete-failing', ...why }, false, 'D=True'],
    ['not to be deleted, published', { state: 'delete-failing', ...why }, true, 'D=True'],
    ['left behind', { state: 'abandoned', ...why }, false, 'S=False P- D- E-'],
  ];

  test.each(rows)('%s', (_name, report, published, conditions) => {
    expect(gist(conditionsFor(report, published, true))).toBe(conditions);
  });

  test.each(rows.filter(([, report]) => 'reason' in report))('%s tell why', (_name, report, published) => {
    const told = Object.values(conditionsFor(report, published, true)).filter(one => one !== undefined);
    expect(told.length).toBeGreaterThan(0);
    for (const one of told) expect(one).toMatchObject(why);
  });

  test('serving tell that all is done, and what is degraded', () => {
    const told = conditionsFor({ state: 'serving', addresses: '', portErrors: false, degraded: why }, true, true);
    expect(told['LoadBalancerServing']?.reason).toBe('Serving');
    expect(told['LoadBalancerProvisioning']?.reason).toBe('Complete');
    expect(told['LoadBalancerDegraded']).toMatchObject(why);
  });
});

test('a published address is never told to have stopped serving by a failure', () => {
  for (const state of ['provisioning', 'failing', 'refused', 'delete-failing'] as const) {
    expect('LoadBalancerServing' in conditionsFor({ state, ...why }, true, true)).toBe(false);
  }
});

test('a message is cut, and between characters: the API server would store another text than the one that is compared', () => {
  const message = (start: string): string =>
    conditionsFor(
      { state: 'delete-failing', reason: 'DeleteFailed', message: start + '😀'.repeat(1_000) },
      false,
      true,
    )['LoadBalancerDegraded']?.message ?? '';
  for (const start of ['', 'x']) {
    expect(message(start).length).toBeLessThanOrEqual(1_000);
    expect(message(start).length).toBeGreaterThan(900);
    expect(message(start).isWellFormed()).toBe(true);
    expect(Buffer.from(message(start)).toString()).toBe(message(start));
  }
});

test('a message that is not well formed is made so', () => {
  const told = conditionsFor({ state: 'delete-failing', reason: 'DeleteFailed', message: 'a\ud83d b' }, false, true);
  expect(told['LoadBalancerDegraded']?.message).toBe('a\ufffd b');
});

test('where no mark says whose the Service is, a condition says whose the others are, and goes with the first mark', () => {
  const type = 'fairlead.dev/Reported';
  expect(conditionsFor({ state: 'refused', ...why }, false, false)[type]?.status).toBe('True');
  const marked = conditionsFor({ state: 'refused', ...why }, false, true);
  expect(type in marked && marked[type] === undefined).toBe(true);
});
