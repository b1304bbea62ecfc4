export const web = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
};

/** Its class is nobody's. */
export const lonely = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'lonely' },
  spec: {
    type: 'LoadBalancer',
    loadBalancerClass: 'fairlead.dev/nobody',
    selector: { app: 'web' },
    ports: [{ port: 80 }],
  },
};

/** A Node for each instance, as the cloud's node controller and the kubelet would write them. */
export function nodesAtAws(
  instances: readonly { readonly id: string; readonly zone: string; readonly privateIp: string }[],
): readonly object[] {
  return instances.map(({ id, zone, privateIp }) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: `ip-${privateIp.replaceAll('.', '-')}`,
      labels: { 'topology.kubernetes.io/zone': zone },
    },
    spec: { providerID: `aws:///${zone}/${id}` },
    status: { addresses: [{ type: 'InternalIP', address: privateIp }] },
  }));
}

/** A Node for each of three instances, as the cloud's node controller and the kubelet would write them. */
export const nodesAtGoogle = (
  [
    ['n1', 'europe-west1-b'],
    ['n2', 'europe-west1-c'],
    ['n3', 'europe-west1-b'],
  ] as const
).map(([name, zone], index) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
  spec: { providerID: `gce://demo-project/${zone}/${name}` },
  status: { addresses: [{ type: 'InternalIP', address: `10.0.0.${index + 51}` }] },
}));

/** For a cluster without nodes of its own: nothing runs at these addresses. */
export const paperNodes = ['node-a', 'node-b'].map((name, index) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address: `192.0.2.${index + 11}` }] },
}));
