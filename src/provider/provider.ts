/**
 * The contract between fairlead and a cloud. It imports nothing but its second half, `announcer.ts`; a provider needs only
 * these and `provider-error.ts`.
 *
 * A provider is a module that exports `createProvider`. The core decides *what* should exist (a `LoadBalancer` value) and *when* to
 * ask for it; the provider makes it so. There are two verbs, because an update is an ensure, and because a delete that is guarded by
 * a "get" leaks whatever the "get" cannot see (kubernetes/kubernetes#53451).
 *
 * What the core promises a provider:
 * - The two verbs are never called concurrently for one `id`; they are called concurrently for different ids.
 * - Every argument is deeply frozen and JSON-safe. Fields may be added in later versions; unknown ones must be ignored.
 * - `ensureLoadBalancer` is called again after every failure, every change, and at a slow verify interval, with the same arguments.
 * - Annotations and labels have passed the operator's policy and carry one of the provider's own prefixes.
 *
 * What a provider promises, and `fairlead/conformance` tests:
 * - Ensure is idempotent, repairs what it finds half-made, never changes an address it has returned, and never deletes to recover.
 * - Deleting what is not there succeeds, and deletes parts that are left when the main part is gone.
 * - Everything it makes can be recognised as its own by cluster and Service UID; nothing else is ever touched.
 * - It calls `call.assertLeading()` right before every request that changes something, and gives up when `call.signal` aborts.
 * - It never talks to the Kubernetes API: what it wants to read there it names with `context.resources`, what it wants written there goes
 *   through `context.report`.
 */

import type { AdvertisedService, Advertisement, Announcer, NodeContext } from './announcer.ts';

export type Protocol = 'TCP' | 'UDP' | 'SCTP';
export type IpFamily = 'IPv4' | 'IPv6';

/** One served port of the balancer. */
export interface Listener {
  /** The Service port's name; empty where the Service has a single, unnamed port. */
  readonly name: string;
  readonly protocol: Protocol;
  /** 1–65535, as the client sees it. */
  readonly port: number;
  /** The port on every node that leads to the Service; 0 only where the provider's `needs` says that it does without. */
  readonly nodePort: number;
  /** As in the Service: `http`, `kubernetes.io/h2c`, … */
  readonly appProtocol?: string;
}

/** A node that takes traffic. */
export interface Backend {
  readonly node: string;
  /** `spec.providerID` of the Node, e.g. `aws:///eu-west-1a/i-0abc`; empty where the node has none. */
  readonly providerId: string;
  readonly addresses: readonly BackendAddress[];
  /** Label `topology.kubernetes.io/zone`; empty where the node has none. */
  readonly zone: string;
}

export interface BackendAddress {
  readonly type: 'InternalIP' | 'ExternalIP';
  readonly address: string;
}

/** One pod at one of the Service's ports, out of its EndpointSlices. */
export interface Endpoint {
  /** Name of the listener; empty where the Service has a single, unnamed port. */
  readonly listener: string;
  readonly address: string;
  readonly port: number;
  /** Name of the Node; empty where it is not known. */
  readonly node: string;
  /** Empty where it is not known. */
  readonly zone: string;
  readonly ready: boolean;
  /** It still answers, though it may be going. */
  readonly serving: boolean;
  readonly terminating: boolean;
}

export interface ServiceIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/**
 * What should exist outside, for one Service: the whole desired state in one value. Two equal values ask for the same thing; the core
 * does not call a provider twice with equal values inside the verify interval.
 */
export interface LoadBalancer {
  /** Made from the Service's UID: DNS-safe, starts with a letter, at most 32 characters, never reused. The name to give things. */
  readonly id: string;
  /** Id of the cluster that owns it: by default the UID of its kube-system namespace. */
  readonly cluster: string;
  readonly service: ServiceIdentity & {
    readonly labels: Readonly<Record<string, string>>;
    /** RFC 3339. Of two Services that hold one thing the older keeps it; the UID decides between equals. */
    readonly createdAt?: string;
  };
  readonly listeners: readonly Listener[];
  /** One array shared by all Services with the same node selection. May be empty: make the balancer all the same, and warn. */
  readonly backends: readonly Backend[];
  /**
   * The pods behind the Service, sorted by address and port: only where `needs` asks for them, and not in `restore`. The core lists
   * EndpointSlices from the first time on that some `needs` asks; it makes no ensure with a list of an earlier leadership.
   */
  readonly endpoints?: readonly Endpoint[];
  /** The families to serve, the primary one first. */
  readonly ipFamilies: readonly IpFamily[];
  /** As in the Service. `RequireDualStack`: rather nothing than one family; absent, or any other: as many of the families as there are. */
  readonly ipFamilyPolicy?: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';
  /** Addresses the user asks for (`spec.loadBalancerIP`); the provider may refuse with `unsupported`. */
  readonly requestedAddresses: readonly string[];
  /** Normalised CIDRs that may connect; empty means everyone. */
  readonly sourceRanges: readonly string[];
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  /** Under policy Local only: the Service's pod selector in one spelling. Services with equal ones have the same pods behind them. */
  readonly selector?: string;
  /** How to ask a node whether it can serve this Service: kube-proxy's `/healthz`, or the Service's own port under policy Local. */
  readonly healthCheck: { readonly path: string; readonly port: number };
  readonly sessionAffinity: { readonly type: 'None' } | { readonly type: 'ClientIP'; readonly timeoutSeconds: number };
  readonly annotations: Readonly<Record<string, string>>;
  /** True: an address of another controller stands in `ingress`, and the operator allows taking it over. Its own marks must fit. */
  readonly adopt?: boolean;
  /** What the status publishes now, and so what must stay: an address survives restarts through this. Not part of equality. */
  readonly ingress: readonly Ingress[];
}

