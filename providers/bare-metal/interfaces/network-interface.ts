/** One network interface of this node, as rtnetlink tells. */
export interface NetworkInterface {
  readonly index: number;
  readonly name: string;
  /** `02:42:ac:11:00:02`; empty where it has no Ethernet MAC. */
  readonly mac: string;
  readonly mtu: number;
  /** What the driver calls itself: `veth`, `bridge`, `vlan`, `bond`, `dummy` …; empty for hardware. */
  readonly kind: string;
  /** Switched on by the operator. */
  readonly isUp: boolean;
  /** Has a carrier: a cable, a peer. */
  readonly isRunning: boolean;
  readonly isBroadcast: boolean;
  readonly isNoArp: boolean;
  readonly isLoopback: boolean;
  /** Index of the bridge, bond or VRF that it is part of; 0 for none. */
  readonly master: number;
  /** What `master` is: `bridge`, `bond`, `vrf` …; empty for none. */
  readonly masterKind: string;
  readonly addresses: readonly InterfaceAddress[];
  /** Next hops of its default routes, in text. */
  readonly gateways: readonly string[];
}

export interface InterfaceAddress {
  readonly address: string;
  readonly prefixLength: number;
  readonly family: 'IPv4' | 'IPv6';
}

/** Networks inside of the node, or laid over the real one, by the names that their makers give them. */
const insideNames =
  /^(?:docker|cbr|dummy|virbr|lxcbr|br-[\da-f]{12}$|cali|tunl|flannel|kube-|cni|nodelocaldns|lxc|cilium|vxlan|geneve|weave|ovn|podman)/;

/** The same by kind of driver, whatever the name. kube-proxy's `kube-ipvs0` is a dummy. */
const insideKinds = new Set(['dummy', 'ifb', 'nlmon', 'vxlan', 'geneve', 'wireguard', 'ipip', 'sit', 'gre', 'ip6tnl']);

/**
 * Why nothing is announced on an interface unless the operator names it; `undefined` where it may be. `veth` is not among the reasons,
 * although one end of each pod's pair is on the node: that end is part of a bridge or has no subnet, while a node that is a container, or a
 * namespace, has no other interface at all.
 */
export function unusableReason(network: NetworkInterface): string | undefined {
  const hard = unfitReason(network);
  if (hard !== undefined) return hard;
  if (insideKinds.has(network.kind)) return `is a ${network.kind} interface`;
  if (insideNames.test(network.name)) return 'belongs to a network inside of the node, by its name';
  return undefined;
}

/** The same for an interface that the operator has named: only what cannot work. */
export function unfitReason(network: NetworkInterface): string | undefined {
  if (network.isLoopback) return 'is a loopback interface';
  if (!network.isBroadcast || network.isNoArp) return 'cannot broadcast or has ARP switched off';
  if (network.mac === '') return 'has no Ethernet address';
  // A VRF only separates routing: its parts answer for themselves.
  if (network.master !== 0 && network.masterKind !== 'vrf')
    return `is part of a ${network.masterKind || 'larger interface'}`;
  if (!network.isUp) return 'is down';
  if (!network.isRunning) return 'has no carrier';
  return undefined;
}
