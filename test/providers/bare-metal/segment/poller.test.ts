import { expect, test } from 'vitest';
import { Poller } from '../../../../providers/bare-metal/segment/poller.ts';
import { ScriptedLibc } from './scripted-libc.ts';

const [a, b, c] = [{ fd: 3 }, { fd: 4 }, { fd: 5 }];

function pollerOf(...sources: readonly { readonly fd: number }[]) {
  const libc = new ScriptedLibc();
  const poller = new Poller(libc);
  for (const source of sources) poller.add(source);
  return { libc, poller };
}

test('gives what can be read, and what has an error, in the order of adding', () => {
  const { libc, poller } = pollerOf(b, a, c);
  libc.events.set(b.fd, 1).set(c.fd, 8);
  expect(poller.wait(10)).toEqual([b, c]);
});

test('a source that was taken out is neither waited for nor given', () => {
  const { libc, poller } = pollerOf(a, b);
  poller.delete(a);
  libc.events.set(a.fd, 1).set(b.fd, 1);
  expect(poller.wait(10)).toEqual([b]);
  expect(libc.polled.count).toBe(1);
});

test.each([
  [-5, 0],
  [0, 0],
  [0.2, 1],
  [70, 70],
  [Number.POSITIVE_INFINITY, 250],
])(
  'a wait for %d ms is one of %d ms: never before its time, and never so long that the process could not end',
  (asked, waited) => {
    const { libc, poller } = pollerOf(a);
    poller.wait(asked);
    expect(libc.polled.timeoutMs).toBe(waited);
  },
);

test.each(['EINTR', 'ENOMEM'] as const)('after %s nothing is ready', errno => {
  const { libc, poller } = pollerOf(a);
  libc.events.set(a.fd, 1);
  libc.results.poll = [errno];
  expect(poller.wait(10)).toEqual([]);
});
