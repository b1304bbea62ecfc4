import { expect, test } from 'vitest';
import { resourceOf } from '../../src/kube/resource-of.ts';

test.each([
  ['/api/v1/services', 'services'],
  ['/api/v1/namespaces/shop/services/web/status', 'services'],
  ['/apis/coordination.k8s.io/v1/namespaces/a/leases/b', 'leases'],
  ['/apis/coordination.k8s.io/v1/leases', 'leases'],
  ['/api/v1/namespaces/shop', 'namespaces'],
  ['/api/v1/namespaces', 'namespaces'],
  ['/api/v1/nodes/node-1', 'nodes'],
  ['/version', 'other'],
  ['/api', 'other'],
])('%s is about %s', (path, resource) => {
  expect(resourceOf(path)).toBe(resource);
});
