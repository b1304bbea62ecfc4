import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  isAlreadyExists,
  isFingerprintStale,
  isInUse,
  isNotFound,
  isUnknownOutcome,
} from '../../../../../providers/gcp/client/classify-error.ts';
import type { GceApi } from '../../../../../providers/gcp/client/gce-api.ts';
import type { Call } from '../../../../../src/provider/provider.ts';
import { providerErrorCode, throttledForMs } from '../../../../../src/provider/provider-error.ts';
import { region, type Stage, setStage } from '../../../../support/gcp/proof/stage.ts';
import type { LoopClock } from '../../../../support/loop-clock.ts';
import { aCall, openDoor, rejection } from '../gce-stage.ts';

let stage: Stage;
let api: GceApi;
let clock: LoopClock;

beforeEach(async () => {
  stage = await setStage();
  ({ api, clock } = await openDoor(stage.server));
  stage.server.gce.journal.clear();
});

afterEach(async () => {
  stage.server.gce.faults.clear();
  await stage.server.close();
});

const call = aCall();
const check = { name: 'x', type: 'TCP' } as const;
const insert = (by = call) => api.insert('healthChecks', check, by);
const counts = () => stage.server.gce.journal.counts;

describe('the Lease', () => {
  test('is checked right before each change is sent, once for each time that it is', async () => {
    let checks = 0;
    stage.server.gce.faults.add({ kind: 'before', method: 'healthChecks.insert', times: 2 });
    await insert(aCall({ assertLeading: () => void (checks += 1) }));
    expect(checks).toBe(3);
    expect(counts()['healthChecks.insert']).toBe(3);
  });

  test('lost, nothing is sent', async () => {
    const assertLeading = (): never => {
      throw new Error('not leading');
    };
    expect(await rejection(insert(aCall({ assertLeading })))).toMatchObject({ message: 'not leading' });
    expect(counts()).toEqual({});
  });

  test('is no matter of reads', async () => {
    const assertLeading = (): never => {
      throw new Error('not leading');
    };
    await expect(api.list('healthChecks', {}, aCall({ assertLeading }))).resolves.toHaveLength(1);
  });

  test('lost between two tries, the second is not sent', async () => {
    let leading = true;
    stage.server.gce.faults.add({ kind: 'before', method: 'healthChecks.insert', times: 9 });
    const assertLeading = (): void => {
      if (!leading) throw new Error('not leading');
      leading = false;
    };
    await rejection(insert(aCall({ assertLeading })));
    expect(counts()['healthChecks.insert']).toBe(1);
  });
});

describe('a call that is over', () => {
  test('sends nothing', async () => {
    const reason = new Error('leadership was lost');
    expect(await rejection(insert(aCall({ signal: AbortSignal.abort(reason), assertLeading() {} })))).toBe(reason);
    expect(counts()).toEqual({});
  });

  const whileItWaits = async (ask: (by: Call) => Promise<unknown>, reason: Error): Promise<unknown> => {
    const abort = new AbortController();
    stage.server.gce.faults.add({ kind: 'hang' });
    const ending = rejection(ask(aCall({ signal: abort.signal })));
    await expect.poll(() => stage.server.gce.journal.entries.length).toBe(1);
    abort.abort(reason);
    return ending;
  };
  const reason = new Error('leadership was lost');

  test('while a read waits, ends it with its reason', async () => {
    expect(await whileItWaits(by => api.list('healthChecks', {}, by), reason)).toBe(reason);
  });

  test('while a change waits, leaves its outcome unknown', async () => {
    expect(isUnknownOutcome(await whileItWaits(by => insert(by), reason))).toBe(true);
  });
});

describe('no clear answer', () => {
  test('to a change: it is sent again under one request id, and carried out once', async () => {
    stage.server.gce.faults.add({ kind: 'after', method: 'healthChecks.insert' });
    await insert();
    const ids = stage.server.gce.journal.mutations.map(({ query }) => query['requestId']);
    expect(ids).toEqual([ids[0], ids[0]]);
    expect(await api.list('healthChecks', { filter: 'name = "x"' }, call)).toHaveLength(1);
  });

  test('to a read: it is asked again', async () => {
    stage.server.gce.faults.add({ kind: 'before', method: 'healthChecks.list', times: 2 });
    await expect(api.list('healthChecks', {}, call)).resolves.toHaveLength(1);
  });

  test('to a change, time and again: the outcome is unknown', async () => {
    stage.server.gce.faults.add({ kind: 'before', method: 'healthChecks.insert', times: 9 });
    const error = await rejection(insert());
    expect(isUnknownOutcome(error)).toBe(true);
    expect(providerErrorCode(error)).toBeUndefined();
    expect(counts()['healthChecks.insert']).toBe(3);
  });

  test('in five seconds to a change: it is sent again', async () => {
    stage.server.gce.faults.add({ kind: 'hang', method: 'healthChecks.insert' });
    const made = insert();
    await expect.poll(() => stage.server.gce.journal.entries.length).toBe(1);
    clock.jump(5_000);
    await made;
    expect(counts()['healthChecks.insert']).toBe(2);
  });

  test('as nobody listens: an error that says so', async () => {
    await stage.server.close();
    const error = await rejection(api.list('healthChecks', {}, call));
    expect(String(error)).toContain('Google Cloud cannot be reached for healthChecks.list (ECONNREFUSED)');
    stage = await setStage();
  });
});

