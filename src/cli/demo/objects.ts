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

/** For a cluster without nodes of its own: nothing runs at these addresses. */
export const paperNodes = ['node-a', 'node-b'].map((name, index) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address: `192.0.2.${index + 11}` }] },
}));
