import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeAfterExit } from '../../deploy/local-cluster/guarded-process.mjs';
import { kubeconfigText } from '../../deploy/local-cluster/kubeconfig.mjs';
import { type KubeClient, statusOf } from '../../src/kube/client.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { type Manifest, manifestsUnder } from './manifests.ts';

const component = 'deploy/kustomize/components/speaker';
const home = 'fairlead-speaker';
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const admission = '/apis/admissionregistration.k8s.io/v1';

const collections: Readonly<Record<string, (namespace: string) => string>> = {
  Namespace: () => '/api/v1/namespaces',
  ServiceAccount: namespace => `/api/v1/namespaces/${namespace}/serviceaccounts`,
  ClusterRole: () => `${rbac}/clusterroles`,
  ClusterRoleBinding: () => `${rbac}/clusterrolebindings`,
  Role: namespace => `${rbac}/namespaces/${namespace}/roles`,
  RoleBinding: namespace => `${rbac}/namespaces/${namespace}/rolebindings`,
  ValidatingAdmissionPolicy: () => `${admission}/validatingadmissionpolicies`,
  ValidatingAdmissionPolicyBinding: () => `${admission}/validatingadmissionpolicybindings`,
};

/** Everything of the component but the DaemonSet, which nothing here would run. */
const rights = (): readonly Manifest[] =>
  [...manifestsUnder(component).values()].filter(({ kind }) => kind in collections);

/** Gives the speaker's account its rights and ties it to its nodes, as admin; once for a cluster. */
export async function applySpeakerRole(admin: KubeClient): Promise<void> {
  const inOrder = rights().toSorted((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'));
  for (const manifest of inOrder) await create(admin, manifest);
}

/** The right to Leases in another namespace, as an installation there would have it. */
export async function applySpeakerNamespaceRole(admin: KubeClient, namespace: string): Promise<void> {
  for (const manifest of rights())
    if (manifest.kind === 'Role' || manifest.kind === 'RoleBinding')
      await create(admin, { ...manifest, metadata: { name: home, namespace } });
}

async function create(admin: KubeClient, manifest: Manifest): Promise<void> {
  const path = collections[manifest.kind]?.(manifest.metadata?.namespace ?? '');
  if (path === undefined) throw new Error(`where does a ${manifest.kind} go?`);
  await admin.request({ method: 'POST', path, body: manifest }).catch((error: unknown) => {
    if (statusOf(error) !== 409) throw error;
  });
}

/** The token that the kubelet of a node would give to its speaker's pod: bound to the pod, and with it to the node. */
export async function speakerToken(admin: KubeClient, node: string): Promise<string> {
  const pods = `/api/v1/namespaces/${home}/pods`;
  const spec = { nodeName: node, serviceAccountName: home, containers: [{ name: 'speaker', image: 'fairlead' }] };
  const pod = await admin.request<KubeObject>({ method: 'POST', path: pods, body: { metadata: { name: node }, spec } });
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: node, uid: pod.metadata.uid };
  const answer = await admin.request<{ readonly status: { readonly token: string } }>({
    method: 'POST',
    path: `/api/v1/namespaces/${home}/serviceaccounts/${home}/token`,
    body: { spec: { boundObjectRef, expirationSeconds: 3_600 } },
  });
  return answer.status.token;
}

/** Writes a kubeconfig, and returns its path. */
export function speakerKubeconfig(token: string, cluster: { readonly url: string; readonly caPem: string }): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-speaker-'));
  removeAfterExit(folder);
  const file = join(folder, 'kubeconfig');
  const { url, caPem } = cluster;
  writeFileSync(file, kubeconfigText({ url, caPem, user: home, token }), { mode: 0o600 });
  return file;
}
