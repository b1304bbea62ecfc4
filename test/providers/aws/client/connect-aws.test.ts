import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Aws } from '../../../../providers/aws/client/aws.ts';
import { isUnknownOutcome } from '../../../../providers/aws/client/classify-error.ts';
import { connectAws } from '../../../../providers/aws/client/connect-aws.ts';
import { systemClock } from '../../../../src/kube/clock.ts';
import { providerErrorCode } from '../../../../src/provider/provider-error.ts';
import { openDoor } from '../../../support/aws-endpoints.ts';
import { leadingCall, simulatedAws } from '../../../support/simulated-aws.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const saved = { ...process.env };

afterEach(() => {
  for (const key of Object.keys(process.env)) if (!(key in saved)) delete process.env[key];
  Object.assign(process.env, saved);
});

/** As on a machine that has never heard of AWS. */
function forgetAws(): void {
  for (const key of Object.keys(process.env)) if (key.startsWith('AWS_')) delete process.env[key];
  Object.assign(process.env, {
    AWS_CONFIG_FILE: '/nowhere/config',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere/credentials',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
}

describe('without', () => {
  test('a region: one line says what to do', async () => {
    forgetAws();
    await expect(connectAws({ clock: systemClock })).rejects.toThrow(/^no AWS region: set AWS_REGION[^\n]*$/);
  });

  test('credentials: one line says what to do', async () => {
    forgetAws();
    process.env['AWS_REGION'] = 'eu-west-1';
    await expect(connectAws({ clock: systemClock })).rejects.toThrow(/^no AWS credentials: give the pod a role[^\n]*$/);
  });
});

test('credentials that cannot be renewed any more are told as such, and nothing is sent', async () => {
  const clock = new VirtualClock();
  const gone = Object.assign(new Error('Token file is empty'), { name: 'CredentialsProviderError' });
  const { door, sent } = simulatedAws(clock, () => ({}), { unsigned: gone });
  const error = door
    .send('DeleteTargetGroup', { TargetGroupArn: 'arn' }, leadingCall())
    .catch((thrown: unknown) => thrown);
  await clock.run();
  expect(await error).toMatchObject({
    code: 'rejected',
    message: 'AWS credentials cannot be renewed: Token file is empty: correct those that fairlead runs with',
  });
  expect(sent).toEqual([]);
});

describe('on the wire', () => {
  let server: Server;
  let aws: Aws;
  let requests: number;
  let arrived: PromiseWithResolvers<ServerResponse>;
  /** Undefined: the request stays without an answer. */
  let answer: { readonly status: number; readonly body: string } | undefined;

  beforeEach(async () => {
    requests = 0;
    arrived = Promise.withResolvers();
    answer = undefined;
    server = createServer((request, response) => {
      request.resume().once('end', () => {
        requests += 1;
        arrived.resolve(response);
        if (answer === undefined) return;
        response.writeHead(answer.status, { 'content-type': 'text/xml' });
        response.end(answer.body);
      });
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    aws = await openDoor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });

  afterEach(async () => {
    aws.close();
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });

  const deleteGroup = (signal?: AbortSignal) =>
    aws.send('DeleteTargetGroup', { TargetGroupArn: 'arn' }, leadingCall(signal)).catch((error: unknown) => error);

  test('an abort ends the request, and the outcome of a change is unknown', async () => {
    const abort = new AbortController();
    const error = deleteGroup(abort.signal);
    const response = await arrived.promise;
    const closed = new Promise(resolve => response.once('close', resolve));
    abort.abort(new Error('the Lease is lost'));
    expect(isUnknownOutcome(await error)).toBe(true);
    await closed;
    expect(requests).toBe(1);
  });

  test('an abort of a read is its reason', async () => {
    const abort = new AbortController();
    const lost = new Error('the Lease is lost');
    const error = aws.send('DescribeVpcs', {}, leadingCall(abort.signal)).catch((thrown: unknown) => thrown);
    await arrived.promise;
    abort.abort(lost);
    expect(await error).toBe(lost);
  });

  test.each([
    ['a connection that breaks', undefined],
    ['a page of a proxy', { status: 502, body: '<html>Bad gateway</html>' }],
    ['a fault of AWS', { status: 500, body: errorOf('InternalFailure') }],
  ])('%s: a change goes out once, and its outcome is unknown', async (_row, given) => {
    answer = given;
    const error = deleteGroup();
    const response = await arrived.promise;
    if (given === undefined) response.destroy();
    expect(isUnknownOutcome(await error)).toBe(true);
    expect(requests).toBe(1);
  });

  test('the Lease is looked at once for each request that goes out', async () => {
    answer = { status: 400, body: errorOf('Throttling') };
    let looks = 0;
    const call = {
      ...leadingCall(),
      assertLeading() {
        looks += 1;
        expect(requests).toBe(looks - 1);
        if (looks === 2) answer = { status: 200, body: '<DeleteTargetGroupResponse/>' };
      },
    };
    await aws.send('DeleteTargetGroup', { TargetGroupArn: 'arn' }, call);
    expect([looks, requests]).toEqual([2, 2]);
  });

  test('a refusal says neither the key nor what was signed', async () => {
    answer = { status: 403, body: errorOf('SignatureDoesNotMatch', 'Credential=test/20260101/us-west-2') };
    const error = await deleteGroup();
    expect(providerErrorCode(error)).toBe('rejected');
    expect((error as Error).message).not.toMatch(/Credential|test\//);
  });
});

function errorOf(code: string, message = 'said AWS'): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
}
