/**
 * Every word that fairlead writes onto a Kubernetes object, declared once: the reference pages are printed from these tables.
 */

/** One prefix, for ever. */
export const prefix = 'fairlead.dev/';

/** Annotations that a user or operator sets on a Service, and the one that fairlead keeps there. */
export const annotations = {
  nodeSelector: {
    key: `${prefix}node-selector`,
    help: 'Label selector: only nodes that match it, and the operator’s own selector, take this Service’s traffic.',
  },
  allocateNodePorts: {
    key: `${prefix}allocate-node-ports`,
    help: '`"true"`: fairlead may fill in node ports although `allocateLoadBalancerNodePorts` is false and the provider needs them.',
  },
  nodePorts: {
    key: `${prefix}node-ports`,
    help: 'Written by fairlead: the node ports it has filled in, such as `53=31234`, so that a replaced manifest gets the same ones again.',
  },
  move: {
    key: `${prefix}move`,
    help: '`"true"`: a Service that holds an address from one provider and whose class now names another may change address and move.',
  },
  abandon: {
    key: `${prefix}abandon`,
    help: '`"true"`, where the operator allows it for the namespace: drop the finalizer and leave in the cloud what is there.',
  },
  adopt: {
    key: `${prefix}adopt`,
    help: '`"true"`, where the operator allows it for the namespace: take over an address that another controller has published.',
  },
  sourceRanges: {
    key: 'service.beta.kubernetes.io/load-balancer-source-ranges',
    help: 'Comma-separated CIDRs, read where `spec.loadBalancerSourceRanges` is empty.',
  },
} as const satisfies Record<string, { key: string; help: string }>;

/** Condition types on a Service. The first three are named as draft KEP-4631 names them, the fourth as k8s.io/api/core/v1 does. */
export const conditionTypes = {
  serving: {
    type: 'LoadBalancerServing',
    help: 'True: an address is published and takes traffic. False: the reason says why not.',
  },
  provisioning: {
    type: 'LoadBalancerProvisioning',
    help: 'True: work is under way. False with reason Complete: none is left. Absent: the first attempt took less than a second.',
  },
  degraded: {
    type: 'LoadBalancerDegraded',
    help: 'True: what is published stays in service, but not all that is asked for could be done.',
  },
  portsError: {
    type: 'LoadBalancerPortsError',
    help: 'True: some ports are not served; `ingress[].ports[].error` names them.',
  },
  reported: {
    type: `${prefix}Reported`,
    help: 'True: the conditions above are fairlead’s, although it keeps no balancer for the Service; they go when it no longer concerns fairlead.',
  },
  owner: {
    type: `${prefix}<instance>`,
    help: 'True: the published address comes from this provider instance, which needs no finalizer.',
  },
} as const satisfies Record<string, { type: string; help: string }>;

/** Reasons of Events. The first seven are the stock service controller's, so that tools keep working. */
export const eventReasons = {
  EnsuringLoadBalancer: 'Normal: a balancer outside the cluster is about to be made.',
  EnsuredLoadBalancer: 'Normal: the address is published, or a change has been carried out.',
  UpdatedLoadBalancer: 'Normal: the set of nodes behind the balancer has changed.',
  UnAvailableLoadBalancer: 'Warning: no node is eligible; the balancer is made all the same.',
  SyncLoadBalancerFailed: 'Warning: the provider or the API server failed; it is tried again.',
  DeletingLoadBalancer: 'Normal: the balancer is about to be deleted.',
  DeletedLoadBalancer: 'Normal: the balancer is gone.',
  LoadBalancerAbandoned: 'Warning: the finalizer was dropped on request; the message names what is left behind.',
  NodePortsAllocated: 'Normal: fairlead has filled in node ports.',
  NodePortOnly: 'Warning: no balancer will be made; the message names the node ports to use instead.',
  ForeignLoadBalancer: 'Warning: another controller’s finalizer or address is on the Service; it is left alone.',
  AnnotationRefused: 'Warning: the operator’s policy does not allow this annotation; it is ignored.',
  LoadBalancerRejected: 'Warning: the Service cannot be served as it stands; the message says why.',
  nodeAssigned: 'Normal: a node announces the address, in MetalLB’s words, which tools read.',
  announceFailed: 'Warning: a node that should announce the address cannot; the message says why.',
  AddressConflict: 'Warning: another host answers for the address; the message has its MAC.',
  NobodyAnnounces: 'Warning: no node may announce the address; the message counts the reasons.',
  SpeakerWarning: 'Warning: on a Node: its speaker does not work as it should; the message says why.',
  HeartbeatsUnauthenticated:
    'Warning: on a Node: its speaker was given no key, so anybody on the segment can forge heartbeats.',
} as const satisfies Record<string, string>;

