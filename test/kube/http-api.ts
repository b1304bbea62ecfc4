import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/kube/clock.ts';
import { type ConnectOptions, connect, type KubeConnection } from '../../src/kube/connection.ts';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Which connection, counted from 1. */
  readonly connection: number;
}

type Answer = (received: Received, response: ServerResponse) => void;

/** An HTTP server in place of an API server: what it answers is the test's, what it was asked stands in `received`. */
export class HttpApi {
  readonly received: Received[] = [];
  connections = 0;
  answer: Answer = (_, response) => json(response, {});
  readonly #folder = mkdtempSync(join(tmpdir(), 'http-api-'));
  readonly #sockets = new Map<Socket, number>();
  readonly #open: KubeConnection[] = [];
  readonly #server = createServer((request, response) => void this.#receive(request, response));

  async listen(): Promise<void> {
    this.#server.on('connection', socket => {
      this.connections += 1;
      this.#sockets.set(socket, this.connections);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  /** Writes the kubeconfig for it and returns its path. */
  kubeconfig(user = 'token: first', basePath = ''): string {
    const path = join(this.#folder, 'config');
    const cluster = `{ server: '${this.url}${basePath}', insecure-skip-tls-verify: true }`;
    writeFileSync(
      path,
      `current-context: a
clusters: [{ name: a, cluster: ${cluster} }]
contexts: [{ name: a, context: { cluster: a, user: a } }]
users: [{ name: a, user: { ${user} } }]
`,
    );
    return path;
  }

  async connect(options: Partial<ConnectOptions> = {}, basePath = ''): Promise<KubeConnection> {
    const kubeconfig = this.kubeconfig('token: first', basePath);
    const connection = await connect({ kubeconfig, userAgent: 'test/1', clock: systemClock, ...options });
    this.#open.push(connection);
    return connection;
  }

  /** Cuts all connections, as a server does that dies. */
  cut(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map(connection => connection.close()));
    this.cut();
    await new Promise(resolve => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true });
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers, socket } = request;
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const received = { method, url, headers, body, connection: this.#sockets.get(socket) ?? 0 };
    this.received.push(received);
    this.answer(received, response);
  }
}

export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
