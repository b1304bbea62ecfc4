import { createSecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import { type KubeClient, KubeError, type KubeRequest, type WatchRequest, writeDeadlineMs } from './client.ts';
import { CredentialCache } from './credentials.ts';
import { type Answer, exchange } from './exchange.ts';
import { type Credentials, type KubeConfigOptions, loadClusterAccess, type TlsMaterial } from './kube-config.ts';
import { KubeConfigError } from './kube-config-error.ts';
import type { WatchEvent } from './objects.ts';
import { orAborted } from './or-aborted.ts';
import { Pools } from './pools.ts';
import { resourceOf } from './resource-of.ts';
import { responseError, transportError } from './response-error.ts';
import { IdleDeadline, jsonLines } from './watch-stream.ts';

export interface ConnectOptions extends KubeConfigOptions {
  readonly userAgent: string;
  /** Told of every answer; of a watch when it begins. `status` 0: none came. `resource` is the plural, without names. */
  readonly observe?: (done: { method: string; resource: string; status: number; ms: number }) => void;
  /** Told of every line of a watch that is no JSON and was passed over. */
  readonly onBadLine?: () => void;
}

const readDeadlineMs = 30_000;

/**
 * Reads the kubeconfig and evaluates its credentials; sends nothing yet. Throws a `KubeConfigError`: one line that says what to do.
 */
export async function connect(options: ConnectOptions): Promise<KubeConnection> {
  const credentials = await CredentialCache.create(() => loadClusterAccess(options), options.clock);
  const { tls } = await credentials.get();
  checkTls(tls);
  return new KubeConnection(credentials, tls, options);
}

/** The API server over HTTPS. */
export class KubeConnection implements KubeClient {
  readonly server: string;
  readonly #origin: string;
  readonly #basePath: string;
  readonly #credentials: CredentialCache;
  readonly #pools: Pools;
  readonly #options: ConnectOptions;

  constructor(credentials: CredentialCache, tls: TlsMaterial, options: ConnectOptions) {
    const { server, proxyUrl } = credentials.access;
    const { origin, pathname } = new URL(server);
    this.server = server;
    this.#origin = origin;
    this.#basePath = pathname.replace(/\/+$/, '');
    this.#credentials = credentials;
    this.#pools = new Pools(origin, proxyUrl, tls);
    this.#options = options;
  }

  /** A read that met a connection just closed by the server is tried once more; a write never is: it may have been carried out. */
  async request<Result>(request: KubeRequest): Promise<Result> {
    const { clock } = this.#options;
    const begun = clock.monotonic();
    const deadlineMs = request.deadlineMs ?? (request.method === 'GET' ? readDeadlineMs : writeDeadlineMs);
    let hasRetried = false;
    for (;;) {
      const credentials = await this.#credentials.get();
      try {
        const answer = await this.#exchange(request, credentials, begun + deadlineMs - clock.monotonic());
        // A 401 was not carried out.
        if (answer.status === 401 && !hasRetried && (await this.#credentials.renew(credentials))) hasRetried = true;
        else return resultOf(answer, this.server) as Result;
      } catch (error) {
        const isWorthRetrying =
          request.method === 'GET' && error instanceof KubeError && error.reason === 'Unreachable';
        if (!isWorthRetrying || hasRetried) throw error;
        hasRetried = true;
      }
    }
  }

  async *watch<Kind>(request: WatchRequest): AsyncIterable<WatchEvent<Kind>> {
    const idle = new IdleDeadline(request.signal, request.idleDeadlineMs, this.#options.clock);
    let body: Dispatcher.ResponseData['body'] | undefined;
    try {
      body = await this.#openWatch(request, idle.signal);
      const onBadLine = this.#options.onBadLine ?? (() => undefined);
      yield* jsonLines(body, () => idle.touch(), onBadLine) as AsyncGenerator<WatchEvent<Kind>>;
    } catch (error) {
      if (idle.signal.aborted) throw idle.signal.reason;
      throw error instanceof KubeError ? error : transportError(this.server, error);
    } finally {
      idle.close();
      body?.on('error', () => undefined).destroy();
    }
  }

  /** Ends everything that is under way. */
  close(): Promise<void> {
    return this.#pools.close();
  }

  async #exchange(request: KubeRequest, credentials: Credentials, deadlineMs: number): Promise<Answer> {
    const { clock } = this.#options;
    const { method, body, contentType = 'application/json', signal, guard } = request;
    const headers = { ...this.#headers(credentials), ...(body !== undefined && { 'content-type': contentType }) };
    this.#pools.use(credentials.tls);
    const dispatcher = this.#pools.requests;
    const begun = clock.monotonic();
    let status = 0;
    try {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const path = this.#pathOf(request);
      const answer = await exchange(
        dispatcher,
        { origin: this.#origin, server: this.server, method, path, headers, body: text, signal, deadlineMs, guard },
        clock,
      );
      status = answer.status;
      return answer;
    } catch (error) {
      if (error instanceof KubeError && error.reason === 'Timeout') this.#pools.replace(dispatcher);
      throw error;
    } finally {
      this.#observe(method, request.path, status, begun);
    }
  }

  async #openWatch(request: WatchRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData['body']> {
    let hasRetried = false;
    for (;;) {
      const credentials = await this.#credentials.get();
      const { statusCode: status, headers, body } = await this.#sendWatch(request, credentials, signal);
      if (status === 200) return body;
      const text = await body.text();
      const isWorthRetrying = status === 401 && !hasRetried && (await this.#credentials.renew(credentials));
      const retryAfter = headers['retry-after'];
      if (!isWorthRetrying)
        throw responseError({
          status,
          retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
          body: text,
        });
      hasRetried = true;
    }
  }

  async #sendWatch(
    request: WatchRequest,
    credentials: Credentials,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    this.#pools.use(credentials.tls);
    const begun = this.#options.clock.monotonic();
    let status = 0;
    try {
      const sent = this.#pools.watches.request({
        origin: this.#origin,
        method: 'GET',
        path: this.#pathOf(request),
        headers: this.#headers(credentials),
        // Never on a connection that another watch has left: it may have been dead for long.
        reset: true,
        headersTimeout: readDeadlineMs,
        bodyTimeout: 0,
        signal,
      });
      // undici looks at the signal only once it has a connection.
      const answer = await orAborted(sent, signal);
      status = answer.statusCode;
      return answer;
    } finally {
      this.#observe('WATCH', request.path, status, begun);
    }
  }

  #headers(credentials: Credentials): Record<string, string> {
    return { accept: 'application/json', 'user-agent': this.#options.userAgent, ...credentials.headers };
  }

  #pathOf({ path, query }: { readonly path: string; readonly query?: Readonly<Record<string, string>> }): string {
    const search = query === undefined ? '' : new URLSearchParams(query).toString();
    return `${this.#basePath}${path}${search === '' ? '' : `?${search}`}`;
  }

  #observe(method: string, path: string, status: number, begun: number): void {
    this.#options.observe?.({
      method,
      resource: resourceOf(path),
      status,
      ms: this.#options.clock.monotonic() - begun,
    });
  }
}

function resultOf(answer: Answer, server: string): unknown {
  const { status, body, contentType } = answer;
  if (status < 200 || status > 299) throw responseError(answer);
  if (!contentType.includes('json')) return body;
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new KubeError(
      0,
      'Unreachable',
      `${server} answered with something that is no JSON: check what stands before the API server`,
      { cause: error },
    );
  }
}

function checkTls({ ca, cert, key }: TlsMaterial): void {
  try {
    createSecureContext({ ca, cert, key });
  } catch {
    throw new KubeConfigError(
      'a certificate or key of the kubeconfig cannot be used: each must be PEM, and the key must belong to the certificate',
    );
  }
}
