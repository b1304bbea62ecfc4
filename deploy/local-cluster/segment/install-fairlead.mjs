import { execFile } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { kubeconfigText } from '../kubeconfig.mjs';

const execute = promisify(execFile);
const kustomize = fileURLToPath(new URL('../../kustomize', import.meta.url));
/** Longer than any lab. */
const tokenSeconds = 86_400;

/** The ServiceAccounts of the manifests; each stands in a namespace of its own. */
export const accounts = {
  controller: { namespace: 'fairlead-system', name: 'fairlead' },
  speaker: { namespace: 'fairlead-speaker', name: 'fairlead-speaker' },
};

/**
 * Applies the very manifests that an operator applies for bare metal. Nothing starts by that: no kubelet runs here.
 * @param {import('./lab.mjs').Lab} lab
 */
export async function applyManifests({ cluster, kubectl }) {
  const overlay = join(cluster.dir, 'overlay');
  mkdirSync(overlay);
  const base = relative(realpathSync(overlay), kustomize);
  const components = ['bare-metal', 'speaker'].map(name => `${base}/components/${name}`);
  writeFileSync(join(overlay, 'kustomization.yaml'), JSON.stringify({ resources: [base], components }));
  await execute(kubectl, ['apply', `--kubeconfig=${cluster.kubeconfig}`, '--server-side', `--kustomize=${overlay}`]);
  const established = ['--for=condition=Established', 'customresourcedefinitions', '--all'];
  await execute(kubectl, ['wait', `--kubeconfig=${cluster.kubeconfig}`, ...established, '--timeout=30s']);
}

/**
 * The kubeconfig of the controller's ServiceAccount, with a real token.
 * @param {import('./lab.mjs').Lab} lab
 */
export async function controllerKubeconfig(lab) {
  return writeKubeconfig(lab, 'controller', await tokenOf(lab, accounts.controller));
}

/**
 * The kubeconfig of a speaker: its token is bound to a pod on the node, as a kubelet asks for it, and says so.
 * @param {import('./lab.mjs').Lab} lab
 * @param {string} node
 */
export async function speakerKubeconfig(lab, node) {
  const { namespace, name: serviceAccountName } = accounts.speaker;
  const name = `${serviceAccountName}-${node}`;
  const containers = [{ name: 'speaker', image: 'fairlead' }];
  const pod = { metadata: { name }, spec: { nodeName: node, serviceAccountName, containers } };
  const made = /** @type {{ metadata: { uid: string } }} */ (
    await lab.request('POST', `/api/v1/namespaces/${namespace}/pods`, pod)
  );
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name, uid: made.metadata.uid };
  return writeKubeconfig(lab, `speaker-${node}`, await tokenOf(lab, accounts.speaker, { boundObjectRef }));
}

/**
 * @param {import('./lab.mjs').Lab} lab
 * @param {{ namespace: string, name: string }} account
 * @param {object} [spec]
 */
async function tokenOf(lab, { namespace, name }, spec = {}) {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const answer = /** @type {{ status: { token: string } }} */ (
    await lab.request('POST', path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: tokenSeconds, ...spec },
    })
  );
  return answer.status.token;
}

/**
 * @param {import('./lab.mjs').Lab} lab
 * @param {string} user
 * @param {string} token
 */
function writeKubeconfig({ cluster }, user, token) {
  const path = join(cluster.dir, `fairlead-${user}.kubeconfig`);
  writeFileSync(path, kubeconfigText({ url: cluster.url, caPem: cluster.caPem, user, token }), { mode: 0o600 });
  return path;
}
