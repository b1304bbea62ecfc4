import { expect, test } from 'vitest';
import { ViewMemory } from '../../../../providers/bare-metal/speaker/view-changes.ts';
import type { AnnouncedAddress, AnnouncerView, SpeakerNode } from '../../../../src/provider/announcer.ts';

const address = (text: string, more: Partial<AnnouncedAddress> = {}): AnnouncedAddress => ({
  address: text,
  candidates: ['a', 'b'],
  announcedBefore: true,
  recordedClaims: [],
  ...more,
});
const node = (name: string, lease: SpeakerNode['lease'] = 'fresh'): SpeakerNode => ({ node: name, lease, bootId: '1' });
const view = (addresses: readonly AnnouncedAddress[], nodes: readonly SpeakerNode[] = [node('a')]): AnnouncerView => ({
  addresses,
  nodes,
});

test.each<[string, AnnouncerView, unknown]>([
  ['equal values are no change', view([address('x'), address('y')]), undefined],
  ['one address more', view([address('x'), address('y'), address('z')]), { set: [address('z')], removed: [] }],
  ['one less', view([address('y')]), { set: [], removed: ['x'] }],
  [
    'other candidates',
    view([address('x', { candidates: ['a'] }), address('y')]),
    { set: [address('x', { candidates: ['a'] })], removed: [] },
  ],
  [
    'interfaces',
    view([address('x', { interfaces: [] }), address('y')]),
    { set: [address('x', { interfaces: [] })], removed: [] },
  ],
  [
    'preferences',
    view([address('x', { preferences: [0, 1] }), address('y')]),
    { set: [address('x', { preferences: [0, 1] })], removed: [] },
  ],
  [
    'announced by now',
    view([address('x', { announcedBefore: false }), address('y')]),
    { set: [address('x', { announcedBefore: false })], removed: [] },
  ],
  [
    'a record',
    view([address('x', { recordedClaims: [{ node: 'a', since: 1 }] }), address('y')]),
    { set: [address('x', { recordedClaims: [{ node: 'a', since: 1 }] })], removed: [] },
  ],
  [
    'a Lease',
    view([address('x'), address('y')], [node('a', 'expired')]),
    { set: [], removed: [], nodes: [node('a', 'expired')] },
  ],
])('%s', (_row, next, changes) => {
  const memory = new ViewMemory();
  memory.changesTo(view([address('x'), address('y')]));
  expect(memory.changesTo(next)).toEqual(changes);
});

test('the first view is told in full, even an empty one', () => {
  expect(new ViewMemory().changesTo(view([], []))).toEqual({ set: [], removed: [], nodes: [] });
});
