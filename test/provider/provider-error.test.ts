import { describe, expect, test } from 'vitest';
import { ProviderError, providerErrorCode, throttledForMs } from '../../src/provider/provider-error.ts';

/** What a provider throws that carries its own copy of the package. */
const copied = (fields: object) => Object.assign(new Error('no'), { name: 'ProviderError' }, fields);

describe('the code of', () => {
  test.each([
    ['ours', new ProviderError('rejected', 'no'), 'rejected'],
    ['a copy’s', copied({ code: 'throttled' }), 'throttled'],
    ['one that went through JSON', { name: 'ProviderError', code: 'unsupported' }, 'unsupported'],
    ['an unknown code', copied({ code: 'forbidden' }), undefined],
    ['another error that has a code', Object.assign(new Error('no'), { code: 'rejected' }), undefined],
    ['a plain error', new Error('no'), undefined],
    ['null', null, undefined],
    ['a text', 'rejected', undefined],
  ])('%s', (_name, error, expected) => {
    expect(providerErrorCode(error)).toBe(expected);
  });
});

describe('a throttled error asks to wait for', () => {
  test.each([
    ['what it says', new ProviderError('throttled', 'slow', { retryAfterMs: 250 }), 250],
    ['5 s where it says nothing', new ProviderError('throttled', 'slow'), 5_000],
    ['no less than nothing', copied({ retryAfterMs: -1 }), 0],
    ['no more than an hour', copied({ retryAfterMs: 1e12 }), 3_600_000],
    ['5 s where it says nonsense', copied({ retryAfterMs: Number.NaN }), 5_000],
    ['5 s where it says a text', copied({ retryAfterMs: '10' }), 5_000],
  ])('%s', (_name, error, expected) => {
    expect(throttledForMs(error)).toBe(expected);
  });
});

test('the cause is kept for the log', () => {
  const cause = new Error('403');
  expect(new ProviderError('rejected', 'no', { cause }).cause).toBe(cause);
});
