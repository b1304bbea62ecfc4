import type { DesiredBalancer, DesiredListener, IngressRule, RuleSource } from '../model/desired.ts';

/** Ports of nodes that Kubernetes gives out by default, and the port at which kube-proxy tells of its health. */
const nodePortRange = { from: 30_000, to: 32_767 };
const proxyHealthPort = 10_256;

export interface FrontendInput {
  readonly listeners: readonly Pick<DesiredListener, 'port' | 'protocol'>[];
  /** Empty: everyone, unless there are prefix lists. */
  readonly sourceRanges: readonly string[];
  readonly prefixLists: readonly string[];
  readonly dualstack: boolean;
  readonly pathMtuDiscovery: boolean;
}

/**
 * Who may connect: the rules of the balancer's own security group, each once, sorted. Pure.
 *
 * | source ranges | prefix lists | →                                              |
 * |---------------|--------------|------------------------------------------------|
 * | none          | none         | 0.0.0.0/0, and with dualstack ::/0             |
 * | none          | some         | the lists                                      |
 * | some          | none or some | both                                           |
 *
 * TLS is TCP to a security group, TCP_UDP is both. Path MTU discovery: ICMP type 3 code 4, ICMPv6 type 2 code 0.
 */
export function frontendRules(input: FrontendInput): readonly IngressRule[] {
  const sources = sourcesOf(input);
  const served = input.listeners.flatMap(({ port, protocol }) =>
    transports[protocol].map(transport => ({ protocol: transport, fromPort: port, toPort: port })),
  );
  const rules = sources.flatMap(source => served.map((one): IngressRule => ({ ...one, source })));
  const messages = input.pathMtuDiscovery ? sources.map(pathMtuRule) : [];
  return unique([...rules, ...messages]);
}

const transports = {
  TCP: ['tcp'],
  TLS: ['tcp'],
  UDP: ['udp'],
  TCP_UDP: ['tcp', 'udp'],
} as const;

function sourcesOf({ sourceRanges, prefixLists, dualstack }: FrontendInput): readonly RuleSource[] {
  const everyone = dualstack ? ['0.0.0.0/0', '::/0'] : ['0.0.0.0/0'];
  const cidrs = sourceRanges.length === 0 && prefixLists.length === 0 ? everyone : sourceRanges;
  return [...cidrs.map(cidr => ({ cidr })), ...prefixLists.map(prefixList => ({ prefixList }))];
}

function pathMtuRule(source: RuleSource): IngressRule {
  return 'cidr' in source && source.cidr.includes(':')
    ? { protocol: 'icmpv6', fromPort: 2, toPort: 0, source }
    : { protocol: 'icmp', fromPort: 3, toPort: 4, source };
}

/** A port that a target has to let the balancer in at. */
export interface TargetPort {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/**
 * What nodes let in from the cluster's shared group, for all its balancers: the range of node ports and kube-proxy's health, and one range
 * more per protocol where pods or health checks use other ports. So many rules, however many Services. Pure.
 */
export function nodeRules(backendGroupId: string, ports: readonly TargetPort[]): readonly IngressRule[] {
  const source = { securityGroup: backendGroupId };
  const ranges: readonly Omit<IngressRule, 'source'>[] = [
    { protocol: 'tcp', fromPort: nodePortRange.from, toPort: nodePortRange.to },
    { protocol: 'udp', fromPort: nodePortRange.from, toPort: nodePortRange.to },
    { protocol: 'tcp', fromPort: proxyHealthPort, toPort: proxyHealthPort },
    ...(['tcp', 'udp'] as const).flatMap(protocol => rangeOver(protocol, ports)),
  ];
  return unique(ranges.map(range => ({ ...range, source })));
}

function rangeOver(protocol: 'tcp' | 'udp', ports: readonly TargetPort[]): readonly Omit<IngressRule, 'source'>[] {
  const others = ports.filter(one => one.protocol === protocol && !isAlwaysOpen(one)).map(({ port }) => port);
  if (others.length === 0) return [];
  return [{ protocol, fromPort: Math.min(...others), toPort: Math.max(...others) }];
}

function isAlwaysOpen({ protocol, port }: TargetPort): boolean {
  return (port >= nodePortRange.from && port <= nodePortRange.to) || (protocol === 'tcp' && port === proxyHealthPort);
}

/** The ports at which one balancer's targets are reached and asked for their health. Pure. */
export function portsBehind({ targetGroups }: Pick<DesiredBalancer, 'targetGroups'>): readonly TargetPort[] {
  return targetGroups.flatMap(({ protocol, healthCheck, targets }) => {
    const traffic = [...new Set(targets.map(target => target.port))];
    const health = healthCheck.port === 'traffic-port' ? traffic : [Number(healthCheck.port)];
    return [
      ...traffic.flatMap(port => transports[protocol].map(transport => ({ protocol: transport, port }))),
      ...health.map(port => ({ protocol: 'tcp' as const, port })),
    ];
  });
}

function unique(rules: readonly IngressRule[]): readonly IngressRule[] {
  const byText = new Map(rules.map(rule => [ruleKey(rule), rule]));
  return [...byText].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, rule]) => rule);
}

/** Two rules are the same permission when this is equal. */
export function ruleKey({ protocol, fromPort, toPort, source }: IngressRule): string {
  const from = 'cidr' in source ? source.cidr : 'prefixList' in source ? source.prefixList : source.securityGroup;
  return `${protocol} ${String(fromPort).padStart(5, '0')}-${String(toPort).padStart(5, '0')} ${from}`;
}
