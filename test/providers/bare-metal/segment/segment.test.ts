import { expect, test } from 'vitest';
import { openSegment, Segment } from '../../../../providers/bare-metal/segment/segment.ts';
import { ScriptedLibc } from './scripted-libc.ts';

const clusterHash = Buffer.alloc(8);

function address(number: number): Buffer {
  const bytes = Buffer.from('fd000000000000000000000000000000', 'hex');
  bytes.writeUInt32BE(number, 12);
  return bytes;
}

function opened(libc: ScriptedLibc): Segment {
  const segment = openSegment(libc, 2, clusterHash);
  if (!(segment instanceof Segment)) throw new Error(segment);
  return segment;
}

test('where one of its sockets cannot be opened none stays open', () => {
  const libc = new ScriptedLibc();
  libc.results.bind = [0, 0, 'ENODEV'];
  expect(openSegment(libc, 2, clusterHash)).toBe('ENODEV');
  expect(libc.open).toEqual(new Set());
});

test('after its end nothing of it is open', () => {
  const libc = new ScriptedLibc();
  const segment = opened(libc);
  segment.hear([address(1)]);
  segment.joinSome(10);
  expect(libc.open.size).toBe(4);
  segment.close();
  expect(libc.open).toEqual(new Set());
});

/** Groups that are joined now: joins (20) less leaves (21). */
function memberships({ options }: ScriptedLibc): number {
  return options.filter(([, name]) => name === 20).length - options.filter(([, name]) => name === 21).length;
}

test('a socket that takes no more groups is followed by another, and no group is lost', () => {
  const libc = new ScriptedLibc();
  const segment = opened(libc);
  segment.hear(Array.from({ length: 5 }, (_, index) => address(index)));
  libc.results.setsockopt = [0, 0, 'ENOMEM', 0, 0, 'ENOBUFS'];
  expect(segment.joinSome(2)).toBeUndefined();
  expect(segment.pendingJoins).toBe(3);
  expect(segment.joinSome(3)).toBeUndefined();
  expect(memberships(libc)).toBe(5);
  expect(libc.open.size).toBe(3 + 3);
});

test('addresses that share their last three bytes share a group, which is left with the last of them', () => {
  const libc = new ScriptedLibc();
  const segment = opened(libc);
  const [one, two] = [address(0x01_000001), address(0x02_000001)];
  segment.hear([one, two]);
  segment.joinSome(10);
  expect(memberships(libc)).toBe(1);
  segment.hear([two]);
  expect([memberships(libc), segment.pendingJoins]).toEqual([1, 0]);
  segment.hear([]);
  expect(memberships(libc)).toBe(0);
});

test('a group that cannot be joined is said, and does not stop the others', () => {
  const libc = new ScriptedLibc();
  const segment = opened(libc);
  segment.hear([address(1), address(2)]);
  libc.results.setsockopt = ['EADDRNOTAVAIL', 0];
  expect(segment.joinSome(10)).toBe('EADDRNOTAVAIL');
  expect([memberships(libc), segment.pendingJoins]).toEqual([1, 0]);
});
