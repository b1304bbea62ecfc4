import type { Resource, ResourceKind } from '../../../src/provider/provider.ts';

/** Kinds of the Kubernetes API that pools are read from, and what surrounds them. */
export const kinds = {
  addressPools: { group: 'fairlead.dev', version: 'v1beta1', plural: 'addresspools' },
  speakers: { group: 'fairlead.dev', version: 'v1beta1', plural: 'speakers' },
  nodes: { group: '', version: 'v1', plural: 'nodes' },
  namespaces: { group: '', version: 'v1', plural: 'namespaces' },
} as const satisfies Record<string, ResourceKind>;

/** MetalLB's: read, never written, in its own namespace only. */
export function metallbKinds(namespace: string) {
  return {
    ipAddressPools: { group: 'metallb.io', version: 'v1beta1', plural: 'ipaddresspools', namespace },
    l2Advertisements: { group: 'metallb.io', version: 'v1beta1', plural: 'l2advertisements', namespace },
  } as const satisfies Record<string, ResourceKind>;
}

/** What an Event on an object has to name. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: 'AddressPool' | 'IPAddressPool' | 'L2Advertisement';
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export function referenceTo(kind: ObjectReference['kind'], { namespace, name, uid }: Resource): ObjectReference {
  const apiVersion = kind === 'AddressPool' ? 'fairlead.dev/v1beta1' : 'metallb.io/v1beta1';
  return { apiVersion, kind, namespace, name, uid };
}
