import { randomBytes } from 'node:crypto';
import type { Lab } from '../../../deploy/local-cluster/segment/lab.mjs';
import type { Service, ServicePort, ServiceSpec } from '../../../src/kube/objects.ts';
import { until } from '../loop-until.ts';

type Backends = Parameters<Lab['setEndpoints']>[0]['backends'];

interface DualAddress {
  readonly v4: string;
  readonly v6: string;
}

/** A dual-stack Service that has its addresses. */
export interface Exposed {
  readonly name: string;
  readonly cluster: DualAddress;
  readonly external: DualAddress;
  readonly healthCheckNodePort: number | undefined;
  nodePort(portName: string): number;
  setBackends(backends: Backends): Promise<void>;
}

export interface ExposeOptions {
  readonly ports: readonly (ServicePort & { readonly name: string; readonly targetPort: number })[];
  readonly backends: Backends;
  readonly spec?: Partial<ServiceSpec>;
}

type Made = Service & { readonly spec: { readonly clusterIPs: readonly string[] } };

const services = '/api/v1/namespaces/default/services';

/** Makes a new Service of type LoadBalancer and its EndpointSlices, and waits until the controller has given it an address of each family. */
export async function expose(lab: Lab, { ports, backends, spec = {} }: ExposeOptions): Promise<Exposed> {
  const name = `web-${randomBytes(3).toString('hex')}`;
  const made = (await lab.request('POST', services, {
    metadata: { name },
    spec: { type: 'LoadBalancer', ipFamilyPolicy: 'RequireDualStack', ports, ...spec },
  })) as Made;
  const endpointPorts = ports.map(({ name: portName, targetPort, protocol = 'TCP' }) => ({
    name: portName,
    port: targetPort,
    protocol,
  }));
  const setBackends = (wanted: Backends) => lab.setEndpoints({ service: name, ports: endpointPorts, backends: wanted });
  await setBackends(backends);
  return {
    name,
    cluster: byFamily(made.spec.clusterIPs),
    external: byFamily(await publishedAddresses(lab, name)),
    healthCheckNodePort: made.spec.healthCheckNodePort,
    nodePort(portName) {
      const port = made.spec.ports?.find(each => each.name === portName)?.nodePort;
      if (port === undefined) throw new Error(`${name} has no node port for ${portName}`);
      return port;
    },
    setBackends,
  };
}

async function publishedAddresses(lab: Lab, name: string): Promise<readonly string[]> {
  let seen: Service | undefined;
  const addresses = () =>
    (seen?.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
  const isPublished = async () => {
    seen = (await lab.request('GET', `${services}/${name}`)) as Service;
    return addresses().length === 2;
  };
  await until(`${name} has two addresses`, isPublished, () => JSON.stringify(seen?.status));
  return addresses();
}

function byFamily(addresses: readonly string[]): DualAddress {
  const [v4, v6] = [addresses.find(each => each.includes('.')), addresses.find(each => each.includes(':'))];
  if (v4 === undefined || v6 === undefined) throw new Error(`not of both families: ${addresses.join(', ')}`);
  return { v4, v6 };
}
