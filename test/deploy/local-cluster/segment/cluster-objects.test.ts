import { expect, test } from 'vitest';
import { endpointSlice, nodeObject } from '../../../../deploy/local-cluster/segment/cluster-objects.mjs';

const backend = { node: { name: 'node-a' }, v4: '198.19.1.10', v6: '2001:db8:19:1::10' };

test('a slice holds the addresses of its own family only, and the node of each', () => {
  const slice = endpointSlice({
    service: 'web',
    family: 'v6',
    ports: [{ name: 'http', port: 8080 }],
    backends: [backend],
  });
  expect(slice).toMatchObject({
    metadata: { labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv6',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: ['2001:db8:19:1::10'], nodeName: 'node-a', conditions: { ready: true } }],
  });
});

test('a backend that is not ready says so', () => {
  const slice = endpointSlice({ service: 'web', family: 'v4', ports: [], backends: [{ ...backend, ready: false }] });
  expect(slice.endpoints).toMatchObject([{ addresses: ['198.19.1.10'], conditions: { ready: false, serving: false } }]);
});

test('a node is ready, with an address of each family', () => {
  const { status } = nodeObject({ name: 'node-a', v4: '198.18.255.11', v6: '2001:db8:18::ff:11' });
  expect(status.addresses.map(({ address }) => address)).toEqual(['198.18.255.11', '2001:db8:18::ff:11', 'node-a']);
  expect(status.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
});
