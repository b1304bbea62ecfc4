import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isStillRunning, isUnknownOutcome } from '../../../../../providers/gcp/client/classify-error.ts';
import type { GceApi } from '../../../../../providers/gcp/client/gce-api.ts';
import { type Stage, setStage } from '../../../../support/gcp/proof/stage.ts';
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

afterEach(() => stage.server.close());

const call = aCall();
const insert = () => api.insert('addresses', { name: 'x' }, call);
const waits = () => stage.server.gce.journal.counts['regionOperations.wait'] ?? 0;

describe('an operation', () => {
  test('that takes its time is waited for in one request', async () => {
    const release = stage.server.gce.world.operations.hold();
    const made = insert();
    await expect.poll(waits).toBe(1);
    release();
    await made;
    expect(waits()).toBe(1);
  });

  test('is asked about again where the API answers early', async () => {
    const { world } = stage.server.gce;
    world.options = { ...world.options, waitMs: 1 };
    const release = world.operations.hold();
    const made = insert();
    await expect.poll(waits).toBeGreaterThan(2);
    release();
    await made;
    expect(await api.get('addresses', { name: 'x' }, call)).toMatchObject({ name: 'x' });
  });

  test('is waited for in spite of an answer that is lost', async () => {
    stage.server.gce.faults.add({ kind: 'before', method: 'regionOperations.wait', times: 2 });
    await insert();
    expect(waits()).toBe(3);
  });

  test('that outlasts patience is still running; who asks for its object next waits for it first', async () => {
    const { world } = stage.server.gce;
    const release = world.operations.hold();
    const made = rejection(insert());
    await expect.poll(waits).toBe(1);
    clock.jump(20_000);
    const error = await made;
    expect(isStillRunning(error)).toBe(true);
    expect(isUnknownOutcome(error)).toBe(true);
    const found = api.get('addresses', { name: 'x' }, call);
    await expect.poll(waits).toBe(2);
    release();
    expect(await found).toMatchObject({ name: 'x' });
  });

  test('of which the end is not waited for has an unknown outcome', async () => {
    const release = stage.server.gce.world.operations.hold();
    const abort = new AbortController();
    const made = rejection(api.insert('addresses', { name: 'x' }, aCall({ signal: abort.signal })));
    await expect.poll(waits).toBe(1);
    abort.abort(new Error('leadership was lost'));
    const error = await made;
    expect(isUnknownOutcome(error)).toBe(true);
    expect(isStillRunning(error)).toBe(false);
    release();
  });

  test('that nobody may ask about says which permission is missing', async () => {
    stage.server.gce.world.options = {
      ...stage.server.gce.world.options,
      permissions: new Set(['addresses.create']),
    };
    const error = await rejection(insert());
    expect(isUnknownOutcome(error)).toBe(true);
    expect(String(error)).toContain('allow compute.regionOperations.get');
  });
});
