/** Objects that a kubelet and kube-controller-manager would write: neither runs here. All pure. */

/** @typedef {{ node: { name: string }, v4: string, v6: string }} Backend */

/** @param {{ name: string, v4: string, v6: string }} node */
export function nodeObject({ name, v4, v6 }) {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
    status: {
      addresses: [
        { type: 'InternalIP', address: v4 },
        { type: 'InternalIP', address: v6 },
        { type: 'Hostname', address: name },
      ],
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'a network namespace' }],
    },
  };
}

/**
 * One slice a family. The names of the ports are those of the Service: with others, kube-proxy finds no endpoint.
 * @param {{ service: string, namespace?: string, family: 'v4' | 'v6',
 *   ports: readonly { name: string, port: number, protocol?: 'TCP' | 'UDP' | 'SCTP' }[],
 *   backends: readonly (Backend & { ready?: boolean })[] }} slice
 */
export function endpointSlice({ service, namespace = 'default', family, ports, backends }) {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-${family}`, namespace, labels: { 'kubernetes.io/service-name': service } },
    addressType: family === 'v4' ? 'IPv4' : 'IPv6',
    ports: ports.map(({ name, port, protocol = 'TCP' }) => ({ name, port, protocol })),
    endpoints: backends.map(({ node, ready = true, ...addresses }) => ({
      addresses: [addresses[family]],
      nodeName: node.name,
      conditions: { ready, serving: ready, terminating: false },
    })),
  };
}
