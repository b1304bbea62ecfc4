import { expect, test } from 'vitest';
import { LeaseTable } from '../../../src/controller/speaker-view/lease-table.ts';
import type { LeaseSpec } from '../../../src/kube/objects.ts';

function held(holderIdentity: string, renewal: number): LeaseSpec {
  return { holderIdentity, leaseDurationSeconds: 5, renewTime: String(renewal) };
}

/** `<node> <state>`, by name. */
function states(table: LeaseTable): readonly string[] {
  return table
    .all()
    .map(({ node, lease }) => `${node} ${lease}`)
    .toSorted();
}

test('a Lease that is seen for the first time is fresh, whatever its times say', () => {
  const table = new LeaseTable();
  table.seen('a', { holderIdentity: 'x', renewTime: '2000-01-01T00:00:00Z' }, 0);
  expect(table.all()).toEqual([{ node: 'a', lease: 'fresh', bootId: 'x' }]);
});

test('one that is not renewed expires, while others are', () => {
  const table = new LeaseTable();
  table.seen('dead', held('x', 0), 0);
  for (let at = 0; at <= 4_000; at += 2_000) table.seen('self', held('s', at), at);
  expect(states(table)).toEqual(['dead fresh', 'self fresh']);
  table.seen('self', held('s', 6_000), 6_000);
  expect(states(table)).toEqual(['dead expired', 'self fresh']);
  table.seen('dead', held('y', 1), 6_500);
  expect(states(table)).toEqual(['dead fresh', 'self fresh']);
});

test('a relist that shows the same again renews nothing', () => {
  const table = new LeaseTable();
  table.seen('dead', held('x', 0), 0);
  for (let at = 2_000; at <= 8_000; at += 2_000) {
    table.seen('self', held('s', at), at);
    table.seen('dead', held('x', 0), at);
  }
  expect(states(table)).toContain('dead expired');
});

test('while the API server is away nothing expires, nor right after it is back', () => {
  const table = new LeaseTable();
  for (const node of ['a', 'b', 'self']) table.seen(node, held(node, 0), 0);
  table.seen('self', held('self', 1), 600_000);
  expect(states(table)).toEqual(['a fresh', 'b fresh', 'self fresh']);
  table.seen('a', held('a', 1), 601_000);
  table.seen('self', held('self', 2), 602_000);
  table.seen('self', held('self', 3), 604_000);
  expect(states(table)).toEqual(['a fresh', 'b expired', 'self fresh']);
});

test('one that was released is none, and one that is gone is not there', () => {
  const table = new LeaseTable();
  table.seen('a', held('x', 0), 0);
  table.seen('a', held('', 1), 10);
  table.seen('b', held('y', 0), 10);
  table.gone('b');
  expect(table.all()).toEqual([{ node: 'a', lease: 'none', bootId: '' }]);
});
