import type { GceServer } from '../gce-server.ts';

export interface RawAnswer {
  readonly status: number;
  /** `error.errors[0].reason`. */
  readonly reason: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

export type RawClient = (httpMethod: string, path: string, body?: unknown) => Promise<RawAnswer>;

/** Requests as anybody can write them, without the SDK. A path begins after `/compute/v1/`. */
export function rawClient({ endpoint }: GceServer): RawClient {
  return async (method, path, body) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${endpoint}/compute/v1/${path}`, {
      method,
      ...(text === undefined ? {} : { body: text }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    const { errors } = (answer['error'] ?? {}) as { errors?: readonly { reason?: string }[] };
    return { status: response.status, reason: errors?.[0]?.reason, body: answer };
  };
}

/** Sends it, and waits for its operation, which has to end well. */
export async function done(raw: RawClient, httpMethod: string, path: string, body?: unknown): Promise<void> {
  const answer = await raw(httpMethod, path, body);
  if (answer.status !== 200) throw new Error(`${httpMethod} ${path}: ${JSON.stringify(answer.body)}`);
  const operation = String(answer.body['selfLink']).replace(/^.*\/compute\/v1\//, '');
  const ended = await raw('POST', `${operation}/wait`);
  if (ended.body['status'] !== 'DONE' || ended.body['error'] !== undefined)
    throw new Error(`${httpMethod} ${path}: ${JSON.stringify(ended.body)}`);
}