/** One entry of `status.loadBalancer.ingress`: an address by `ip` or by `hostname`. */
export interface Ingress {
  readonly ip?: string;
  readonly hostname?: string;
  /** Only with `ip`. `VIP` (default): packets arrive at the node with the address as destination; `Proxy`: with the node's. */
  readonly ipMode?: 'VIP' | 'Proxy';
  readonly ports?: readonly IngressPort[];
}

export interface IngressPort {
  readonly port: number;
  readonly protocol: Protocol;
  /** Why this port is not served, as a CamelCase word or `prefix/CamelCase`. */
  readonly error?: string;
}

/** The answer of an ensure. "Not yet" is a value, never an error. */
export type Ensured = EnsuredReady | EnsuredPending;

export interface EnsuredReady extends EnsuredResult {
  readonly state: 'ready';
}

export interface EnsuredPending extends EnsuredResult {
  readonly state: 'pending';
  /** For people: what is being waited for. */
  readonly reason: string;
  /** Ask again after this many milliseconds. */
  readonly retryAfterMs: number;
  /** What is published and not in `ingress` is not the Service's any more, because an older one has it: it is taken away, with the warnings as Events. */
  readonly withdraws?: true;
}

export interface EnsuredResult {
  /** The complete list to publish; empty while there is no address yet. */
  readonly ingress: readonly Ingress[];
  readonly warnings?: readonly Warning[];
  readonly backends?: {
    readonly registered: number;
    readonly healthy?: number;
    /** Nodes that could not be used: the others are in service all the same. */
    readonly rejected?: readonly { readonly node: string; readonly reason: string }[];
  };
}

/** Something the user should know and that does not stop the rest. `reason` is a CamelCase word: it becomes the Event's reason. */
export interface Warning {
  readonly reason: string;
  readonly message: string;
}

/** The answer of a delete: `pending` asks to be called again; the Service keeps its finalizer until then. */
export type Deleted =
  | { readonly state: 'deleted' }
  | { readonly state: 'pending'; readonly reason: string; readonly retryAfterMs: number };

