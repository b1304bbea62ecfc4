import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { options } from '../../src/config/options.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { version } from '../../src/version.ts';
import { manifestsUnder, type PolicyRule, readManifest } from '../support/manifests.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifests = new Map(
  ['deploy/crds', 'deploy/rbac', 'deploy/kustomize', 'deploy/aws'].flatMap(folder => [...manifestsUnder(folder)]),
);
const component = 'deploy/kustomize/components/fill-node-ports';
const speaker = 'deploy/kustomize/components/speaker';

/** One line a right, so that a new one is seen in review: `verb group/resource[name]`. */
function rights(path: string): readonly string[] {
  return (readManifest(path).rules ?? []).flatMap(linesOf).toSorted();
}

function linesOf({ apiGroups, resources, verbs, resourceNames = [''] }: PolicyRule): readonly string[] {
  return apiGroups.flatMap(group =>
    resources.flatMap(resource =>
      resourceNames.flatMap(name => verbs.map(verb => `${verb} ${group}/${resource}${name === '' ? '' : `[${name}]`}`)),
    ),
  );
}

const read = (resource: string): readonly string[] => ['get', 'list', 'watch'].map(verb => `${verb} ${resource}`);

describe('rights', () => {
  test('across the cluster: services are read, only their status is patched', () => {
    expect(rights('deploy/rbac/cluster-role.yaml')).toEqual([
      'create /events',
      'get /namespaces[kube-system]',
      'get /nodes',
      'get /services',
      'list /nodes',
      'list /services',
      'patch /events',
      'patch /services/status',
      'watch /nodes',
      'watch /services',
    ]);
  });

  test('in its own namespace: one Lease and one ConfigMap, by the names that are the options’ defaults', () => {
    const lease = options.leaseName.defaultText;
    const config = options.configmap.defaultText;
    expect(rights('deploy/rbac/role.yaml')).toEqual(
      [
        'create /configmaps',
        'create coordination.k8s.io/leases',
        ...['get', 'update', 'patch'].map(verb => `${verb} /configmaps[${config}]`),
        ...['get', 'update', 'patch'].map(verb => `${verb} coordination.k8s.io/leases[${lease}]`),
      ].toSorted(),
    );
  });

  test('a Service’s spec may be written with the component only', () => {
    expect(rights(`${component}/cluster-role.yaml`)).toEqual(['patch /services']);
    const granting = [...manifests].filter(([, { rules = [] }]) => rules.flatMap(linesOf).includes('patch /services'));
    expect(granting.map(([path]) => path)).toEqual([`${component}/cluster-role.yaml`]);
  });

  test('endpoints may be read with their component only', () => {
    const path = 'deploy/kustomize/components/endpoints/cluster-role.yaml';
    expect(rights(path)).toEqual(['list', 'watch'].map(verb => `${verb} discovery.k8s.io/endpointslices`));
    const granting = [...manifests].filter(([, { rules = [] }]) =>
      rules.flatMap(linesOf).includes('list discovery.k8s.io/endpointslices'),
    );
    expect(granting.map(([file]) => file)).toEqual([path, `${speaker}/cluster-role.yaml`]);
  });

  test('for bare metal: kinds that configure it are read, and of them the status of pools is patched', () => {
    const definitions = ['addresspools.fairlead.dev', 'ipaddresspools.metallb.io', 'l2advertisements.metallb.io'];
    expect(rights('deploy/kustomize/components/bare-metal/cluster-role.yaml')).toEqual(
      [
        'patch fairlead.dev/addresspools/status',
        ...['fairlead.dev/addresspools', 'fairlead.dev/speakers', '/namespaces'].flatMap(read),
        ...['metallb.io/ipaddresspools', 'metallb.io/l2advertisements'].flatMap(read),
        ...[...definitions, 'speakers.fairlead.dev'].map(
          name => `get apiextensions.k8s.io/customresourcedefinitions[${name}]`,
        ),
      ].toSorted(),
    );
  });

  test('of a speaker: it reads, and writes Leases, Speakers’ status and Events only', () => {
    const definitions = ['addresspools.fairlead.dev', 'ipaddresspools.metallb.io', 'l2advertisements.metallb.io'];
    expect(rights(`${speaker}/cluster-role.yaml`)).toEqual(
      [
        ...['create', 'patch'].map(verb => `${verb} /events`),
        'create fairlead.dev/speakers',
        'patch fairlead.dev/speakers/status',
        'get /namespaces',
        ...['/services', '/nodes', 'discovery.k8s.io/endpointslices'].flatMap(read),
        ...['fairlead.dev/speakers', 'fairlead.dev/addresspools'].flatMap(read),
        ...['metallb.io/ipaddresspools', 'metallb.io/l2advertisements'].flatMap(read),
        ...[...definitions, 'speakers.fairlead.dev'].map(
          name => `get apiextensions.k8s.io/customresourcedefinitions[${name}]`,
        ),
      ].toSorted(),
    );
    expect(rights(`${speaker}/role.yaml`)).toEqual(
      [
        ...read('coordination.k8s.io/leases'),
        ...['create', 'update'].map(verb => `${verb} coordination.k8s.io/leases`),
      ].toSorted(),
    );
  });

  test('every role is bound to fairlead’s own account, or to the speaker’s', () => {
    const bindings = [...manifests.values()].filter(({ kind }) => kind.endsWith('RoleBinding'));
    const roles = [...manifests.values()].filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
    const bound = bindings.map(binding => (binding as unknown as { roleRef: { kind: string; name: string } }).roleRef);
    expect(bound.map(({ kind, name }) => `${kind} ${name}`).toSorted()).toEqual(
      roles.map(({ kind, metadata }) => `${kind} ${metadata?.name}`).toSorted(),
    );
    for (const binding of bindings) {
      const isSpeaker = binding.metadata?.name === 'fairlead-speaker';
      const [name, namespace] = isSpeaker ? ['fairlead-speaker', 'fairlead-speaker'] : ['fairlead', 'fairlead-system'];
      const account = { kind: 'ServiceAccount', name, namespace };
      expect(binding).toMatchObject({ subjects: [account] });
    }
  });
});

