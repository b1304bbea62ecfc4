import { expect, test } from 'vitest';
import { orAborted } from '../../src/kube/or-aborted.ts';

const reason = new Error('the Lease is lost');

test('what comes in time comes through', async () => {
  const { signal } = new AbortController();
  expect(await orAborted(Promise.resolve(5), signal)).toBe(5);
  await expect(orAborted(Promise.reject(reason), signal)).rejects.toBe(reason);
});

test('an abort ends the wait for what never comes', async () => {
  const abort = new AbortController();
  const waiting = orAborted(new Promise<never>(() => undefined), abort.signal);
  abort.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(orAborted(new Promise<never>(() => undefined), abort.signal)).rejects.toBe(reason);
});

test('a failure after the abort disturbs nobody', async () => {
  const late = Promise.withResolvers<never>();
  const waiting = orAborted(late.promise, AbortSignal.abort(reason));
  late.reject(new Error('late'));
  await expect(waiting).rejects.toBe(reason);
});
