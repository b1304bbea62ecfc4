import { describe, expect, test } from 'vitest';
import { responseError, transportError } from '../../src/kube/response-error.ts';

function refused(status: number, body: unknown, retryAfter?: string): ReturnType<typeof responseError> {
  return responseError({ status, retryAfter, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

describe('an answer of the API server', () => {
  test('gives reason, message and causes of its Status', () => {
    const causes = [{ reason: 'FieldValueInvalid', field: 'spec.ports[0].nodePort', message: 'taken' }];
    const error = refused(422, {
      kind: 'Status',
      reason: 'Invalid',
      message: 'Service "a" is invalid',
      details: { causes },
    });
    expect(error).toMatchObject({ status: 422, reason: 'Invalid', message: 'Service "a" is invalid', causes });
    expect(error.retryAfterMs).toBeUndefined();
  });

  test.each([
    ['the header', {}, '3', 3_000],
    ['the details', { details: { retryAfterSeconds: 7 } }, undefined, 7_000],
    ['the header before the details', { details: { retryAfterSeconds: 7 } }, '2', 2_000],
    ['neither', {}, undefined, undefined],
    ['a date, which no API server sends', {}, 'Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ])('asks to wait by %s', (_, more, header, expected) => {
    expect(refused(429, { kind: 'Status', ...more }, header).retryAfterMs).toBe(expected);
  });
});

describe('an answer of something else', () => {
  test.each([
    [404, '404 page not found\n', 'NotFound', 'HTTP 404 404 page not found'],
    [502, '<html>\n <b>Bad Gateway</b>', 'Unknown', 'HTTP 502 <html> <b>Bad Gateway</b>'],
    [503, '', 'ServiceUnavailable', 'HTTP 503'],
    [409, '{"kind":"Other","message":"x"}', 'Conflict', 'HTTP 409 {"kind":"Other","message":"x"}'],
    [500, 'null', 'InternalError', 'HTTP 500 null'],
  ])('%i %j is one line', (status, body, reason, message) => {
    expect(refused(status, body)).toMatchObject({ status, reason, message });
  });

  test('a long page is cut', () => {
    expect(refused(500, 'x'.repeat(10_000)).message.length).toBeLessThan(300);
  });
});

describe('no answer', () => {
  test.each([
    ['ECONNREFUSED', 'Unreachable', /ECONNREFUSED.*check that it runs/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'Unreachable', /not trusted: check certificate-authority/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'Unreachable', /tls-server-name/],
    ['UND_ERR_DESTROYED', 'Cancelled', /closed/],
  ])('%s', (code, reason, message) => {
    const cause = Object.assign(new Error('secret detail'), { code });
    const error = transportError('https://host:6443', cause);
    expect(error).toMatchObject({ status: 0, reason, cause });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('secret');
  });
});
