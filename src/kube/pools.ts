import { createHash } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { TlsMaterial } from './kube-config.ts';

/** Connections at most for requests: more than anything here does at one time, so that a renewal of the Lease never queues. */
const mostConnections = 64;
/** Below the 60 s after which balancers drop a silent connection, and the API server's own 90 s. */
const keepAliveMs = 30_000;
/** TCP and TLS together. A request's own deadline counts from before that. */
const connectMs = 5_000;

/**
 * The connections to one API server, HTTP/1.1: a request has its connection for itself, so a frozen or slow answer holds up no other,
 * and a write is one burst of bytes right after the guard. Watches have their own connections, one each.
 */
export class Pools {
  readonly #origin: string;
  readonly #proxyUrl: string | undefined;
  readonly #retired = new Set<Dispatcher>();
  #tls: TlsMaterial;
  #tlsId: string;
  /** Parsed once for both pools, not for each connection. */
  #secureContext: SecureContext;
  #requests: Dispatcher;
  #watches: Dispatcher;

  constructor(origin: string, proxyUrl: string | undefined, tls: TlsMaterial) {
    this.#origin = origin;
    this.#proxyUrl = proxyUrl;
    this.#tls = tls;
    this.#tlsId = idOf(tls);
    this.#secureContext = contextOf(tls);
    this.#requests = this.#create(mostConnections);
    this.#watches = this.#create(null);
  }

  get requests(): Dispatcher {
    return this.#requests;
  }

  get watches(): Dispatcher {
    return this.#watches;
  }

  /** After a rotation: new connections present the new certificates; what runs on the old ones ends in peace. */
  use(tls: TlsMaterial): void {
    if (tls === this.#tls) return;
    this.#tls = tls;
    const id = idOf(tls);
    if (id === this.#tlsId) return;
    this.#tlsId = id;
    this.#secureContext = contextOf(tls);
    this.#retire(this.#requests);
    this.#retire(this.#watches);
    this.#requests = this.#create(mostConnections);
    this.#watches = this.#create(null);
  }

  /** After a request without an answer: the path may be dead under every open connection, so the next one makes its own. */
  replace(suspect: Dispatcher): void {
    if (suspect !== this.#requests) return;
    this.#retire(suspect);
    this.#requests = this.#create(mostConnections);
  }

  /** Ends watches at once, and requests too. */
  async close(): Promise<void> {
    await Promise.all([this.#requests, this.#watches, ...this.#retired].map(dispatcher => dispatcher.destroy()));
  }

  #create(connections: number | null): Dispatcher {
    const { ca: _ca, cert: _cert, key: _key, ...rest } = this.#tls;
    const tls = { ...rest, secureContext: this.#secureContext, keepAlive: true, keepAliveInitialDelay: 15_000 };
    const options = {
      allowH2: false,
      connections,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      connectTimeout: connectMs,
    };
    if (this.#proxyUrl === undefined) return new Pool(this.#origin, { ...options, connect: tls });
    return new ProxyAgent({ ...options, uri: this.#proxyUrl, requestTls: tls });
  }

  #retire(dispatcher: Dispatcher): void {
    this.#retired.add(dispatcher);
    // Waits for what is still running on it; each of those has a deadline.
    void dispatcher.close().finally(() => this.#retired.delete(dispatcher));
  }
}

function contextOf({ ca, cert, key }: TlsMaterial): SecureContext {
  return createSecureContext({ ca, cert, key });
}

function idOf(tls: TlsMaterial): string {
  const { ca, cert, key, servername, rejectUnauthorized } = tls;
  const parts = [ca, cert, key].map(part => part?.toString() ?? null);
  return createHash('sha256')
    .update(JSON.stringify([parts, servername, rejectUnauthorized]))
    .digest('hex');
}
