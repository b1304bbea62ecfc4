import type { OwnerReference } from '../../kube/lease-client.ts';
import type { Node } from '../../kube/objects.ts';

/** What is made for a node goes when its Node object goes: the garbage collector sees to it. */
export function nodeReference(node: Node | undefined): OwnerReference | undefined {
  if (node === undefined) return undefined;
  const { name, uid } = node.metadata;
  return { apiVersion: 'v1', kind: 'Node', name, uid };
}
