import type { LoadBalancer, Warning } from '../../../../src/provider/provider.ts';
import { annotationKey } from '../../annotations/annotation-table.ts';
import type { Settings, TargetKind } from '../../annotations/settings.ts';
import type { AwsProtocol, Target } from '../../model/desired.ts';
import { isNamed, type ServedPort } from '../choose-listeners.ts';

export interface TargetAttributesInput {
  readonly served: ServedPort;
  /** Of the target group. */
  readonly protocol: AwsProtocol;
  readonly kind: TargetKind;
  readonly targets: readonly Target[];
  readonly loadBalancer: Pick<LoadBalancer, 'externalTrafficPolicy' | 'sessionAffinity'>;
  readonly settings: Pick<Settings, 'targetGroupAttributes' | 'targetGroupAttributesOf' | 'proxyProtocol'>;
}

export interface TargetAttributes {
  readonly attributes: Readonly<Record<string, string>>;
  readonly warnings: readonly Warning[];
  readonly faults: readonly string[];
}

const preserve = 'preserve_client_ip.enabled';

/**
 * What a target group is to have beside AWS's defaults. Pure. The later wins:
 *
 * | from                                                    | attributes                                       |
 * |---------------------------------------------------------|--------------------------------------------------|
 * | affinity ClientIP, without TLS                          | stickiness by source address                     |
 * | policy Local, targets by address, all of them in the VPC, TCP | the client's address is kept                |
 * | annotation for all, then the one for the port           | as given                                         |
 * | annotations for the PROXY protocol                      | `proxy_protocol_v2.enabled`                      |
 *
 * UDP keeps the client's address always: a fault where it is not to.
 */
export function chooseTargetAttributes(input: TargetAttributesInput): TargetAttributes {
  const { served, protocol, settings } = input;
  const attributes = {
    ...stickiness(input),
    ...clientAddress(input),
    ...settings.targetGroupAttributes,
    ...settings.targetGroupAttributesOf[String(served.port)],
    ...proxyProtocol(served, settings.proxyProtocol),
  };
  const isUdp = protocol === 'UDP' || protocol === 'TCP_UDP';
  const refused = isUdp && attributes[preserve] === 'false';
  return {
    attributes: Object.fromEntries(Object.entries(attributes).toSorted(([one], [other]) => (one < other ? -1 : 1))),
    warnings: affinityWarnings(input),
    faults: refused
      ? [
          `${annotationKey('targetGroupAttributes')}: ${preserve} cannot be false for port ${served.port}, which has UDP`,
        ]
      : [],
  };
}

function isTls({ served, protocol }: TargetAttributesInput): boolean {
  return served.protocol === 'TLS' || protocol === 'TLS';
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html: no stickiness with TLS. */
function stickiness(input: TargetAttributesInput): Readonly<Record<string, string>> {
  if (input.loadBalancer.sessionAffinity.type === 'None' || isTls(input)) return {};
  return { 'stickiness.enabled': 'true', 'stickiness.type': 'source_ip' };
}

function affinityWarnings(input: TargetAttributesInput): readonly Warning[] {
  if (input.loadBalancer.sessionAffinity.type === 'None' || !isTls(input)) return [];
  const message = `port ${input.served.port}: AWS keeps no client with its target where TLS ends at the balancer`;
  return [{ reason: 'SessionAffinityNotSupported', message }];
}

/** AWS keeps addresses by itself for instances and UDP, and cannot for targets outside the VPC. */
function clientAddress({
  kind,
  protocol,
  targets,
  loadBalancer,
}: TargetAttributesInput): Readonly<Record<string, string>> {
  const byAddress = kind !== 'instance' && (protocol === 'TCP' || protocol === 'TLS');
  const within = targets.every(({ zone }) => zone !== 'all');
  return byAddress && within && loadBalancer.externalTrafficPolicy === 'Local' ? { [preserve]: 'true' } : {};
}

function proxyProtocol(served: ServedPort, asked: Settings['proxyProtocol']): Readonly<Record<string, string>> {
  if (asked === 'none') return {};
  const on = asked === 'all' || asked.ports.some(name => served.ports.some(port => isNamed(port, name)));
  return { 'proxy_protocol_v2.enabled': String(on) };
}
