import { beforeEach, describe, expect, test } from 'vitest';
import { fenced } from '../../src/controller/fence.ts';
import type { KubeClient, KubeRequest, WatchRequest } from '../../src/kube/client.ts';
import { LeadershipLost, Term } from '../../src/kube/leadership.ts';
import type { WatchEvent } from '../../src/kube/objects.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';

let clock: VirtualClock;
let term: Term;
let wire: KubeRequest[];
let watched: WatchRequest[];
let client: KubeClient;

beforeEach(() => {
  clock = new VirtualClock();
  term = new Term('7', 10_000, clock);
  wire = [];
  watched = [];
  const raw: KubeClient = {
    async request<Answer>(request: KubeRequest): Promise<Answer> {
      await clock.until(new Promise<void>(resolve => void clock.after(1, resolve)));
      request.guard?.();
      wire.push(request);
      return 'answer' as Answer;
    },
    watch<Kind>(request: WatchRequest) {
      watched.push(request);
      return nothing as AsyncIterable<WatchEvent<Kind>>;
    },
  };
  client = fenced(raw, term);
});

/** An endless watch. */
const nothing = {} as AsyncIterable<never>;

const path = '/api/v1/namespaces/default/services/web';
const writes = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

describe('a write', () => {
  test.each(writes)('by %s passes while we lead, as it is', async method => {
    const request = {
      method,
      path,
      body: { a: 1 },
      contentType: 'application/json',
      query: { b: '2' },
      deadlineMs: 77,
    };
    await expect(client.request(request)).resolves.toBe('answer');
    expect(wire).toEqual([expect.objectContaining(request)]);
  });

  test.each(writes)(
    'by %s never reaches the wire once the time to lead is over, though no timer has run',
    async method => {
      // 9,999 ms later, and then the millisecond that the connection takes.
      await clock.run(9_999);
      await expect(client.request({ method, path })).rejects.toThrow(LeadershipLost);
      expect(wire).toEqual([]);
    },
  );

  test.each(writes)(
    'by %s never reaches the wire when the Lease is lost while it waits for a connection',
    async method => {
      const answer = client.request({ method, path });
      term.end();
      await expect(answer).rejects.toThrow(LeadershipLost);
      expect(wire).toEqual([]);
    },
  );

  test('is aborted at once when the Lease is lost', async () => {
    await client.request({ method: 'PATCH', path });
    expect(wire[0]?.signal?.aborted).toBe(false);
    term.end();
    expect(wire[0]?.signal?.aborted).toBe(true);
  });

  test('that has a signal of its own heeds both', async () => {
    const own = new AbortController();
    await client.request({ method: 'POST', path, signal: own.signal });
    await client.request({ method: 'POST', path, signal: own.signal });
    expect(wire[0]?.signal?.aborted).toBe(false);
    term.end();
    expect(wire[0]?.signal?.aborted).toBe(true);
  });

  test('that has a signal of its own still heeds that', async () => {
    const own = new AbortController();
    await client.request({ method: 'POST', path, signal: own.signal });
    own.abort();
    expect(wire[0]?.signal?.aborted).toBe(true);
  });

  test('that has a guard of its own has both', async () => {
    const guard = (): void => {
      throw new Error('its own');
    };
    await expect(client.request({ method: 'POST', path, guard })).rejects.toThrow('its own');
    expect(wire).toEqual([]);
  });
});

describe('a read', () => {
  test('passes also when we do not lead: it harms nobody', async () => {
    await clock.run(20_000);
    await expect(client.request({ method: 'GET', path })).resolves.toBe('answer');
  });

  test('does not outlive the leadership that it was made for', async () => {
    await client.request({ method: 'GET', path });
    term.end();
    expect(wire[0]?.signal?.aborted).toBe(true);
  });

  test('by watch passes as it is', async () => {
    const request: WatchRequest = { path, query: {}, signal: new AbortController().signal, idleDeadlineMs: 1 };
    expect(client.watch(request)).toBe(nothing);
    expect(watched).toEqual([request]);
  });
});
