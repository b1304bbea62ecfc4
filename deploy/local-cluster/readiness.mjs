import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 150;
/** Without them a client that starts at once meets 404s: the API server makes them after it has become ready. */
const namespaces = ['default', 'kube-system'];

/**
 * Resolves when the API server is ready and has made its namespaces.
 * @param {{ url: string, token: string, caPem: () => string | undefined, alive: () => boolean, deadlineMs: number }} server
 *   `caPem` is undefined until the server has written its certificate
 * @returns {Promise<'ready' | 'exited' | 'timeout'>}
 */
export async function untilReady({ url, token, caPem, alive, deadlineMs }) {
  const deadline = performance.now() + deadlineMs;
  const pending = ['/readyz', ...namespaces.map(name => `/api/v1/namespaces/${name}`)];
  while (pending.length > 0) {
    if (!alive()) return 'exited';
    if (performance.now() > deadline) return 'timeout';
    const ca = caPem();
    if (ca !== undefined && (await answersOk(`${url}${pending[0]}`, token, ca))) pending.shift();
    else await sleep(pollMs);
  }
  return 'ready';
}

/**
 * @param {string} url
 * @param {string} token
 * @param {string} ca
 * @returns {Promise<boolean>}
 */
function answersOk(url, token, ca) {
  return new Promise(resolve => {
    const options = { ca, agent: false, timeout: 2_000, headers: { authorization: `Bearer ${token}` } };
    const sent = request(url, options, answer => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(false));
    sent.end();
  });
}