describe('the quota of requests', () => {
  test('exceeded: throttled until the next minute, and not a request before that', async () => {
    clock.jump(60_000 - (clock.now() % 60_000) + 20_000);
    stage.server.gce.faults.add({
      kind: 'refuse',
      method: 'healthChecks.insert',
      refusal: { http: 403, reason: 'rateLimitExceeded', message: 'Quota exceeded' },
    });
    const errors = [await rejection(insert()), await rejection(insert())];
    expect(errors.map(providerErrorCode)).toEqual(['throttled', 'throttled']);
    for (const error of errors) expect(throttledForMs(error)).toBeGreaterThan(30_000);
    for (const error of errors) expect(throttledForMs(error)).toBeLessThanOrEqual(50_000);
    expect(throttledForMs(errors[0])).not.toBe(throttledForMs(errors[1]));
    expect(counts()['healthChecks.insert']).toBe(1);
    await expect(api.list('healthChecks', {}, call)).resolves.toHaveLength(1);
    clock.jump(40_000);
    await insert();
  });

  test('of running operations: throttled for seconds', async () => {
    const info = { reason: 'CONCURRENT_OPERATIONS_QUOTA_EXCEEDED' };
    stage.server.gce.faults.add({
      kind: 'refuse',
      method: 'healthChecks.insert',
      refusal: { http: 403, reason: 'rateLimitExceeded', message: '', info },
    });
    const error = await rejection(insert());
    expect(providerErrorCode(error)).toBe('throttled');
    expect(throttledForMs(error)).toBeLessThanOrEqual(15_000);
  });
});

describe('a refusal', () => {
  test('names the missing permission, and nothing else that the API says', async () => {
    stage.server.gce.world.options = { ...stage.server.gce.world.options, permissions: new Set() };
    expect(await rejection(insert())).toMatchObject({
      code: 'rejected',
      message:
        'Google Cloud refuses healthChecks.insert (forbidden): allow compute.regionHealthChecks.create, as deploy/iam/gcp-role.yaml does, to the service account that fairlead runs as',
    });
  });

  test.each([
    ['isAlreadyExists', isAlreadyExists, () => api.insert('healthChecks', { name: 'hc', type: 'TCP' }, call)],
    [
      'isNotFound',
      isNotFound,
      () => api.insert('backendServices', { name: 'x', healthChecks: [`${region}/healthChecks/nope`] }, call),
    ],
    ['isInUse', isInUse, () => api.delete('healthChecks', { name: 'hc' }, call)],
    [
      'isFingerprintStale',
      isFingerprintStale,
      () => api.patch('backendServices', { name: 'bs', fingerprint: 'c3RhbGU=' }, call),
    ],
  ] as const)('is what %s asks for, at once or in the operation', async (_row, predicate, run) => {
    for (const conflicts of ['at-once', 'in-operation'] as const) {
      stage.server.gce.world.options = { ...stage.server.gce.world.options, conflicts };
      const error = await rejection(run());
      expect(predicate(error)).toBe(true);
      expect(providerErrorCode(error)).toBe('rejected');
      expect([isAlreadyExists, isNotFound, isInUse, isFingerprintStale].filter(one => one(error))).toHaveLength(1);
    }
  });

  test('in an operation is told like one at once', async () => {
    stage.server.gce.faults.add({
      kind: 'operation',
      method: 'healthChecks.insert',
      refusal: { http: 403, reason: 'quotaExceeded', message: "Quota 'HEALTH_CHECKS' exceeded. Limit: 75.0" },
    });
    expect(await rejection(insert())).toMatchObject({
      code: 'rejected',
      message:
        "Google Cloud refuses healthChecks.insert (quotaExceeded): Quota 'HEALTH_CHECKS' exceeded. Limit: 75.0: delete what is not used any more, or ask for a higher quota",
    });
  });
});