describe('kustomization', () => {
  const kustomizations = [...manifests].filter(([, { kind }]) => kind === 'Kustomization' || kind === 'Component');

  test.each(kustomizations)('%s names files that exist', (path, { resources = [], components = [] }) => {
    const missing = [...resources, ...components].filter(
      resource => !existsSync(posix.join(root, posix.dirname(path), resource)),
    );
    expect(missing).toEqual([]);
  });

  test('no manifest is left out', () => {
    const named = new Set(
      kustomizations.flatMap(([path, { resources = [] }]) =>
        resources.map(resource => posix.join(posix.dirname(path), resource)),
      ),
    );
    const files = [...manifests.keys()].filter(path => !path.endsWith('/kustomization.yaml'));
    expect(files.filter(path => !named.has(path))).toEqual([]);
  });
});

describe('deployment', () => {
  const { template } = readManifest('deploy/kustomize/deployment.yaml').spec as {
    template: { spec: { containers: readonly Record<string, unknown>[] } & Record<string, unknown> };
  };
  const pod = template.spec;
  const [container] = pod.containers;

  test('runs this version, as nobody, and writes nothing', () => {
    expect(container).toMatchObject({
      image: `fairlead:${version}`,
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    });
    expect(pod).toMatchObject({ securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } });
    expect(pod['volumes']).toBeUndefined();
  });

  test('is asked where it listens', () => {
    const { port } = options.listen.read([]);
    expect(container).toMatchObject({
      ports: [{ name: 'http', containerPort: port }],
      livenessProbe: { httpGet: { path: '/healthz', port: 'http' } },
      readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
    });
  });

  test('is given longer to end than it takes', () => {
    expect(Number(pod['terminationGracePeriodSeconds']) * 1_000).toBeGreaterThan(
      options.shutdownGrace.read([]) + 5_000,
    );
  });

  test('keeps its Lease in its own namespace, and gets no variables from Services', () => {
    expect(container).toMatchObject({
      env: [{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
    });
    expect(pod['enableServiceLinks']).toBe(false);
  });
});

describe('daemon set', () => {
  const { template } = readManifest(`${speaker}/daemon-set.yaml`).spec as {
    template: { spec: { containers: readonly Record<string, unknown>[] } & Record<string, unknown> };
  };
  const pod = template.spec;
  const [container] = pod.containers;

  test('runs this version on the host’s network, as root with NET_RAW and nothing else', () => {
    expect(pod).toMatchObject({ hostNetwork: true, tolerations: [{ operator: 'Exists' }], enableServiceLinks: false });
    expect(container).toMatchObject({
      image: `fairlead:${version}`,
      securityContext: {
        runAsUser: 0,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'], add: ['NET_RAW'] },
      },
    });
  });

  test('is given its arguments and variables by the names that the options have', () => {
    const { args } = container as { args: readonly string[] };
    const variables = { NODE_NAME: 'n1', POD_NAMESPACE: 'fairlead-speaker' };
    expect(args[0]).toBe('speaker');
    expect(parseConfig(args.slice(1), variables, 'speaker')).toMatchObject({
      ok: true,
      config: { node: 'n1', leaseNamespace: 'fairlead-speaker', listen: { port: 7480 } },
    });
    const names = (container as { env: readonly { name: string }[] }).env.map(({ name }) => name);
    expect(names.toSorted()).toEqual(Object.keys(variables).toSorted());
  });

  test('is given longer to end than it takes', () => {
    expect(Number(pod['terminationGracePeriodSeconds']) * 1_000).toBeGreaterThan(
      options.shutdownGrace.read([]) + 10_000,
    );
  });
});
