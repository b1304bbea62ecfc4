import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../src/kube/clock.ts';
import { FakeGce } from './service/fake-gce.ts';
import { type Fixture, seed } from './world/fixture.ts';
import type { GceOptions } from './world/options.ts';

export interface GceServer {
  /** `http://127.0.0.1:…` */
  readonly endpoint: string;
  readonly gce: FakeGce;
  readonly fixture: Fixture;
  close(): Promise<void>;
}

/**
 * Serves a world with the fixture in it, on a free port of 127.0.0.1. As a process of its own, `node test/support/gcp/gce-server.ts`, it prints
 * its endpoint in one line and ends with its standard input, so that nobody leaves it behind.
 */
export async function startGceServer(options: Partial<GceOptions> = {}): Promise<GceServer> {
  const gce = new FakeGce({ clock: systemClock, ...options });
  const fixture = seed(gce.world);
  const server = createServer((request, response) => {
    respond(gce, request, response).catch(() => response.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, gce, fixture, close: () => close(server) };
}

async function respond(gce: FakeGce, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method: httpMethod = '', url = '', headers } = request;
  const text = await readText(request);
  const answer = await gce.answer({ httpMethod, url, headers, body: parse(text) });
  if (answer === undefined) {
    response.destroy();
    return;
  }
  response.writeHead(answer.status, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify(answer.body));
}

/** No JSON is as wrong a body as any other. The SDK sends an empty text, in quotes, where a method takes none. */
function parse(text: string): unknown {
  if (text === '' || text === '""') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise(resolve => server.close(() => resolve()));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { endpoint } = await startGceServer();
  process.stdout.write(`${endpoint}\n`);
  process.stdin.resume().once('end', () => process.exit(0));
}
