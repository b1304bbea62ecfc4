import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KubeError, patchType } from '../../src/kube/client.ts';
import { type Clock, systemClock } from '../../src/kube/clock.ts';
import type { KubeConnection } from '../../src/kube/connection.ts';
import type { WatchEvent } from '../../src/kube/objects.ts';
import { HttpApi, json } from './http-api.ts';

let api: HttpApi;

beforeEach(async () => {
  api = new HttpApi();
  await api.listen();
});

afterEach(() => api.close());

const get = { method: 'GET', path: '/api/v1/services' } as const;
const patch = { method: 'PATCH', path: '/api/v1/namespaces/a/services/b/status', body: { a: 1 } } as const;

/** Time stands still until the test lets it pass: the timers that are set, by their milliseconds. */
class HeldClock implements Clock {
  readonly timers = new Set<{ readonly ms: number; readonly run: () => void }>();
  #passed = 0;
  now = (): number => systemClock.now();
  monotonic = (): number => this.#passed;
  after = (ms: number, run: () => void): (() => void) => {
    const timer = { ms: ms + this.#passed, run };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  };
  pass(ms: number): void {
    this.#passed += ms;
    for (const timer of this.timers) {
      if (timer.ms > this.#passed) continue;
      this.timers.delete(timer);
      timer.run();
    }
  }
}

async function received(count: number): Promise<void> {
  while (api.received.length < count) await new Promise(resolve => setImmediate(resolve));
}

async function failure(action: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KubeError);
  return error as KubeError;
}

describe('a request', () => {
  test('sends method, path, query, credentials and body, and answers with parsed JSON', async () => {
    const connection = await api.connect();
    api.answer = (_, response) => json(response, { kind: 'Service' });
    const query = { limit: '5', fieldSelector: 'a=b&c' };
    expect(await connection.request({ ...patch, query, contentType: patchType.merge })).toEqual({ kind: 'Service' });
    expect(api.received).toMatchObject([
      {
        method: 'PATCH',
        url: '/api/v1/namespaces/a/services/b/status?limit=5&fieldSelector=a%3Db%26c',
        headers: {
          authorization: 'Bearer first',
          'content-type': 'application/merge-patch+json',
          accept: 'application/json',
          'user-agent': 'test/1',
        },
        body: '{"a":1}',
      },
    ]);
  });

  test('keeps the path of a server behind a gateway', async () => {
    const connection = await api.connect({}, '/k8s/clusters/c-1/');
    await connection.request(get);
    expect(api.received[0]?.url).toBe('/k8s/clusters/c-1/api/v1/services');
    expect(connection.server).toBe(`${api.url}/k8s/clusters/c-1`);
  });

  test('answers with the text of what is no JSON by its type', async () => {
    const connection = await api.connect();
    api.answer = (_, response) => response.end('ok');
    expect(await connection.request({ method: 'GET', path: '/readyz' })).toBe('ok');
  });

  // Two, not one: undici gives a connection a turn of the event loop before it uses it again.
  test('a hundred in a row use two connections', async () => {
    const connection = await api.connect();
    for (let n = 0; n < 100; n += 1) await connection.request(get);
    expect(api.connections).toBeLessThanOrEqual(2);
  });

  test('is told of, by resource and status', async () => {
    const seen: unknown[] = [];
    const connection = await api.connect({
      observe: ({ method, resource, status }) => seen.push([method, resource, status]),
    });
    await connection.request(get);
    api.answer = (_, response) => json(response, {}, 409);
    await connection.request(patch).catch(() => undefined);
    api.answer = (_, response) => response.destroy();
    await connection.request(patch).catch(() => undefined);
    expect(seen).toEqual([
      ['GET', 'services', 200],
      ['PATCH', 'services', 409],
      ['PATCH', 'services', 0],
    ]);
  });
});

describe('refusals', () => {
  test('are errors with the Status of the server', async () => {
    const connection = await api.connect();
    const status = { kind: 'Status', code: 429, reason: 'TooManyRequests', message: 'slow down' };
    api.answer = (_, response) => json(response, status, 429, { 'retry-after': '2' });
    const error = await failure(connection.request(patch));
    expect(error).toMatchObject({ status: 429, reason: 'TooManyRequests', message: 'slow down', retryAfterMs: 2_000 });
  });

  test('JSON that is none is an error that names the remedy', async () => {
    const connection = await api.connect();
    api.answer = (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":');
    expect((await failure(connection.request(patch))).message).toMatch(/check what stands before the API server/);
  });

  test('401: credentials are read anew and the request is sent once more, a write too', async () => {
    const connection = await api.connect();
    api.answer = ({ headers }, response) => json(response, {}, headers.authorization === 'Bearer second' ? 200 : 401);
    await connection.request(get).catch(() => undefined);
    api.kubeconfig('token: second');
    const stale = await failure(connection.request(patch));
    expect(stale.status).toBe(401);
    const other = await api.connect();
    api.kubeconfig('token: second');
    expect(await other.request(patch)).toEqual({});
    expect(await other.request(get)).toEqual({});
    expect(api.received.at(-1)?.headers.authorization).toBe('Bearer second');
  });

  test('401 for ever: one more try, then the error, which holds no token', async () => {
    const connection = await api.connect();
    api.answer = (_, response) =>
      json(response, { kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' }, 401);
    const error = await failure(connection.request(get));
    expect(error).toMatchObject({ status: 401, reason: 'Unauthorized' });
    expect(api.received).toHaveLength(2);
    expect(JSON.stringify([error, error.stack, error.cause])).not.toContain('first');
  });
});

describe('no answer', () => {
  test('nobody listens: the error names address and remedy, in one line', async () => {
    const closed = createServer();
    closed.listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const connection = await api.connect();
    await connection.close();
    const { writeFileSync, readFileSync } = await import('node:fs');
    const path = api.kubeconfig();
    writeFileSync(path, readFileSync(path, 'utf8').replace(api.url, `http://127.0.0.1:${port}`));
    const { connect } = await import('../../src/kube/connection.ts');
    const lost = await connect({ kubeconfig: path, userAgent: 'test/1', clock: systemClock });
    const error = await failure(lost.request(get));
    expect(error).toMatchObject({ status: 0, reason: 'Unreachable' });
    expect(error.message).toMatch(
      new RegExp(`^cannot reach the API server at http://127.0.0.1:${port} \\(ECONNREFUSED\\): check `),
    );
    await lost.close();
  });

  test('a cut connection: a read is tried once more, a write is not', async () => {
    const connection = await api.connect();
    let cuts = 1;
    api.answer = (_, response) => (cuts-- > 0 ? response.destroy() : json(response, { ok: 1 }));
    expect(await connection.request(get)).toEqual({ ok: 1 });
    cuts = 1;
    expect(await failure(connection.request(patch))).toMatchObject({ status: 0, reason: 'Unreachable' });
    expect(api.received.map(({ method }) => method)).toEqual(['GET', 'GET', 'PATCH']);
  });

  test.each([
    ['a write', patch, 5_000],
    ['a read', get, 30_000],
    ['one with its own deadline', { ...patch, deadlineMs: 700 }, 700],
  ])('%s ends at its deadline, and the next one has a connection of its own', async (_, request, deadlineMs) => {
    const clock = new HeldClock();
    const connection = await api.connect({ clock });
    await Promise.all([connection.request(get), connection.request(get)]);
    api.answer = () => undefined;
    const frozen = failure(connection.request(request));
    await received(3);
    clock.pass(deadlineMs - 1);
    expect(clock.timers.size).toBe(1);
    clock.pass(1);
    expect(await frozen).toMatchObject({ status: 0, reason: 'Timeout' });
    api.answer = (_received, response) => json(response, {});
    await connection.request(get);
    expect(api.received.at(-1)?.connection).toBe(3);
    expect(clock.timers.size).toBe(0);
  });

  test('an answer that stops in the middle ends at the deadline too', async () => {
    const clock = new HeldClock();
    const connection = await api.connect({ clock });
    api.answer = (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{"a":');
    const frozen = failure(connection.request(patch));
    await received(1);
    clock.pass(5_000);
    expect(await frozen).toMatchObject({ reason: 'Timeout' });
  });

  test('an aborted signal ends it, before, while and after it was sent', async () => {
    const connection = await api.connect();
    const before = AbortSignal.abort(new Error('early'));
    expect(await failure(connection.request({ ...patch, signal: before }))).toMatchObject({ reason: 'Cancelled' });
    expect(api.received).toEqual([]);
    api.answer = () => undefined;
    const abort = new AbortController();
    const cancelled = failure(connection.request({ ...patch, signal: abort.signal }));
    await received(1);
    const reason = new Error('the Lease is lost');
    abort.abort(reason);
    expect(await cancelled).toMatchObject({ status: 0, reason: 'Cancelled', cause: reason });
  });

  test('a closed connection says so', async () => {
    const connection = await api.connect();
    await connection.close();
    expect(await failure(connection.request(patch))).toMatchObject({ status: 0, reason: 'Cancelled' });
  });
});

describe('the guard', () => {
  test('that throws: nothing is sent, its very error comes back, and the connection stays good', async () => {
    const connection = await api.connect();
    await connection.request(get);
    const lost = new Error('the Lease is lost');
    const guard = (): void => {
      throw lost;
    };
    await expect(connection.request({ ...patch, guard })).rejects.toBe(lost);
    await connection.request(get);
    expect(api.received.map(({ method, connection: number }) => [method, number])).toEqual([
      ['GET', 1],
      ['GET', 1],
    ]);
  });

  test('is asked after the wait for a connection, right before the request is sent', async () => {
    const connection = await api.connect();
    const held: (() => void)[] = [];
    api.answer = (_, response) => void held.push(() => json(response, {}));
    const busy = Array.from({ length: 64 }, () => connection.request(get));
    await received(64);
    const asked: number[] = [];
    let isLost = false;
    const guard = (): void => {
      asked.push(api.received.length);
      if (isLost) throw new Error('lost while it waited');
    };
    const waiting = connection.request({ ...patch, guard });
    await new Promise(resolve => setImmediate(resolve));
    expect(asked).toEqual([]);
    isLost = true;
    for (const answer of held) answer();
    await Promise.all(busy);
    await expect(waiting).rejects.toThrow('lost while it waited');
    expect(asked).toEqual([64]);
    expect(api.received).toHaveLength(64);
  });

  test('is asked again for a second try', async () => {
    const connection = await api.connect();
    let tries = 0;
    api.answer = (_, response) => json(response, {}, tries > 1 ? 200 : 401);
    await connection.request({ ...patch, guard: () => void (tries += 1) });
    expect(tries).toBe(2);
  });
});

describe('a watch', () => {
  const request = { path: '/api/v1/services', query: { watch: '1' }, idleDeadlineMs: 60_000 };

  function collect(
    connection: KubeConnection,
    signal = new AbortController().signal,
  ): { events: WatchEvent<unknown>[]; ended: Promise<void> } {
    const events: WatchEvent<unknown>[] = [];
    const ended = (async () => {
      for await (const event of connection.watch({ ...request, signal })) events.push(event);
    })();
    ended.catch(() => undefined);
    return { events, ended };
  }

  test('yields one event a line, until the server ends it', async () => {
    const connection = await api.connect();
    api.answer = (_, response) => {
      response.write('{"type":"ADDED","object":{"n":"ä');
      response.end('"}}\n{"type":"BOOKMARK"}\n');
    };
    const { events, ended } = collect(connection);
    await ended;
    expect(events).toEqual([{ type: 'ADDED', object: { n: 'ä' } }, { type: 'BOOKMARK' }]);
    expect(api.received[0]).toMatchObject({
      url: '/api/v1/services?watch=1',
      headers: { authorization: 'Bearer first' },
    });
  });

  test('a bad line is passed over and told of', async () => {
    let bad = 0;
    const connection = await api.connect({ onBadLine: () => void (bad += 1) });
    api.answer = (_, response) => response.end('{"type":"ADDED"}\n{"type":\n\n7\n{"type":"DELETED"}\n');
    const { events, ended } = collect(connection);
    await ended;
    expect(events).toEqual([{ type: 'ADDED' }, { type: 'DELETED' }]);
    expect(bad).toBe(3);
  });

  test('a refusal is an error with its Status', async () => {
    const connection = await api.connect();
    const status = { kind: 'Status', reason: 'Expired', message: 'too old' };
    api.answer = (_, response) => json(response, status, 410, { 'retry-after': '1' });
    await expect(collect(connection).ended).rejects.toMatchObject({
      status: 410,
      reason: 'Expired',
      retryAfterMs: 1_000,
    });
  });

  test('401: once more with new credentials', async () => {
    const connection = await api.connect();
    api.answer = ({ headers }, response) => {
      if (headers.authorization === 'Bearer second') response.end('{"type":"ADDED"}\n');
      else json(response, {}, 401);
    };
    api.kubeconfig('token: second');
    const { events, ended } = collect(connection);
    await ended;
    expect(events).toHaveLength(1);
  });

  test('a cut stream is an error', async () => {
    const connection = await api.connect();
    api.answer = (_, response) => void response.write('{"type":"ADDED"}\n', () => response.destroy());
    const { ended } = collect(connection);
    await expect(ended).rejects.toMatchObject({ status: 0, reason: 'Unreachable' });
  });

  test('silence longer than the idle deadline is an error; any sign of life puts it off', async () => {
    const clock = new HeldClock();
    const connection = await api.connect({ clock });
    let write: (text: string) => void = () => undefined;
    api.answer = (_, response) => {
      write = text => void response.write(text);
      write('{"type":"ADDED"}\n');
    };
    const { events, ended } = collect(connection);
    while (events.length < 1) await new Promise(resolve => setImmediate(resolve));
    clock.pass(50_000);
    write('{"type":"BOOKMARK"}\n');
    while (events.length < 2) await new Promise(resolve => setImmediate(resolve));
    clock.pass(59_000);
    write('{"type":"BOOKMARK"}\n');
    while (events.length < 3) await new Promise(resolve => setImmediate(resolve));
    clock.pass(60_000);
    await expect(ended).rejects.toMatchObject({ status: 0, reason: 'Timeout' });
    expect(clock.timers.size).toBe(0);
  });

  test('an aborted signal ends it, and its connection', async () => {
    const connection = await api.connect();
    api.answer = (_, response) => void response.write('{"type":"ADDED"}\n');
    const abort = new AbortController();
    const { events, ended } = collect(connection, abort.signal);
    while (events.length < 1) await new Promise(resolve => setImmediate(resolve));
    abort.abort();
    await expect(ended).rejects.toMatchObject({ reason: 'Cancelled' });
    while (api.openConnections > 0) await new Promise(resolve => setImmediate(resolve));
  });

  test('whoever stops reading ends it, and its connection', async () => {
    const connection = await api.connect();
    api.answer = (_, response) => void response.write('{"type":"ADDED"}\n{"type":"ADDED"}\n');
    for await (const event of connection.watch({ ...request, signal: new AbortController().signal })) {
      expect(event).toEqual({ type: 'ADDED' });
      break;
    }
    while (api.openConnections > 0) await new Promise(resolve => setImmediate(resolve));
  });

  test('any number of them leaves requests alone', async () => {
    const connection = await api.connect();
    api.answer = ({ url }, response) =>
      url.includes('watch') ? response.write('{"type":"ADDED"}\n') : json(response, {});
    const all = Array.from({ length: 100 }, () => collect(connection));
    await received(100);
    expect(await connection.request(get)).toEqual({});
    await connection.close();
    await Promise.allSettled(all.map(({ ended }) => ended));
  });
});