/** Enough to delete with. The Service may be gone, of another type, or invalid by now: nothing else can be relied on. */
export interface LoadBalancerRef {
  readonly id: string;
  readonly cluster: string;
  readonly service: ServiceIdentity;
  /** A hint only: absent when the ref comes from a list, and tenants can have changed them since the create. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What surrounds one call. */
export interface Call {
  /** Aborts when leadership is lost, when the call's deadline passes, and at the end of the shutdown grace. */
  readonly signal: AbortSignal;
  /** The leadership this call belongs to: a decimal number in a string that grows with every change of leader. */
  readonly epoch: string;
  /** Grows with every call of one epoch. */
  readonly sequence: number;
  /**
   * Throws when this process may no longer act as leader, or when `signal` has aborted. Synchronous, reads a clock, costs nothing: call
   * it right before each request that changes something, behind the SDK's own retries.
   */
  assertLeading(): void;
}

export interface Capabilities {
  readonly protocols: readonly Protocol[];
  /** TCP and UDP listeners in one balancer. */
  readonly mixedProtocols: boolean;
  readonly ipFamilies: readonly IpFamily[];
  /** Both families in one balancer. */
  readonly dualStack: boolean;
  readonly sourceRanges: boolean;
  readonly sessionAffinity: boolean;
  /**
   * True: things outside the cluster have to be removed again, so the core puts a finalizer on the Service before the first ensure.
   * False: the Service's status is the whole record; no finalizer, and one write a Service.
   */
  readonly keepsOutside: boolean;
  /** Annotations that reach the provider, e.g. `service.beta.kubernetes.io/aws-load-balancer-`; no others do. */
  readonly annotationPrefixes: readonly string[];
  /**
   * Those of its annotations that reach beyond the Service's own balancer (shared security groups, log buckets, tags that mark
   * ownership): a tenant may set them only where the operator has released them for the namespace.
   */
  readonly restrictedAnnotations?: readonly string[];
  /**
   * An annotation whose value, `label=value,label2=value2`, chooses the nodes behind a Service, as `fairlead.dev/node-selector` does, which wins
   * where both are there. It narrows the operator's choice and never widens it.
   */
  readonly nodeSelectorAnnotation?: string;
  /** Service labels that reach the provider; the empty text lets all of them through. */
  readonly labelPrefixes: readonly string[];
  /** Most listeners in one balancer; absent: no limit. */
  readonly maxListeners?: number;
  /** Metrics that the provider sets through `report`: `fairlead_<name>`, with a label `provider` beside these. */
  readonly gauges?: Readonly<Record<string, { readonly help: string; readonly labels: readonly string[] }>>;
}

export interface Provider {
  readonly contractVersion: 1;
  readonly capabilities: Capabilities;
  /** Pure: what this balancer cannot do without. */
  needs(loadBalancer: LoadBalancer): Needs;
  /**
   * Called once per leadership, before any other verb, with every balancer whose address is published: those addresses are taken, and
   * nothing that is not in the list is. Replaces whatever the provider remembered.
   */
  restore?(held: readonly LoadBalancer[], call: Call): Promise<void>;
  /** Makes it so, from any starting point. Throws a `ProviderError`, or anything else for "unknown, try again". */
  ensureLoadBalancer(loadBalancer: LoadBalancer, call: Call): Promise<Ensured>;
  /** Removes every part of it that exists. Absent is success. Never validates annotations. */
  ensureLoadBalancerDeleted(ref: LoadBalancerRef, call: Call): Promise<Deleted>;
  /** One ref for each balancer of this cluster of which any part exists: the orphan sweep and `destroy` read it. */
  listLoadBalancers?(call: Call): Promise<readonly LoadBalancerRef[]>;
  /** In the speaker role, instead of the verbs: what answers for the addresses on this node. */
  createAnnouncer?(node: NodeContext): Promise<Announcer>;
  /**
   * In the speaker role: who may announce an address; absent: every node. A function of its arguments and of the `resources`; asked again
   * when one of those has changed.
   */
  advertisement?(address: string, service: AdvertisedService): Advertisement;
  /** Called once, after the last call has returned. */
  close?(): Promise<void>;
}

export interface Needs {
  readonly nodePorts: boolean;
  /** Whether `endpoints` has to be there, and a change of them to be an ensure. Absent: no. */
  readonly endpoints?: boolean;
}

export interface ProviderContext {
  /** The cluster's id: part of every ownership mark outside. */
  readonly cluster: string;
  /** The operator's name for this instance. */
  readonly instance: string;
  /** Parsed from the instance's `config`; `undefined` where none was given. The provider checks it and throws a message for people. */
  readonly config: unknown;
  /** Which half is wanted: the verbs, or `createAnnouncer` and `advertisement`. Absent: the verbs. Every kind that is named costs a watch. */
  readonly role?: 'controller' | 'speaker';
  readonly log: ProviderLog;
  readonly clock: ProviderClock;
  /** Asks for these balancers (by id) to be ensured soon: something outside has changed. */
  requeue(ids: readonly string[], reason: string): void;
  /**
   * A kind of the Kubernetes API to be configured by, kept up to date by the core from the first leadership on. To be called in
   * `createProvider`; `changed` is told after the view has another value. The core has listed every kind anew, or knows that it cannot be
   * listed, before it calls `restore`.
   */
  resources(kind: ResourceKind, changed: () => void): ResourceView;
  /** Tells people something, behind everything else; never throws. */
  report(report: ProviderReport): void;
}

/** A resource of the Kubernetes API: `{ group: 'fairlead.dev', version: 'v1beta1', plural: 'addresspools' }`; the core group is `''`. */
export interface ResourceKind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** The only namespace to look in. */
  readonly namespace?: string;
}

/** The last good snapshot. A kind that vanishes, is forbidden or cannot be listed is unknown, never empty: the snapshot stays as it was. */
export interface ResourceView {
  /** Frozen; `undefined` until the kind has been listed for the first time. */
  readonly items: readonly Resource[] | undefined;
  /** Why the kind cannot be read at present, for people; `undefined` while it can. */
  readonly problem: string | undefined;
}

/** An object as JSON: hostile where tenants may write the kind. */
export interface Resource {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly generation: number;
  /** RFC 3339. */
  readonly creationTimestamp: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: unknown;
  readonly status: unknown;
}

export type ProviderReport =
  /** A number of now, as the metric `fairlead_<gauge>`, declared in `capabilities.gauges`; `undefined` takes it away. */
  | {
      readonly kind: 'gauge';
      readonly gauge: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly value: number | undefined;
    }
  /** An Event on an object of a kind that `resources` has named, or on a Service (`kind: 'Service'`). */
  | {
      readonly kind: 'event';
      readonly about: {
        readonly apiVersion: string;
        readonly kind: string;
        readonly namespace: string;
        readonly name: string;
        readonly uid: string;
      };
      readonly type: 'Normal' | 'Warning';
      readonly reason: string;
      readonly message: string;
    }
  /** The whole status of a configuration object, written at most once a second and only when different. */
  | { readonly kind: 'status'; readonly of: ResourceKind; readonly name: string; readonly status: object };

export interface ProviderLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface ProviderClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds on a clock that never jumps. */
  monotonic(): number;
  /** Runs once after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** What a provider module exports under the name `createProvider`. */
export type CreateProvider = (context: ProviderContext) => Provider | Promise<Provider>;
