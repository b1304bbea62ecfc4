import type { EndpointSlice } from '../../kube/objects.ts';
import { serviceNameLabel } from '../../kube/trim.ts';

/** Where the slices of all Services are listed, but for headless ones: those have no address to balance. */
export const slicesPath = '/apis/discovery.k8s.io/v1/endpointslices';
export const slicesQuery = { labelSelector: `${serviceNameLabel},!service.kubernetes.io/headless` };

/** `namespace/name` of the Service that a slice belongs to. */
export function serviceOf(slice: EndpointSlice): string {
  const { namespace = '', labels = {} } = slice.metadata;
  return `${namespace}/${labels[serviceNameLabel] ?? ''}`;
}
