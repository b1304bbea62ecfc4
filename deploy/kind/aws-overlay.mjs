import { emulatorEnv } from '../local-cluster/aws/clients.mjs';

/** The emulators that docker-compose.yml knows: the port on which each listens, in its container and on this machine. */
export const emulators = { moto: 5000, localstack: 4566 };

/** The emulator's name on the network `kind`, whichever it is. */
export const emulatorAlias = 'aws-emulator';

/**
 * The manifests of deploy/kustomize with the component for AWS, the provider for every Service without a class, and the SDK's variables for
 * the emulator: a kustomization, as JSON, which kustomize reads too. Pure.
 * @param {{ kustomize: string, endpoint: string, config: object }} values `kustomize` is the path of deploy/kustomize, relative to the overlay
 */
export function awsOverlay({ kustomize, endpoint, config }) {
  const variables = { ...emulatorEnv(endpoint), FAIRLEAD_PROVIDER: `aws,default,config=${JSON.stringify(config)}` };
  const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
  const containers = [{ name: 'fairlead', env }];
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'fairlead' },
    spec: { template: { spec: { containers } } },
  };
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [kustomize],
    components: [`${kustomize}/components/aws`],
    patches: [{ target: { kind: 'Deployment', name: 'fairlead' }, patch: JSON.stringify(deployment) }],
  };
}
