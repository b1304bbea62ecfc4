/**
 * The second half of the contract: a provider whose addresses are answered for by the nodes themselves. `fairlead speaker`, one on each
 * node, creates the provider's announcer and hands it frozen snapshots; what the announcer has to say comes back through `report`, and
 * the core writes it. An announcer never talks to the Kubernetes API.
 */

/** What surrounds one announcer: one node, one process. */
export interface NodeContext {
  readonly node: string;
  /** Of this process: random, new at every start. */
  readonly bootId: string;
  /** The secret that all speakers of the cluster share; `undefined`: heartbeats are not authenticated, and somebody has been warned. */
  readonly key: Uint8Array | undefined;
  /** Something in `report()` is different now. May be called often. */
  changed(): void;
}

export interface Announcer {
  /** The world as it is now; replaces the one before. */
  update(view: AnnouncerView): void;
  report(): AnnouncerReport;
  /** Since the start, for metrics. Absent: it counts nothing. */
  counts?(): AnnouncerCounts;
  /** Resolves when the part that answers on the wire has answered: the node's Lease is renewed only after that. */
  ping(): Promise<void>;
  /** Hands every address over. Resolves when nothing is announced here any more, or after `deadlineMs`. */
  leave(deadlineMs: number): Promise<void>;
  /** Ends at once: nothing is answered after it has resolved. */
  close(): Promise<void>;
}

/** What has passed between the announcers of all nodes, as this one has heard. */
export interface AnnouncerCounts {
  readonly heartbeatsSent: number;
  /** Of other nodes, and believed. */
  readonly heartbeatsHeard: number;
  /** Forged, replayed, or not to be read. */
  readonly heartbeatsRejected: number;
  /** How often another node has come, has gone, or has said that it leaves. */
  readonly membershipChanges: number;
}

export interface AnnouncerView {
  readonly addresses: readonly AnnouncedAddress[];
  /** Every node that has, or had, a speaker; this one too. Sorted by name. */
  readonly nodes: readonly SpeakerNode[];
}

/** One published address. */
export interface AnnouncedAddress {
  /** Text form as in the Service's status, normalised. */
  readonly address: string;
  /** Nodes that may announce it, sorted; one shared array for all addresses with the same choice. */
  readonly candidates: readonly string[];
  /** How much each of `candidates` is preferred, in their order: of the living the most preferred takes what nobody has. Absent: all alike. */
  readonly preferences?: readonly number[];
  /** Names of the only interfaces to announce it on; absent: the one whose subnet has it. */
  readonly interfaces?: readonly string[];
  /** Whether some node has announced it before: only a durable record that says "never" makes this false. */
  readonly announcedBefore: boolean;
  /** What nodes claim by their durable records: used only while a node with a fresh Lease cannot be heard. */
  readonly recordedClaims: readonly { readonly node: string; readonly since: number }[];
}

export interface SpeakerNode {
  readonly node: string;
  /** `fresh`: its Lease is renewed. */
  readonly lease: 'fresh' | 'expired' | 'none';
  /** Of the process that holds the Lease; empty where there is none. */
  readonly bootId: string;
}

export interface AnnouncerReport {
  /** Announced here. `since`: Unix milliseconds of the claim. */
  readonly claims: readonly { readonly address: string; readonly interface: string; readonly since: number }[];
  /** Other hosts that answer for an address. `isFirst`: found before this node had announced it. */
  readonly conflicts: readonly { readonly address: string; readonly mac: string; readonly isFirst: boolean }[];
  /** Why this node does not announce an address although it is a candidate: one CamelCase word and a line for people. */
  readonly refusals: readonly { readonly address: string; readonly reason: string; readonly message: string }[];
  /** Found by background probing: free addresses that somebody answers for, and gateways. */
  readonly occupied: readonly { readonly address: string; readonly mac: string }[];
  /** Faults of the whole announcer, such as heartbeats that are heard by nobody. */
  readonly warnings: readonly { readonly reason: string; readonly message: string }[];
}

/** Who may announce an address of a Service, by the operator's configuration alone. */
export interface Advertisement {
  /** Equal ids choose alike, until a kind of `resources` changes: nodes are matched once for all addresses with one id. */
  readonly id: string;
  /** Where a node with these labels may announce: names of interfaces, or none for the one whose subnet has the address. Undefined: it may not. */
  interfacesOn(labels: Readonly<Record<string, string>>): readonly string[] | undefined;
  /** How much a node with these labels is preferred to others that may announce: the higher the more. Absent: all alike. */
  preferenceOf?(labels: Readonly<Record<string, string>>): number;
  /** For people, where no node may: why. */
  readonly reason?: string;
}

/** Labels are all of the Service's; annotations only those with the provider's prefixes. */
export interface AdvertisedService {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
