import { choice, oneOf, type Syntax } from '../../../src/provider/adapter/value-syntax.ts';
import * as syntaxes from './annotation-syntaxes.ts';
import { balancerAttributeMap, targetGroupAttributeMap } from './attributes.ts';
import { anyCaseOf, flag, wholeNumber } from './value-syntax.ts';

/** What every annotation of this provider begins with; a row has the rest. */
export const annotationPrefix = 'service.beta.kubernetes.io/aws-load-balancer-';

interface Row<Value> {
  readonly suffix: string;
  readonly syntax: Syntax<Value>;
  /** Where the annotation is absent or blank; for people. */
  readonly otherwise: string;
  readonly help: string;
  /** `fixed`: only the Service's creation reads it; a later change is a Warning. */
  readonly change: 'mutable' | 'fixed';
  /** Reaches beyond the Service's own balancer: only where the operator has released it. */
  readonly restricted?: true;
  /** Also as `<suffix>.<port>`, for one port. */
  readonly perPort?: true;
}

function mutable<Value>(suffix: string, syntax: Syntax<Value>, otherwise: string, help: string): Row<Value> {
  return { suffix, syntax, otherwise, help, change: 'mutable' };
}

function fixed<Value>(suffix: string, syntax: Syntax<Value>, otherwise: string, help: string): Row<Value> {
  return { suffix, syntax, otherwise, help, change: 'fixed' };
}

/** Everything that is supported. The parser, the page and the list of what needs a release are made from it. */
export const annotationTable = {
  type: fixed(
    'type',
    choice({ external: 'default', nlb: 'default', 'nlb-ip': 'pods' }),
    '',
    'Read for the peers’ sake: the class chooses the provider. `nlb-ip` is `nlb-target-type: ip`.',
  ),
  scheme: fixed(
    'scheme',
    oneOf(['internet-facing', 'internal']),
    'the operator’s `defaultScheme`',
    'From where the balancer can be reached.',
  ),
  internal: fixed(
    'internal',
    choice({ true: true, false: false, '1': true, '0': false, '0.0.0.0/0': true }),
    '',
    'Older spelling of `scheme`, which wins.',
  ),
  targetType: mutable(
    'nlb-target-type',
    oneOf(['instance', 'ip', 'node-ip']),
    '`instance` where nodes have EC2 ids, else `node-ip`',
    'What takes the traffic: nodes at their node ports, by instance id or by address (`node-ip`), or pods (`ip`).',
  ),
  name: fixed('name', syntaxes.balancerName, 'made of namespace, name and UID', 'Name of the balancer at AWS.'),
  addressType: mutable(
    'ip-address-type',
    oneOf(['ipv4', 'dualstack']),
    'by the Service’s families',
    'Families that clients use.',
  ),
  subnets: mutable(
    'subnets',
    syntaxes.subnetNames,
    'discovered by tag',
    'One for each zone: ids or values of their `Name` tags.',
  ),
  elasticAddresses: fixed(
    'eip-allocations',
    syntaxes.allocationIds,
    'AWS’s own',
    'Elastic addresses, as many as subnets and in their order; internet-facing only. They are never released.',
  ),
  privateIpv4: fixed(
    'private-ipv4-addresses',
    syntaxes.ipv4Addresses,
    'AWS’s choice',
    'One in each subnet, in any order; internal only.',
  ),
  ipv6: fixed(
    'ipv6-addresses',
    syntaxes.ipv6Addresses,
    'AWS’s choice',
    'One in each subnet, in any order; dualstack only.',
  ),
  securityGroups: restricted(
    mutable(
      'security-groups',
      syntaxes.groupNames,
      'one of its own',
      'Ids or values of `Name` tags. Their rules are yours: source ranges do not apply.',
    ),
  ),
  manageBackendRules: mutable(
    'manage-backend-security-group-rules',
    flag,
    '`false`',
    'With `security-groups`: the cluster’s shared group is attached too, and nodes let it in.',
  ),
  withoutSecurityGroups: fixed(
    'disable-nlb-sg',
    flag,
    '`false`',
    'A balancer without security groups: whoever reaches it gets in, and nodes must let clients in themselves.',
  ),
  prefixLists: mutable(
    'security-group-prefix-lists',
    syntaxes.prefixListIds,
    '',
    'May connect, beside the source ranges; where there are none of these, nobody else may.',
  ),
  pathMtuDiscovery: mutable(
    'enable-icmp-for-path-mtu-discovery',
    choice({ on: true, off: false }),
    '`off`',
    'Lets in the ICMP messages that path MTU discovery needs.',
  ),
  attributes: mutable('attributes', balancerAttributeMap, '', 'Attributes of the balancer.'),
  crossZone: mutable(
    'cross-zone-load-balancing-enabled',
    flag,
    '',
    'Attribute `load_balancing.cross_zone.enabled`; wins over `attributes`.',
  ),
  logsEnabled: restricted(mutable('access-log-enabled', flag, '', 'Attribute `access_logs.s3.enabled`.')),
  logsBucket: restricted(
    mutable('access-log-s3-bucket-name', syntaxes.bucketName, '', 'Attribute `access_logs.s3.bucket`.'),
  ),
  logsPrefix: restricted(
    mutable('access-log-s3-bucket-prefix', syntaxes.bucketPrefix, '', 'Attribute `access_logs.s3.prefix`.'),
  ),
  tags: mutable(
    'additional-resource-tags',
    syntaxes.tags,
    'the operator’s `tags`',
    'On everything that is made for the Service. The operator’s win; those that mark ownership cannot be set.',
  ),
  targetGroupAttributes: {
    ...mutable(
      'target-group-attributes',
      targetGroupAttributeMap,
      '',
      'Attributes of the target groups; those for one port win.',
    ),
    perPort: true,
  },
  proxyProtocol: mutable('proxy-protocol', oneOf(['*']), 'off', 'PROXY protocol v2 towards all ports.'),
  proxyProtocolPorts: mutable(
    'proxy-protocol-per-target-group',
    syntaxes.portNames,
    '',
    'PROXY protocol v2 towards these ports, and not towards the others.',
  ),
  certificates: mutable(
    'ssl-cert',
    syntaxes.certificateArns,
    '',
    'TLS ends at the balancer. The first is the default one.',
  ),
  tlsPorts: mutable('ssl-ports', syntaxes.tlsPorts, 'every TCP port', 'Ports that speak TLS, where `ssl-cert` is set.'),
  sslPolicy: mutable(
    'ssl-negotiation-policy',
    syntaxes.sslPolicyName,
    '`ELBSecurityPolicy-2016-08`',
    'Which versions and ciphers of TLS are offered.',
  ),
  backendProtocol: mutable(
    'backend-protocol',
    anyCaseOf(['tcp', 'ssl']),
    '`tcp`',
    'Towards targets of TLS ports; `ssl` encrypts again.',
  ),
  alpnPolicy: mutable(
    'alpn-policy',
    oneOf(['None', 'HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred']),
    '',
    'On TLS ports.',
  ),
  mergeTcpUdp: mutable(
    'enable-tcp-udp-listener',
    flag,
    '`true`',
    'TCP and UDP of one port are one listener where their node ports are equal.',
  ),
  healthProtocol: mutable(
    'healthcheck-protocol',
    anyCaseOf(['tcp', 'http', 'https']),
    '`tcp`; `http` with policy Local and for UDP, except for pods',
    'How targets are asked.',
  ),
  healthPort: mutable(
    'healthcheck-port',
    syntaxes.healthCheckPort,
    '`traffic-port`; kube-proxy’s with policy Local and for UDP, except for pods',
    'A name stands for the node port, or for the pods’ port.',
  ),
  healthPath: mutable(
    'healthcheck-path',
    syntaxes.healthCheckPath,
    '`/`; `/healthz` where kube-proxy is asked',
    'HTTP and HTTPS only.',
  ),
  healthInterval: mutable('healthcheck-interval', wholeNumber(5, 300), '`10`', 'Seconds.'),
  healthTimeout: mutable(
    'healthcheck-timeout',
    wholeNumber(2, 120),
    '`10`; `6` where kube-proxy is asked',
    'Seconds; not longer than the interval.',
  ),
  healthyThreshold: mutable(
    'healthcheck-healthy-threshold',
    wholeNumber(2, 10),
    '`3`; `2` where kube-proxy is asked',
    'Good answers until a target takes traffic.',
  ),
  unhealthyThreshold: mutable(
    'healthcheck-unhealthy-threshold',
    wholeNumber(2, 10),
    '`3`; `2` where kube-proxy is asked',
    'Bad answers until it takes none.',
  ),
  successCodes: mutable('healthcheck-success-codes', syntaxes.successCodes, '`200-399`', 'HTTP and HTTPS only.'),
  nodeLabels: mutable(
    'target-node-labels',
    syntaxes.nodeLabels,
    'all eligible nodes',
    'Only nodes with these labels; `fairlead.dev/node-selector` wins.',
  ),
} as const satisfies Record<string, Row<unknown>>;