export type EventReason = keyof typeof eventReasons;

/** Reasons of conditions: KEP-4631's, and ours where it has none. */
export const conditionReasons = {
  Reported: 'Said of the conditions beside it: they are fairlead’s.',
  Serving: 'The address is published and complete.',
  Provisioning: 'The provider is at work.',
  Complete: 'Nothing is left to do.',
  Infrastructure: 'The provider failed; it is tried again.',
  Unsupported: 'The provider cannot do what the Service asks for.',
  ProviderRejected: 'The provider refused: quota, permission, or a bad request; it is tried again slowly.',
  NoProvider: 'No provider is configured: the Service works as a NodePort.',
  ClassNotMapped: 'No provider instance serves this loadBalancerClass: the Service works as a NodePort.',
  ProtocolNotSupported: 'The provider does not serve a protocol of this Service: it works as a NodePort.',
  LoadBalancerMixedProtocolNotSupported: 'The provider does not serve TCP and UDP in one balancer.',
  IPFamiliesNotSupported: 'The provider serves none of the Service’s IP families: it works as a NodePort.',
  NodePortsNotAllocated: 'The provider needs node ports, and the Service forbids them.',
  SourceRangesNotSupported: 'A source range cannot be read; nothing is opened.',
  LoadBalancerIPNotSupported: 'The requested address is no IP address.',
  EndpointsNotReadable: 'The provider needs the Service’s endpoints, and fairlead has no right to list EndpointSlices.',
  NodeSelectorNotSupported: 'The node selector cannot be read.',
  ProviderNotConfigured: 'The provider instance that owns the balancer is not configured any more; what exists stays.',
  ProviderChanged:
    'The class or the default names another provider; the owner keeps the address until `fairlead.dev/move` is set.',
  DeleteFailed: 'The balancer could not be deleted yet; it is tried again.',
  Abandoned: 'The balancer was left behind on request.',
  BackendsRejected: 'Some nodes could not be used.',
  NoNodes: 'No node is eligible.',
} as const satisfies Record<string, string>;

export type ConditionReason = keyof typeof conditionReasons;

/** Why a node may not announce an address: in the status of its Speaker object, and in Events where no node may. */
export const announcementObstacles = {
  NodeGone: 'The node does not exist any more.',
  NoSpeaker: 'No speaker has ever run on the node.',
  Drained: 'The node was drained by `fairlead drain`.',
  NodeLeaving: 'The node is being deleted, or the cluster autoscaler is about to.',
  NodeExcluded: 'The node has the label `node.kubernetes.io/exclude-from-external-load-balancers`.',
  NetworkUnavailable: 'The node’s condition NetworkUnavailable is True.',
  OperatorSelector: 'The node does not match the operator’s `--node-selector`.',
  ServiceSelector: 'The node does not match the Service’s annotation `fairlead.dev/node-selector`.',
  NotAdvertised: 'No pool or advertisement lets the node announce this address.',
  NoEndpoint: 'The Service has no endpoint that takes traffic.',
  NoLocalEndpoint: 'The Service’s externalTrafficPolicy is Local, and no endpoint on the node takes traffic.',
} as const satisfies Record<string, string>;

export type AnnouncementObstacle = keyof typeof announcementObstacles;

/** Labels, taints and finalizers of Kubernetes that decide something here. */
export const standard = {
  /** https://kubernetes.io/docs/reference/labels-annotations-taints/#node-kubernetes-io-exclude-from-external-load-balancers */
  excludeLabel: 'node.kubernetes.io/exclude-from-external-load-balancers',
  /** Put on a node by the cluster autoscaler before it removes it. */
  autoscalerTaint: 'ToBeDeletedByClusterAutoscaler',
  zoneLabel: 'topology.kubernetes.io/zone',
  /** The stock service controller's. Never added by us: it strips it from Services that have a class. */
  finalizer: 'service.kubernetes.io/load-balancer-cleanup',
  /** Finalizers of the garbage collector: they say how an object goes, not who owns it. */
  collectorFinalizers: ['foregroundDeletion', 'orphan'],
  /** kube-proxy's health port and path (KEP-3836). */
  proxyHealthPort: 10256,
  healthPath: '/healthz',
} as const;
