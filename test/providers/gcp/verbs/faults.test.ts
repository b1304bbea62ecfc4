import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Call, LoadBalancer } from '../../../../src/provider/provider.ts';
import { addressesOf, GcpRig, listeners, published } from '../../../support/gcp/gcp-rig.ts';
import type { Fault } from '../../../support/gcp/service/faults.ts';

/** Whatever goes wrong once, and wherever: the next run brings everything to where it should be, and leaves nothing behind. */

// Dozens of balancers are made and deleted in each.
vi.setConfig({ testTimeout: 60_000 });

let rig: GcpRig;
beforeEach(async () => {
  rig = await GcpRig.open();
});
afterEach(() => rig.close());

const refuse = (http: number, reason: string, message = reason): Fault => ({
  kind: 'refuse',
  mutating: true,
  refusal: { http, reason, message },
});
const faults: Readonly<Record<string, Fault>> = {
  'a 409': refuse(409, 'alreadyExists'),
  'a 412': refuse(412, 'conditionNotMet'),
  'a 429': refuse(429, 'rateLimitExceeded'),
  'a 500': refuse(500, 'internalError'),
  'a 400 for something that is not ready': refuse(400, 'resourceNotReady'),
  'an operation that fails': {
    kind: 'operation',
    mutating: true,
    refusal: { http: 503, reason: 'resourceOperationRateExceeded', message: 'later' },
  },
  'no answer, though it was carried out': { kind: 'after', mutating: true },
};

const both: Partial<LoadBalancer> = { listeners: listeners({ TCP: [80], UDP: [53] }) };
const other: Partial<LoadBalancer> = {
  listeners: listeners({ TCP: [80, 443] }),
  sourceRanges: ['10.0.0.0/8'],
  externalTrafficPolicy: 'Local',
  healthCheck: { path: '/healthz', port: 31_000 },
};

describe.each(Object.entries(faults))('%s at every request in turn', (_name, fault) => {
  test('a create', async () => {
    await atEachMutation(fault, async n => rig.ensure(rig.service(n, both)));
    expect(rig.all('forwardingRules')).toHaveLength(1);
  });

  test('a change, at the same address', async () => {
    await atEachMutation(fault, async n => {
      const first = await withoutFaults(() => rig.ensure(rig.service(n)));
      const after = await rig.ensure(published(rig.service(n, other), first));
      expect(addressesOf(after)).toEqual(addressesOf(first));
    });
  });
});

describe('a crash after every request in turn', () => {
  test('of a create: the next process finishes it', async () => {
    await rig.ensure(rig.service(900, both));
    const expected = rig.counts();
    await rig.delete(rig.service(900));
    await atEachCrash(async (n, call) => {
      await rig.ensure(rig.service(n, both), call).catch(failed);
      await rig.restart();
      await rig.ensure(rig.service(n, both));
      expect(rig.counts(), `after request ${n}`).toEqual(expected);
    });
  });

  test('of a change: the next process finishes it at the same address', async () => {
    const first = await rig.ensure(rig.service(900));
    await rig.ensure(published(rig.service(900, other), first));
    const expected = rig.counts();
    await rig.delete(rig.service(900));
    await atEachCrash(async (n, call) => {
      const before = await rig.ensure(rig.service(n));
      const wanted = published(rig.service(n, other), before);
      await rig.ensure(wanted, call).catch(failed);
      await rig.restart([wanted]);
      expect(addressesOf(await rig.ensure(wanted)), `after request ${n}`).toEqual(addressesOf(before));
      expect(rig.counts(), `after request ${n}`).toEqual(expected);
    });
  });

  test('of a change that replaces a rule: the address is never let go', async () => {
    await rig.restart([], { firewall: 'none' });
    await atEachCrash(async (n, call) => {
      const before = await rig.ensure(rig.service(n, { listeners: listeners({ TCP: [80, 443] }) }));
      const wanted = published(rig.service(n), before);
      await rig.ensure(wanted, call).catch(failed);
      await rig.restart([wanted], { firewall: 'none' });
      expect(addressesOf(await rig.ensure(wanted)), `after request ${n}`).toEqual(addressesOf(before));
      expect(rig.counts()).toEqual({ backendServices: 1, forwardingRules: 1, healthChecks: 1, instanceGroups: 2 });
    });
  });

  test('of a deletion: the next process leaves nothing', async () => {
    await atEachCrash(async (n, call) => {
      await rig.ensure(rig.service(n, both));
      await rig.delete(rig.service(n), call).catch(failed);
      await rig.restart();
    });
    expect(await rig.list()).toEqual([]);
  });
});

