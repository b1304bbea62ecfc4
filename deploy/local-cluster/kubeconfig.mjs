import { randomBytes } from 'node:crypto';

/**
 * JSON is YAML: every client reads it, and no library is needed to write it.
 * @param {{ url: string, caPem: string, user: string, token: string }} access
 */
export function kubeconfigText({ url, caPem, user, token }) {
  const name = 'fairlead-local';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name, context: { cluster: name, user, namespace: 'default' } }],
    'current-context': name,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/**
 * One line a user of kube-apiserver's --token-auth-file: token,name,uid,"group,group".
 * @param {readonly { name: string, token: string, groups: readonly string[] }[]} users
 */
export function tokenFileText(users) {
  return users
    .map(({ token, name, groups }) => `${[token, name, name, groups.join(',')].map(quoted).join(',')}\n`)
    .join('');
}

/** @param {string} field */
function quoted(field) {
  return `"${field.replaceAll('"', '""')}"`;
}

export function newToken() {
  return randomBytes(24).toString('hex');
}
