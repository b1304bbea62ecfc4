import { afterEach, describe, expect, test } from 'vitest';
import { LoopClock } from '../../loop-clock.ts';
import type { GceOptions } from '../world/options.ts';
import { project, region, type Stage, setStage, zoneB } from './stage.ts';

let stage: Stage;

async function open(options: Partial<GceOptions> = {}): Promise<Stage> {
  stage = await setStage(options);
  return stage;
}

afterEach(() => stage.server.close());

const check = { name: 'x', type: 'HTTP' };
const checks = `${region}/healthChecks`;
const pathOf = (body: Readonly<Record<string, unknown>>): string =>
  String(body['selfLink']).replace(/^.*\/compute\/v1\//, '');

describe('an operation', () => {
  test('is PENDING, RUNNING, DONE; what it makes is there at its end, and cannot be used before', async () => {
    const clock = new LoopClock();
    const { raw, server } = await open({ clock });
    server.gce.world.options = { clock, operationMs: 60_000 };
    const { body } = await raw('POST', checks, check);
    expect(body).toMatchObject({ status: 'PENDING', operationType: 'insert' });
    expect(await raw('GET', `${checks}/x`)).toMatchObject({ status: 404 });
    expect(await raw('POST', checks, check)).toMatchObject({ status: 409, reason: 'alreadyExists' });
    const service = { name: 'y', healthChecks: [`${checks}/x`] };
    expect(await raw('POST', `${region}/backendServices`, service)).toMatchObject({
      status: 400,
      reason: 'resourceNotReady',
    });
    clock.jump(30_000);
    expect((await raw('GET', pathOf(body))).body).toMatchObject({ status: 'RUNNING', progress: 50 });
    clock.jump(30_000);
    expect((await raw('POST', `${pathOf(body)}/wait`)).body).toMatchObject({ status: 'DONE', progress: 100 });
    expect(await raw('GET', `${checks}/x`)).toMatchObject({ status: 200 });
  });

  test('is waited for no longer than the API likes', async () => {
    const { raw, server } = await open({ waitMs: 1 });
    const release = server.gce.world.operations.hold();
    const { body } = await raw('POST', checks, check);
    expect((await raw('POST', `${pathOf(body)}/wait`)).body).toMatchObject({ status: 'RUNNING' });
    release();
  });

  test('of one object keeps others of it away', async () => {
    const { raw, server } = await open();
    const release = server.gce.world.operations.hold();
    await raw('PATCH', `${checks}/hc`, { checkIntervalSec: 8 });
    expect(await raw('PATCH', `${checks}/hc`, { checkIntervalSec: 9 })).toMatchObject({
      status: 400,
      reason: 'resourceNotReady',
    });
    release();
  });

  test('is known in its own scope only', async () => {
    const { raw } = await open();
    const { body } = await raw('POST', `${zoneB}/instanceGroups`, { name: 'x' });
    const name = String(body['name']);
    expect(await raw('POST', `${zoneB}/operations/${name}/wait`)).toMatchObject({ status: 200 });
    for (const scope of [region, `${project}/global`])
      expect(await raw('POST', `${scope}/operations/${name}/wait`)).toMatchObject({ status: 404 });
  });

  test('can fail, and then has changed nothing', async () => {
    const { raw, server } = await open();
    server.gce.faults.add({
      kind: 'operation',
      method: 'healthChecks.insert',
      refusal: { http: 403, reason: 'quotaExceeded', message: 'Quota HEALTH_CHECKS exceeded.' },
    });
    const { body } = await raw('POST', checks, check);
    const ended = await raw('POST', `${pathOf(body)}/wait`);
    expect(ended.body).toMatchObject({
      status: 'DONE',
      httpErrorStatusCode: 403,
      error: { errors: [{ code: 'QUOTA_EXCEEDED', message: 'Quota HEALTH_CHECKS exceeded.' }] },
    });
    expect(await raw('POST', checks, check)).toMatchObject({ status: 200 });
  });

  test('tells what is in the way where the world is set so', async () => {
    const { raw } = await open({ conflicts: 'in-operation' });
    const { status, body } = await raw('DELETE', `${checks}/hc`);
    expect(status).toBe(200);
    expect((await raw('POST', `${pathOf(body)}/wait`)).body).toMatchObject({
      error: { errors: [{ code: 'RESOURCE_IN_USE_BY_ANOTHER_RESOURCE' }] },
    });
    expect(await raw('GET', `${checks}/hc`)).toMatchObject({ status: 200 });
  });
});

describe('a request id', () => {
  const id = '5eed0000-0000-4000-8000-000000000001';

  test('sent twice is carried out once, and answered with the same operation', async () => {
    const { raw } = await open();
    const [first, second] = [
      await raw('POST', `${checks}?requestId=${id}`, check),
      await raw('POST', `${checks}?requestId=${id}`, check),
    ];
    expect(second).toMatchObject({ status: 200, body: { name: first.body['name'] } });
  });

  test.each(['1', '00000000-0000-0000-0000-000000000000'])('has to be a UUID: %s', async wrong => {
    const { raw } = await open();
    expect(await raw('POST', `${checks}?requestId=${wrong}`, check)).toMatchObject({ status: 400, reason: 'invalid' });
  });
});

describe('quotas', () => {
  test('of requests are full again at the next minute, and not before', async () => {
    const clock = new LoopClock();
    const { raw, server } = await open({ clock });
    server.gce.world.options = { clock, perMinute: { reads: 2 } };
    clock.jump(60_000 - (clock.now() % 60_000));
    const reads = [await raw('GET', checks), await raw('GET', checks), await raw('GET', checks)];
    expect(reads.map(({ status, reason }) => [status, reason])).toEqual([
      [200, undefined],
      [200, undefined],
      [403, 'rateLimitExceeded'],
    ]);
    expect(await raw('POST', checks, check)).toMatchObject({ status: 200 });
    clock.jump(60_000);
    expect(await raw('GET', checks)).toMatchObject({ status: 200 });
  });

  test('of running operations are another reason', async () => {
    const { raw, server } = await open({ concurrentOperations: 1 });
    const release = server.gce.world.operations.hold();
    await raw('PATCH', `${checks}/hc`, { checkIntervalSec: 8 });
    const { status, body } = await raw('POST', checks, check);
    expect({ status, body }).toMatchObject({
      status: 403,
      body: { error: { details: [{ reason: 'CONCURRENT_OPERATIONS_QUOTA_EXCEEDED' }] } },
    });
    release();
  });

  test('of objects end with quotaExceeded', async () => {
    const { raw, server } = await open();
    server.gce.world.options = { ...server.gce.world.options, quotas: { healthChecks: 1 } };
    expect(await raw('POST', checks, check)).toMatchObject({ status: 403, reason: 'quotaExceeded' });
  });
});

describe('who asks', () => {
  test('needs the token', async () => {
    const { raw, server } = await open();
    server.gce.world.options = { ...server.gce.world.options, token: 'secret' };
    expect(await raw('GET', checks)).toMatchObject({ status: 401, reason: 'authError' });
  });

  test('needs the permission, which is named where it is missing', async () => {
    const { raw, server } = await open();
    server.gce.world.options = { ...server.gce.world.options, permissions: new Set(['forwardingRules.create']) };
    const rule = { name: 'x', ports: ['81'], backendService: `${region}/backendServices/bs`, labels: { a: 'b' } };
    const { status, body } = await raw('POST', `${region}/forwardingRules`, rule);
    expect(status).toBe(403);
    expect(JSON.stringify(body)).toContain("Required 'compute.regionBackendServices.use' permission");
  });
});

describe('faults', () => {
  test('before: 503, and nothing done', async () => {
    const { raw, server } = await open();
    server.gce.faults.add({ kind: 'before', mutating: true });
    expect(await raw('POST', checks, check)).toMatchObject({ status: 503, reason: 'backendError' });
    expect(await raw('POST', checks, check)).toMatchObject({ status: 200 });
  });

  test('after: done, and no answer', async () => {
    const { raw, server } = await open();
    server.gce.faults.add({ kind: 'after', mutating: true, skip: 1 });
    await raw('PATCH', `${checks}/hc`, { checkIntervalSec: 8 });
    await expect(raw('POST', checks, check)).rejects.toThrow('fetch failed');
    expect(await raw('POST', checks, check)).toMatchObject({ status: 409 });
  });

  test('the journal has every request, and what it needed', async () => {
    const { raw, server } = await open();
    server.gce.journal.clear();
    await raw('GET', `${checks}/hc`);
    await raw('GET', `${project}/nonsense`);
    await raw('DELETE', `${checks}/nope`);
    expect(
      server.gce.journal.entries.map(({ method, status, mutating, permissions }) => [
        method,
        status,
        mutating,
        permissions,
      ]),
    ).toEqual([
      ['healthChecks.get', 200, false, ['regionHealthChecks.get']],
      ['', 404, false, []],
      ['healthChecks.delete', 404, true, ['regionHealthChecks.delete']],
    ]);
  });
});

describe('shapes', () => {
  test.each([
    ['a parameter that is none', 'GET', `${checks}?filtre=x`, undefined, 400, 'invalid'],
    ['a number that is none', 'GET', `${checks}?maxResults=many`, undefined, 400, 'invalid'],
    [
      'a project that is not there',
      'GET',
      'projects/nope/regions/europe-west1/healthChecks',
      undefined,
      404,
      'notFound',
    ],
    ['a region that is not there', 'GET', `${project}/regions/mars/healthChecks`, undefined, 400, 'invalid'],
    ['no body', 'POST', checks, undefined, 400, 'required'],
    ['a body that is no JSON', 'POST', checks, '{"name":', 400, 'invalid'],
    ['a body where there is none', 'DELETE', `${checks}/hc`, {}, 400, 'invalid'],
    ['a method that the path has not', 'PUT', checks, {}, 405, 'httpMethodNotAllowed'],
    ['a method that this fake has not', 'POST', `${zoneB}/instances/n1/start`, undefined, 501, 'notImplemented'],
    ['a path that is none', 'GET', `${project}/global/backendservices`, undefined, 404, 'notFound'],
  ])('%s', async (_row, httpMethod, path, body, status, reason) => {
    const { raw } = await open();
    expect(await raw(httpMethod, path, body)).toMatchObject({ status, reason });
  });
});
