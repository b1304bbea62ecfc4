import type { Endpoint, EndpointSlice } from '../../kube/objects.ts';

/** Stands for an endpoint of which nobody says on what node it is: it serves the policy Cluster only. */
export const noNode = '';

/**
 * The nodes with an endpoint that takes traffic, sorted, each once; `noNode` for endpoints without one. Pure. As MetalLB and kube-proxy
 * read the conditions (KEP-1669):
 *
 * | ready       | serving | terminating | takes traffic                                  |
 * |-------------|---------|-------------|------------------------------------------------|
 * | absent      |         |             | yes                                            |
 * | true        |         |             | yes                                            |
 * | false       | true    | any         | yes: what is leaving still answers             |
 * | false       | not true |            | no                                             |
 */
export function endpointNodes({ endpoints }: EndpointSlice): readonly string[] {
  const nodes = new Set<string>();
  for (const endpoint of endpoints ?? []) if (takesTraffic(endpoint)) nodes.add(endpoint.nodeName ?? noNode);
  return [...nodes].sort();
}

function takesTraffic({ conditions = {} }: Endpoint): boolean {
  return conditions.ready !== false || conditions.serving === true;
}
