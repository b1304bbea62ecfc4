import { describe, expect, test } from 'vitest';
import { type Notice, Notices } from '../../../src/controller/speaker-report/notices.ts';
import type { EventSubject } from '../../../src/kube/event-body.ts';

function about(name: string, kind = 'Service'): EventSubject {
  return { kind, apiVersion: 'v1', metadata: { name, uid: name, resourceVersion: '' } };
}

function notice(name: string, more: Partial<Notice> = {}): Notice {
  return { reason: 'nodeAssigned', type: 'Normal', message: 'm', about: about(name), isStill: () => true, ...more };
}

/** What is told, in order: `<name> <reason>`, and of a summary its message. */
async function told(notices: readonly Notice[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const queue = new Notices({
    record: ({ kind, metadata }, { reason, message }) =>
      lines.push(kind === 'Node' ? message : `${metadata.name} ${reason}`),
    nodeSubject: () => about('n1', 'Node'),
    summary: (reason, count) => `${count} more ${reason}`,
  });
  for (const one of notices) queue.add(one);
  while (queue.hasWork()) await queue.write();
  return lines;
}

describe('Events in turn', () => {
  test('of one reason come in their order', async () => {
    expect(await told([notice('a'), notice('b')])).toEqual(['a nodeAssigned', 'b nodeAssigned']);
  });

  test('of several reasons take turns', async () => {
    const conflict = { reason: 'AddressConflict', type: 'Warning' } as const;
    expect(await told([notice('a'), notice('b'), notice('c', conflict)])).toEqual([
      'a nodeAssigned',
      'c AddressConflict',
      'b nodeAssigned',
    ]);
  });

  test('of a failover of thousands: twenty, and one that counts the rest, which is the first', async () => {
    const lines = await told(Array.from({ length: 5_000 }, (_, n) => notice(`s${n}`)));
    expect(lines).toHaveLength(21);
    expect(lines.slice(0, 2)).toEqual(['4980 more nodeAssigned', 's0 nodeAssigned']);
  });

  test('are not told of what is not so any more', async () => {
    expect(await told([notice('a', { isStill: () => false }), notice('b')])).toEqual(['b nodeAssigned']);
  });
});
