import { type KubeClient, statusOf } from '../../src/kube/client.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { connect } from '../../src/kube/connection.ts';
import { type Manifest, manifestsUnder, readManifest } from './manifests.ts';

/** The controller's ServiceAccount, logging in by a token of the cluster's file: no kube-controller-manager makes it one. */
export const roleUser = {
  name: 'system:serviceaccount:fairlead-system:fairlead',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:fairlead-system'],
};

/** Where a manifest goes. */
const collections: Readonly<Record<string, (namespace: string) => string>> = {
  Namespace: () => '/api/v1/namespaces',
  ServiceAccount: namespace => `/api/v1/namespaces/${namespace}/serviceaccounts`,
  ClusterRole: () => `${rbac}/clusterroles`,
  ClusterRoleBinding: () => `${rbac}/clusterrolebindings`,
  Role: namespace => `${rbac}/namespaces/${namespace}/roles`,
  RoleBinding: namespace => `${rbac}/namespaces/${namespace}/rolebindings`,
};

const rbac = '/apis/rbac.authorization.k8s.io/v1';

/** Makes everything under deploy/rbac, and the namespace it stands in, as admin. */
export async function applyRole(kubeconfig: string): Promise<void> {
  const admin = await connect({ kubeconfig, userAgent: 'fairlead-test', clock: systemClock });
  await create(admin, readManifest('deploy/kustomize/namespace.yaml'));
  for (const manifest of roleManifests()) await create(admin, manifest);
  await admin.close();
}

/** The right to Lease and ConfigMap in another namespace, as an installation there would have it. */
export async function applyNamespaceRole(admin: KubeClient, namespace: string): Promise<void> {
  for (const manifest of roleManifests())
    if (manifest.kind === 'Role' || manifest.kind === 'RoleBinding')
      await create(admin, { ...manifest, metadata: { name: 'fairlead', namespace } });
}

/** What turns on `--fill-node-ports` for the role's user, in one namespace instead of everywhere. */
export async function applyNodePortRole(admin: KubeClient, namespace: string): Promise<void> {
  const role = readManifest('deploy/kustomize/components/fill-node-ports/cluster-role.yaml');
  await create(admin, role).catch((error: unknown) => {
    if (statusOf(error) !== 409) throw error;
  });
  const binding = readManifest('deploy/kustomize/components/fill-node-ports/cluster-role-binding.yaml');
  await create(admin, {
    ...binding,
    kind: 'RoleBinding',
    metadata: { name: 'fairlead-fill-node-ports', namespace },
  });
}

function roleManifests(): readonly Manifest[] {
  return [...manifestsUnder('deploy/rbac').values()].filter(manifest => manifest.kind !== 'Kustomization');
}

async function create(admin: KubeClient, manifest: Manifest): Promise<void> {
  const path = collections[manifest.kind]?.(manifest.metadata?.namespace ?? '');
  if (path === undefined) throw new Error(`where does a ${manifest.kind} go?`);
  await admin.request({ method: 'POST', path, body: manifest });
}
