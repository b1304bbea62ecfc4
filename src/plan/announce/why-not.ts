import type { Node } from '../../kube/objects.ts';
import type { Advertisement } from '../../provider/announcer.ts';
import { whyNotEligible } from '../backends.ts';
import type { LabelSelector } from '../label-selector.ts';
import type { AnnouncementObstacle } from '../words.ts';
import { noNode } from './endpoint-nodes.ts';

/** A node as far as announcing is concerned. */
export interface SpeakingNode {
  /** Undefined: there is no such node (any more). */
  readonly node: Node | undefined;
  /** A speaker runs there, or has run. */
  readonly hasSpeaker: boolean;
  readonly isDrained: boolean;
}

/** Which nodes may announce, whatever the endpoints: shared by all Services with equal wishes. */
export interface NodeChoice {
  readonly operator: LabelSelector;
  readonly service: LabelSelector;
  /** Undefined: the provider leaves it to the nodes. */
  readonly advertisement: Advertisement | undefined;
}

/**
 * Why a node may not announce an address, whatever the endpoints; undefined: it may. Pure; the first that is true.
 *
 * | node                                                     | →                   |
 * |----------------------------------------------------------|---------------------|
 * | does not exist                                           | NodeGone            |
 * | no speaker has ever run there                            | NoSpeaker           |
 * | `fairlead drain`                                         | Drained             |
 * | is being deleted, or has the autoscaler's taint          | NodeLeaving         |
 * | has the exclude label                                    | NodeExcluded        |
 * | has the condition NetworkUnavailable                     | NetworkUnavailable  |
 * | does not match the operator's selector                   | OperatorSelector    |
 * | does not match the Service's selector                    | ServiceSelector     |
 * | no pool or advertisement of the address names it         | NotAdvertised       |
 * | any other: not ready, cordoned, tainted                  | it may              |
 */
export function whyNotNode(
  { node, hasSpeaker, isDrained }: SpeakingNode,
  choice: NodeChoice,
): AnnouncementObstacle | undefined {
  if (node === undefined) return 'NodeGone';
  if (!hasSpeaker) return 'NoSpeaker';
  if (isDrained) return 'Drained';
  const obstacle = whyNotEligible(node);
  if (obstacle !== undefined) return obstacle === 'leaving' ? 'NodeLeaving' : 'NodeExcluded';
  if (hasNoNetwork(node)) return 'NetworkUnavailable';
  const labels = node.metadata.labels ?? {};
  if (!choice.operator.matches(labels)) return 'OperatorSelector';
  if (!choice.service.matches(labels)) return 'ServiceSelector';
  const { advertisement } = choice;
  return advertisement !== undefined && advertisement.interfacesOn(labels) === undefined ? 'NotAdvertised' : undefined;
}

function hasNoNetwork({ status }: Node): boolean {
  return status?.conditions?.some(one => one.type === 'NetworkUnavailable' && one.status === 'True') ?? false;
}

/**
 * Why a node that could announce an address may not, for want of endpoints; undefined: it may. `endpoints`: nodes with one that takes
 * traffic. Pure.
 *
 * | policy  | endpoints                  | →               |
 * |---------|----------------------------|-----------------|
 * | any     | nowhere                    | NoEndpoint      |
 * | Cluster | anywhere                   | it may          |
 * | Local   | elsewhere, not on the node | NoLocalEndpoint |
 * | Local   | on the node                | it may          |
 */
export function whyNotEndpoints(
  node: string,
  policy: 'Cluster' | 'Local',
  endpoints: ReadonlySet<string>,
): AnnouncementObstacle | undefined {
  if (endpoints.size === 0) return 'NoEndpoint';
  if (policy === 'Cluster') return undefined;
  return node !== noNode && endpoints.has(node) ? undefined : 'NoLocalEndpoint';
}
