import { randomBytes } from 'node:crypto';
import type { Lab } from '../../../deploy/local-cluster/segment/lab.mjs';
import type { Service, ServicePort, ServiceSpec } from '../../../src/kube/objects.ts';

type Backends = Parameters<Lab['setEndpoints']>[0]['backends'];

export interface Exposed {
  readonly name: string;
  readonly clusterAddress: { readonly v4: string; readonly v6: string };
  readonly healthCheckNodePort: number | undefined;
  nodePort(portName: string): number;
  setBackends(backends: Backends): Promise<void>;
  /** As fairlead's controller would. */
  publish(...addresses: readonly string[]): Promise<void>;
}

export interface ExposeOptions {
  readonly ports: readonly (ServicePort & { readonly name: string; readonly targetPort: number })[];
  readonly backends: Backends;
  readonly spec?: Partial<ServiceSpec>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const services = '/api/v1/namespaces/default/services';

/** A new dual-stack Service of type LoadBalancer, and its EndpointSlices. */
export async function expose(
  lab: Lab,
  { ports, backends, spec = {}, annotations = {} }: ExposeOptions,
): Promise<Exposed> {
  const name = `web-${randomBytes(3).toString('hex')}`;
  const made = (await lab.request('POST', services, {
    metadata: { name, annotations },
    spec: { type: 'LoadBalancer', ipFamilyPolicy: 'RequireDualStack', ports, ...spec },
  })) as Service & { readonly spec: { readonly clusterIPs: readonly [string, string] } };
  const endpointPorts = ports.map(({ name: portName, targetPort, protocol = 'TCP' }) => ({
    name: portName,
    port: targetPort,
    protocol,
  }));
  const setBackends = (wanted: Backends) => lab.setEndpoints({ service: name, ports: endpointPorts, backends: wanted });
  await setBackends(backends);
  const [v4, v6] = made.spec.clusterIPs;
  return {
    name,
    clusterAddress: { v4, v6 },
    healthCheckNodePort: made.spec.healthCheckNodePort,
    nodePort(portName) {
      const port = made.spec.ports?.find(each => each.name === portName)?.nodePort;
      if (port === undefined) throw new Error(`${name} has no node port for ${portName}`);
      return port;
    },
    setBackends,
    async publish(...addresses) {
      const ingress = addresses.map(ip => ({ ip, ipMode: 'VIP' }));
      await lab.request('PATCH', `${services}/${name}/status`, { status: { loadBalancer: { ingress } } });
    },
  };
}
