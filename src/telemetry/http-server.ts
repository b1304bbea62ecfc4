import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MetricPage } from './metrics.ts';

export interface HttpServerOptions {
  /** `host` absent: all addresses, IPv4 and IPv6. `port` 0: any free one. */
  readonly listen: { readonly host?: string; readonly port: number };
  /** Why the process should be restarted; undefined while it is well. */
  readonly unhealthy: () => string | undefined;
  /** Why it is not at work yet; undefined when it is, waiting as a standby included. */
  readonly unready: () => string | undefined;
  readonly scrape: () => Promise<MetricPage>;
}

export interface HttpServer {
  /** The port in use. */
  readonly port: number;
  /** Resolves when no connection is left; ends those that are open. */
  close(): Promise<void>;
}

/** Serves /healthz, /readyz and /metrics. Throws an error of one line, with the remedy, where it cannot listen. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  // Anyone who reaches the pod's network can connect: few connections, none of them for long.
  const limits = { requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 5_000, maxHeaderSize: 8_192 };
  const server = createServer(limits, (request, response) => void answer(request, response, options));
  server.maxConnections = 64;
  await listening(server, options.listen);
  return { port: (server.address() as AddressInfo).port, close: () => closed(server) };
}

function listening(server: Server, { host, port }: HttpServerOptions['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new Error(
          `--listen ${host ?? ''}:${port}: cannot listen there (${error.code ?? error.message}): choose another address or port`,
        ),
      );
    });
    server.listen(host === undefined ? { port } : { host, port }, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, options: HttpServerOptions): Promise<void> {
  try {
    const { status, contentType, text } = await pageFor(request, options);
    response.writeHead(status, { 'content-type': contentType, 'x-content-type-options': 'nosniff' });
    response.end(request.method === 'HEAD' ? undefined : text);
  } catch {
    response.writeHead(500).end('the page could not be made\n');
  }
}

interface Page extends MetricPage {
  readonly status: number;
}

async function pageFor({ method, url = '' }: IncomingMessage, options: HttpServerOptions): Promise<Page> {
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET is served here');
  switch (url.split('?')[0]) {
    case '/healthz':
      return state(options.unhealthy());
    case '/readyz':
      return state(options.unready());
    case '/metrics':
      return { status: 200, ...(await options.scrape()) };
    default:
      return plain(404, 'served here: /healthz, /readyz, /metrics');
  }
}

function state(problem: string | undefined): Page {
  return problem === undefined ? plain(200, 'ok') : plain(503, problem);
}

function plain(status: number, text: string): Page {
  return { status, contentType: 'text/plain; charset=utf-8', text: `${text}\n` };
}
