import { Agent, type Dispatcher, request } from 'undici';
import type { LocalCluster } from '../../../deploy/local-cluster/cluster.mjs';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** The bench's own way to the API server, as admin; nothing of src/kube, so that it judges it from outside. */
export class Api {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #agent: Agent;

  constructor({ url, caPem, adminToken }: LocalCluster) {
    this.#url = url;
    this.#headers = { authorization: `Bearer ${adminToken}`, accept: 'application/json' };
    this.#agent = new Agent({ connect: { ca: caPem }, allowH2: false, connections: 64, keepAliveTimeout: 60_000 });
  }

  /** Throws the server's answer where that is no 2xx and not in `mayBe`; gives undefined for one in `mayBe`. */
  async request<Answer>(
    method: Method,
    path: string,
    body?: object,
    mayBe: readonly number[] = [],
  ): Promise<Answer | undefined> {
    const text = await this.#send(method, path, body, mayBe);
    return text === undefined ? undefined : (JSON.parse(text) as Answer);
  }

  async text(path: string): Promise<string> {
    return (await this.#send('GET', path, undefined, [])) ?? '';
  }

  /** An open stream of a watch; the caller destroys it. */
  async stream(path: string): Promise<Dispatcher.ResponseData['body']> {
    const { statusCode, body } = await request(`${this.#url}${path}`, {
      dispatcher: this.#agent,
      headers: this.#headers,
      bodyTimeout: 0,
    });
    if (statusCode !== 200) throw new Error(`GET ${path}: ${statusCode} ${await body.text()}`);
    return body;
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #send(
    method: Method,
    path: string,
    body: object | undefined,
    mayBe: readonly number[],
  ): Promise<string | undefined> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await request(`${this.#url}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: { ...this.#headers, 'content-type': type },
      body: body === undefined ? null : JSON.stringify(body),
      headersTimeout: 120_000,
      bodyTimeout: 120_000,
    });
    const text = await answer.body.text();
    if (mayBe.includes(answer.statusCode)) return undefined;
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return text;
  }
}
