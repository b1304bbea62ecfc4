import { type KubeClient, statusOf } from '../../src/kube/client.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { connect } from '../../src/kube/connection.ts';
import { type Manifest, manifestsUnder, readManifest } from './manifests.ts';

/** The controller's ServiceAccount, logging in by a token of the cluster's file: no kube-controller-manager makes it one. */
export const roleUser = {
  name: 'system:serviceaccount:fairlead-system:fairlead',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:fairlead-system'],
};

/** The same with the component bare-metal beside, as an installation of its own: its rights are more than the tests of the plain role allow. */
export const bareMetalUser = {
  name: 'system:serviceaccount:fairlead-bare-metal:fairlead',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:fairlead-bare-metal'],
};

const users = [roleUser, bareMetalUser];

/** Where a manifest goes. */
const collections: Readonly<Record<string, (namespace: string) => string>> = {
  Namespace: () => '/api/v1/namespaces',
  ServiceAccount: namespace => `/api/v1/namespaces/${namespace}/serviceaccounts`,
  ClusterRole: () => `${rbac}/clusterroles`,
  ClusterRoleBinding: () => `${rbac}/clusterrolebindings`,
  Role: namespace => `${rbac}/namespaces/${namespace}/roles`,
  RoleBinding: namespace => `${rbac}/namespaces/${namespace}/rolebindings`,
  CustomResourceDefinition: () => '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
};

const rbac = '/apis/rbac.authorization.k8s.io/v1';

/** Makes everything under deploy/rbac, and the namespace it stands in, as admin. */
export async function applyRole(kubeconfig: string): Promise<void> {
  const admin = await connect({ kubeconfig, userAgent: 'fairlead-test', clock: systemClock });
  await create(admin, readManifest('deploy/kustomize/namespace.yaml'));
  for (const manifest of roleManifests()) await create(admin, manifest);
  await admin.close();
}

/** Makes the kinds under deploy/crds, and gives `bareMetalUser` the plain role and the component's; after `applyRole`, as admin. */
export async function applyBareMetalRole(kubeconfig: string): Promise<void> {
  const admin = await connect({ kubeconfig, userAgent: 'fairlead-test', clock: systemClock });
  for (const manifest of manifestsUnder('deploy/crds').values())
    if (manifest.kind !== 'Kustomization') await create(admin, manifest);
  const component = 'deploy/kustomize/components/bare-metal';
  await create(admin, readManifest(`${component}/cluster-role.yaml`));
  const bindings = ['deploy/rbac/cluster-role-binding.yaml', `${component}/cluster-role-binding.yaml`].map(
    readManifest,
  );
  for (const binding of bindings) {
    const metadata = { name: `${binding.metadata?.name}-of-bare-metal-tests` };
    const subjects = [{ kind: 'User', name: bareMetalUser.name }];
    await create(admin, Object.assign({}, binding, { metadata, subjects }));
  }
  await admin.close();
}

/** The right to Lease and ConfigMap in another namespace, as an installation there would have it. */
export async function applyNamespaceRole(admin: KubeClient, namespace: string): Promise<void> {
  for (const manifest of roleManifests())
    if (manifest.kind === 'Role' || manifest.kind === 'RoleBinding')
      await create(admin, {
        ...manifest,
        metadata: { name: 'fairlead', namespace },
        ...(manifest.kind === 'RoleBinding' && { subjects: users.map(({ name }) => ({ kind: 'User', name })) }),
      });
}

/** The right that a component adds to the role's user, in one namespace instead of everywhere. */
export async function applyComponentRole(
  admin: KubeClient,
  namespace: string,
  component: 'fill-node-ports' | 'endpoints',
): Promise<void> {
  const folder = `deploy/kustomize/components/${component}`;
  await create(admin, readManifest(`${folder}/cluster-role.yaml`)).catch((error: unknown) => {
    if (statusOf(error) !== 409) throw error;
  });
  const binding = readManifest(`${folder}/cluster-role-binding.yaml`);
  await create(admin, {
    ...binding,
    kind: 'RoleBinding',
    metadata: { name: `fairlead-${component}`, namespace },
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
