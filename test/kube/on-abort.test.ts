import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { onAbort } from '../../src/kube/on-abort.ts';

describe('waiting for a signal', () => {
  test('all are called once, in order, but those that have taken it back', () => {
    const abort = new AbortController();
    const called: string[] = [];
    onAbort(abort.signal, () => called.push('a'));
    const forget = onAbort(abort.signal, () => called.push('b'));
    onAbort(abort.signal, () => called.push('c'));
    forget();
    abort.abort();
    abort.abort();
    expect(called).toEqual(['a', 'c']);
  });

  test('one that is taken back by another while they are called is not called', () => {
    const abort = new AbortController();
    const called: string[] = [];
    const forget: (() => void)[] = [];
    onAbort(abort.signal, () => forget[0]?.());
    forget.push(onAbort(abort.signal, () => called.push('late')));
    abort.abort();
    expect(called).toEqual([]);
  });

  test('when nobody waits any more no listener is left, and who waits later is called', () => {
    const abort = new AbortController();
    const called: string[] = [];
    onAbort(abort.signal, () => called.push('early'))();
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
    onAbort(abort.signal, () => called.push('late'));
    abort.abort();
    expect(called).toEqual(['late']);
  });

  test('a thousand that wait are one listener', () => {
    const { signal } = new AbortController();
    for (let i = 0; i < 1_000; i++) onAbort(signal, () => undefined);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  });
});
