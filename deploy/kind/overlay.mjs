/**
 * The manifests of deploy/kustomize with both components for bare metal, the provider, and a Secret for the heartbeats: a kustomization,
 * as JSON, which kustomize reads too. Pure.
 * @param {{ kustomize: string, key: string }} values `kustomize` is the path of deploy/kustomize, relative to the overlay
 */
export function kindOverlay({ kustomize, key }) {
  const provider = { name: 'FAIRLEAD_PROVIDER', value: 'lan=bare-metal,default' };
  const patch = JSON.stringify([{ op: 'add', path: '/spec/template/spec/containers/0/env/-', value: provider }]);
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [kustomize],
    components: ['bare-metal', 'speaker'].map(name => `${kustomize}/components/${name}`),
    secretGenerator: [
      {
        name: 'fairlead-heartbeat',
        namespace: 'fairlead-speaker',
        literals: [`key=${key}`],
        options: { disableNameSuffixHash: true },
      },
    ],
    patches: ['Deployment', 'DaemonSet'].map(kind => ({ target: { kind }, patch })),
  };
}

/** @param {string} pool */
export function addressPool(pool) {
  return {
    apiVersion: 'fairlead.dev/v1beta1',
    kind: 'AddressPool',
    metadata: { name: 'docker' },
    spec: { addresses: [pool] },
  };
}
