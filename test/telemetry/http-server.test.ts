import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type HttpServer, type HttpServerOptions, startHttpServer } from '../../src/telemetry/http-server.ts';

const open: HttpServer[] = [];

async function start(options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const server = await startHttpServer({
    listen: { host: '127.0.0.1', port: 0 },
    unhealthy: () => undefined,
    unready: () => undefined,
    scrape: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', text: 'metric 1\n' }),
    ...options,
  });
  open.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map(server => server.close()));
});

const get = async (server: HttpServer, path: string, method = 'GET') => {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  return [response.status, await response.text()] as const;
};

test('serves health, readiness and metrics', async () => {
  const server = await start();
  expect(await get(server, '/healthz')).toEqual([200, 'ok\n']);
  expect(await get(server, '/readyz?verbose')).toEqual([200, 'ok\n']);
  expect(await get(server, '/metrics')).toEqual([200, 'metric 1\n']);
});

test('says why it is not healthy or not ready', async () => {
  const server = await start({
    unhealthy: () => 'the loop has made no progress for 120 s',
    unready: () => 'no list of Services yet',
  });
  expect(await get(server, '/healthz')).toEqual([503, 'the loop has made no progress for 120 s\n']);
  expect(await get(server, '/readyz')).toEqual([503, 'no list of Services yet\n']);
});

test('serves nothing else, and only reads', async () => {
  const server = await start();
  expect((await get(server, '/'))[0]).toBe(404);
  expect((await get(server, '/metrics', 'POST'))[0]).toBe(405);
  expect(await get(server, '/healthz', 'HEAD')).toEqual([200, '']);
});

test('a page that cannot be made is a 500, and the server goes on', async () => {
  const server = await start({ scrape: () => Promise.reject(new Error('s3cret')) });
  const [status, text] = await get(server, '/metrics');
  expect(status).toBe(500);
  expect(text).not.toContain('s3cret');
  expect((await get(server, '/healthz'))[0]).toBe(200);
});

test('a port in use is one line with the remedy', async () => {
  const { port } = await start();
  await expect(start({ listen: { host: '127.0.0.1', port } })).rejects.toThrow(
    `--listen 127.0.0.1:${port}: cannot listen there (EADDRINUSE): choose another address or port`,
  );
});

test('closing ends idle connections too', async () => {
  const server = await start();
  const socket = connect(server.port, '127.0.0.1');
  await new Promise(resolve => socket.once('connect', resolve));
  const ended = new Promise(resolve => socket.once('close', resolve));
  await open.splice(0)[0]?.close();
  await ended;
  await expect(get(server, '/healthz')).rejects.toThrow('fetch failed');
});
