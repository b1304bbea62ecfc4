import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Fault, World, type WorldAnswer } from './world-state.ts';

export interface WorldServer {
  readonly url: string;
  readonly world: World;
  close(): Promise<void>;
}

/**
 * Serves a world over HTTP on a free port of 127.0.0.1. As a process of its own, `node test/support/world-server.ts`, it prints its URL
 * in one line and ends with its standard input, so that no test leaves it behind.
 *
 * | request                           | →                                                                     |
 * |-----------------------------------|-----------------------------------------------------------------------|
 * | GET /parts?cluster=…&balancer=…   | `{ ready, parts }`                                                    |
 * | PUT, DELETE /parts/balancer/name  | the part; 404 for an absent one. Headers: `epoch`, `sequence`, `balancer-id` |
 * | GET /journal                      | every request that would change something, by arrival                 |
 * | POST /faults, DELETE /faults      | adds a `Fault`; ends all                                              |
 */
export async function startWorldServer(): Promise<WorldServer> {
  const world = new World(Date.now);
  const server = createServer((request, response) => {
    // A client that was killed in mid-request has sent half of one, which counts for nothing.
    respond(world, request, response).catch(() => response.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, world, close: () => close(server) };
}

async function respond(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body } = await answer(world, request);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function answer(world: World, request: IncomingMessage): Promise<WorldAnswer> {
  const { method = '', url: path = '', headers } = request;
  const text = await readText(request);
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  if (path === '/journal') return { status: 200, body: world.journal };
  if (path === '/faults' && method === 'DELETE') world.clearFaults();
  else if (path === '/faults') world.addFault(body as Fault);
  else {
    const [epoch, sequence, id] = [headers['epoch'], headers['sequence'], headers['balancer-id']].map(String);
    return world.answer({ method, path, body, epoch: epoch ?? '', sequence: Number(sequence), id: id ?? '' });
  }
  return { status: 200 };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise(resolve => server.close(() => resolve()));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startWorldServer();
  process.stdout.write(`${url}\n`);
  process.stdin.resume().once('end', () => process.exit(0));
}