export type AnnotationName = keyof typeof annotationTable;

function restricted<Value>(row: Row<Value>): Row<Value> {
  return { ...row, restricted: true };
}

/** The key of an annotation as it stands on a Service. */
export function annotationKey(name: AnnotationName): string {
  return annotationPrefix + annotationTable[name].suffix;
}

/** For the capabilities: the operator's policy keeps these back. */
export function restrictedAnnotations(): readonly string[] {
  const rows: readonly Row<unknown>[] = Object.values(annotationTable);
  return rows.filter(row => row.restricted).map(row => annotationPrefix + row.suffix);
}

/** Known to the peers, and not supported here: suffix (a trailing `.` stands for everything that begins so) → why, and what to do. */
export const unsupportedAnnotations: Readonly<Record<string, string>> = {
  'listener-attributes.': 'attributes of listeners stay AWS’s defaults',
  'actions.': 'each port has one target group: no weighted actions',
  'multi-cluster-target-group': 'a target group belongs to one cluster',
  'quic-enabled-ports': 'QUIC listeners are not made: UDP is passed on',
  'minimum-load-balancer-capacity': 'capacity is not reserved',
  'enable-prefix-for-ipv6-source-nat': 'UDP over dualstack is not served',
  'source-nat-ipv6-prefixes': 'UDP over dualstack is not served',
  'inbound-sg-rules-on-private-link-traffic': 'AWS’s default, on, stays',
  'extra-security-groups': 'for classic load balancers only: use security-groups',
  'access-log-emit-interval': 'for classic load balancers only',
  'connection-draining-enabled': 'for classic load balancers only: use target-group-attributes deregistration_delay',
  'connection-draining-timeout': 'for classic load balancers only: use target-group-attributes deregistration_delay',
  'connection-idle-timeout': 'for classic load balancers only',
};
