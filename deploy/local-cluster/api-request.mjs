import { request } from 'node:https';

const deadlineMs = 10_000;

/**
 * One request as admin to a local cluster; throws with the server's answer where that is no 2xx.
 * @param {{ url: string, caPem: string, adminToken: string }} cluster
 * @param {'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} method a PATCH is a merge patch
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<unknown>}
 */
export async function apiRequest({ url, caPem, adminToken }, method, path, body) {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': type };
  const options = { method, headers, ca: caPem, agent: false, timeout: deadlineMs };
  const { status, text } = await exchange(`${url}${path}`, options, body === undefined ? '' : JSON.stringify(body));
  if (status < 200 || status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  return JSON.parse(text);
}

/**
 * @param {string} url
 * @param {import('node:https').RequestOptions} options
 * @param {string} body
 * @returns {Promise<{ status: number, text: string }>}
 */
function exchange(url, options, body) {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, answer => {
      let text = '';
      answer.setEncoding('utf8').on('data', part => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`${url}: no answer within ${deadlineMs} ms`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
