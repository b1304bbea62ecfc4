import type { Node } from '../kube/objects.ts';
import type { Backend, BackendAddress } from '../provider/provider.ts';
import type { LabelSelector } from './label-selector.ts';
import { standard } from './words.ts';

/**
 * The nodes that take traffic, by name. Pure.
 *
 * | node                                                       | in  |
 * |------------------------------------------------------------|-----|
 * | is being deleted                                           | no  |
 * | has the exclude label, unless its value is a boolean false | no  |
 * | carries the cluster autoscaler's taint                     | no  |
 * | does not match the selector                                | no  |
 * | any other: not ready, cordoned, control plane, tainted     | yes |
 *
 * Readiness never removes a node: health checks decide, and a flapping kubelet must not empty every balancer (KEP-3458).
 * Taints of dedicated ingress nodes are tolerated.
 */
export function eligibleBackends(nodes: Iterable<Node>, selector: LabelSelector): readonly Backend[] {
  const backends: Backend[] = [];
  for (const node of nodes) {
    if (isEligible(node) && selector.matches(node.metadata.labels ?? {})) backends.push(backendOf(node));
  }
  return backends.sort((a, b) => (a.node < b.node ? -1 : 1));
}

export function isEligible(node: Node): boolean {
  return whyNotEligible(node) === undefined;
}

/** `leaving`: it is being deleted, or the cluster autoscaler is about to. */
export function whyNotEligible(node: Node): 'leaving' | 'excluded' | undefined {
  if (node.metadata.deletionTimestamp !== undefined || isLeaving(node)) return 'leaving';
  return isExcluded(node) ? 'excluded' : undefined;
}

function isExcluded(node: Node): boolean {
  const value = node.metadata.labels?.[standard.excludeLabel];
  return value !== undefined && !goFalse.has(value);
}

/** What Go's strconv.ParseBool reads as false; the service controller reads the label with it since 2025. */
const goFalse: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'False', 'FALSE']);

function isLeaving(node: Node): boolean {
  return node.spec?.taints?.some(taint => taint.key === standard.autoscalerTaint) ?? false;
}

function backendOf(node: Node): Backend {
  return {
    node: node.metadata.name,
    providerId: node.spec?.providerID ?? '',
    addresses: (node.status?.addresses ?? []).filter(isBackendAddress).map(({ type, address }) => ({ type, address })),
    zone: node.metadata.labels?.[standard.zoneLabel] ?? '',
  };
}

function isBackendAddress(address: { readonly type: string; readonly address: string }): address is BackendAddress {
  return address.type === 'InternalIP' || address.type === 'ExternalIP';
}
