import { expect, test } from 'vitest';
import { Counts } from '../../../../providers/bare-metal/speaker/counts.ts';

test('what one thread counts the other reads, and goes on counting where 32 bits end', () => {
  const shared = new SharedArrayBuffer(Counts.size);
  const [worker, main] = [new Counts(shared), new Counts(shared)];
  worker.add('heartbeatsSent');
  worker.add('heartbeatsHeard', 2 ** 32 - 1);
  expect(main.read()).toEqual({
    heartbeatsSent: 1,
    heartbeatsHeard: 2 ** 32 - 1,
    heartbeatsRejected: 0,
    membershipChanges: 0,
  });
  worker.add('heartbeatsHeard', 3);
  worker.add('membershipChanges');
  expect(main.read()).toMatchObject({ heartbeatsHeard: 2 ** 32 + 2, membershipChanges: 1 });
});
