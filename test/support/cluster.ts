import { randomBytes } from 'node:crypto';
import { Agent, request } from 'undici';
import { inject } from 'vitest';
import type { SharedCluster } from './cluster-setup.ts';

/** The cluster that all integration tests share: make your objects in a `uniqueNamespace()`, and leave the others alone. */
export function sharedCluster(): SharedCluster {
  return inject('cluster');
}

/** Makes a namespace that no other test uses. Nobody empties it afterwards: no controller-manager runs. */
export async function uniqueNamespace(prefix = 'test'): Promise<string> {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  await kubeRequest('POST', '/api/v1/namespaces', { metadata: { name } });
  return name;
}

let agent: Agent | undefined;

/** One request as admin, past the client under test; throws with the server's answer where that is no 2xx. */
export async function kubeRequest(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
): Promise<unknown> {
  const { url, caPem, token } = sharedCluster();
  agent ??= new Agent({ connect: { ca: caPem } });
  const answer = await request(`${url}${path}`, {
    method,
    dispatcher: agent,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
  return JSON.parse(text);
}