test('a quota that is used up is said with its name, and is no loop', async () => {
  rig.gce.world.options = { ...rig.gce.world.options, quotas: { forwardingRules: 0 } };
  const requests = await rig.mutationsOf(() =>
    expect(rig.ensure(rig.service(1))).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringMatching(/quota/i) as string,
    }),
  );
  expect(requests.filter(method => method === 'forwardingRules.insert')).toHaveLength(1);
  rig.gce.world.options = { ...rig.gce.world.options, quotas: {} };
  await rig.ensure(rig.service(1));
});

test('a stale fingerprint is read again', async () => {
  const first = await rig.ensure(rig.service(1));
  await rig.restart([published(rig.service(1), first)]);
  rig.change('backendServices', String(rig.only('backendServices')['name']), { fingerprint: 'b3RoZXI=' });
  await rig.ensure(published(rig.service(1, { sessionAffinity: { type: 'ClientIP', timeoutSeconds: 60 } }), first));
  expect(rig.only('backendServices')).toMatchObject({ sessionAffinity: 'CLIENT_IP' });
});

test('an address that somebody else has in the meantime is the user’s to solve, not a loop', async () => {
  rig.gce.faults.add({
    ...refuse(409, 'IP_IN_USE_BY_ANOTHER_RESOURCE', "IP '10.0.0.9' is already being used by another resource"),
    method: 'forwardingRules.insert',
    times: 10,
  });
  await expect(rig.ensure(rig.service(1))).rejects.toMatchObject({ code: 'rejected' });
  expect(rig.gce.journal.counts['forwardingRules.insert']).toBe(1);
});

/** Runs `act` for one Service with its first change failing, for another with its second, until none fails. */
async function atEachMutation(fault: Fault, act: (n: number) => Promise<unknown>): Promise<void> {
  // Another Service is there: what is shared is not in question here, but below.
  await rig.ensure(rig.service(900));
  const standing = rig.counts();
  for (let n = 1; n < 40; n++) {
    pending = { ...fault, skip: n - 1 };
    armed();
    const before = rig.gce.journal.mutations.length;
    await act(n).catch(() => undefined);
    const hit = rig.gce.journal.mutations.length - before >= n;
    rig.gce.faults.clear();
    pending = undefined;
    // Throttled, a process waits for the next minute.
    if (fault.kind === 'refuse' && fault.refusal.http === 429) await rig.restart([rig.service(900)]);
    await untilDone(() => act(n));
    await rig.delete(rig.service(n));
    expect(rig.counts(), `at request ${n}`).toEqual(standing);
    if (!hit) return;
  }
}

let pending: Fault | undefined;

function armed(): void {
  rig.gce.faults.clear();
  if (pending !== undefined) rig.gce.faults.add(pending);
}

async function withoutFaults<Value>(run: () => Promise<Value>): Promise<Value> {
  rig.gce.faults.clear();
  const value = await run();
  armed();
  return value;
}

/** As the core does: again, a few times. */
async function untilDone(act: () => Promise<unknown>): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    const isDone = await act().then(
      () => true,
      () => false,
    );
    if (isDone) return;
  }
  await act();
}

/** One Service with a process that ends after its first change, another with one that ends after its second, until one comes to its end. */
async function atEachCrash(act: (n: number, call: Call) => Promise<void>): Promise<void> {
  for (let n = 1; n < 40; n++) {
    const call = rig.callUntil(n);
    await act(n, call);
    await rig.delete(rig.service(n));
    expect(rig.counts(), `after request ${n}`).toEqual({});
    if (!call.signal.aborted) return;
  }
}

/** Whatever it hears of its end. */
function failed(): undefined {
  return undefined;
}
