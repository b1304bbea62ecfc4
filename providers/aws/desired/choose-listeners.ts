import { printable } from '../../../src/provider/adapter/printable.ts';
import type { IngressPort, Listener, Warning } from '../../../src/provider/provider.ts';
import { annotationKey } from '../annotations/annotation-table.ts';
import type { Settings, TlsSettings } from '../annotations/settings.ts';
import type { AwsProtocol, DesiredListener } from '../model/desired.ts';

export type PortError = Required<IngressPort>;

export interface ListenersInput {
  readonly listeners: readonly Listener[];
  readonly settings: Pick<Settings, 'tls' | 'mergeTcpUdp'>;
  /** Where the targets are reached for a port: two ports with one answer can be one listener. */
  readonly reachedAt: (listener: Listener) => string;
}

/** A listener, and the Service's ports that it stands for: two of them with TCP_UDP. */
export interface ServedPort extends Omit<DesiredListener, 'targetGroup'> {
  readonly ports: readonly [Listener, ...Listener[]];
}

export interface ListenerChoice {
  /** Sorted by port. */
  readonly served: readonly ServedPort[];
  readonly portErrors: readonly PortError[];
  readonly warnings: readonly Warning[];
  readonly faults: readonly string[];
}

/**
 * The listeners of a balancer: one for each port number, since AWS has no more. Pure.
 *
 * | ports of one number                   | →                                                            |
 * |---------------------------------------|--------------------------------------------------------------|
 * | TCP                                   | TCP, or TLS where a certificate is given for it              |
 * | UDP                                   | UDP                                                          |
 * | TCP and UDP, targets at the same port | TCP_UDP                                                      |
 * | TCP and UDP, targets at unequal ports | the first in the Service; an error for the other             |
 * | TCP and UDP, merging forbidden        | likewise                                                     |
 * | TLS and UDP                           | likewise: there is no such listener                          |
 */
export function chooseListeners(input: ListenersInput): ListenerChoice {
  const { tls } = input.settings;
  const portErrors: PortError[] = [];
  const byNumber = Map.groupBy(input.listeners, ({ port }) => port);
  const served = [...byNumber.values()].flatMap(ports => {
    const [first, second] = ports;
    if (first === undefined) return [];
    if (second === undefined) return [servedBy([first], input)];
    const error = whyNotOne(first, second, input);
    if (error === undefined) return [servedBy([first, second], input)];
    portErrors.push({ port: second.port, protocol: second.protocol, error });
    return [servedBy([first], input)];
  });
  return {
    served: served.toSorted((one, other) => one.port - other.port),
    portErrors,
    warnings: portErrors.map(one => ({ reason: 'PortNotServed', message: messageOf(one) })),
    faults: tls?.ports === undefined ? [] : tlsPortFaults(tls.ports, input.listeners),
  };
}

function whyNotOne(first: Listener, second: Listener, input: ListenersInput): string | undefined {
  if (isTls(first, input.settings.tls) || isTls(second, input.settings.tls)) return 'TlsBesideUdp';
  if (!input.settings.mergeTcpUdp) return 'TcpUdpForbidden';
  return input.reachedAt(first) === input.reachedAt(second) ? undefined : 'NodePortsDiffer';
}

function messageOf({ port, protocol, error }: PortError): string {
  const because: Readonly<Record<string, string>> = {
    TlsBesideUdp: 'AWS has no listener for TLS and UDP of one port: use another port, or another Service',
    TcpUdpForbidden: `${annotationKey('mergeTcpUdp')} is false: take it away, or use another port`,
    NodePortsDiffer:
      'TCP and UDP of one port need the same node port, or the same port of the pods: set nodePort of both to one number',
  };
  return `port ${port}/${protocol} is not served: ${because[error] ?? error}`;
}

function servedBy(ports: readonly [Listener, ...Listener[]], { settings: { tls } }: ListenersInput): ServedPort {
  const [first] = ports;
  const protocol = awsProtocolOf(ports, tls);
  if (protocol !== 'TLS' || tls === undefined) return { port: first.port, protocol, certificates: [], ports };
  return {
    port: first.port,
    protocol,
    certificates: tls.certificates,
    sslPolicy: tls.sslPolicy ?? defaultSslPolicy,
    ...(tls.alpnPolicy !== undefined && { alpnPolicy: tls.alpnPolicy }),
    ports,
  };
}

/** AWS's own where none is named, and the peers': https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html */
const defaultSslPolicy = 'ELBSecurityPolicy-2016-08';

function awsProtocolOf(ports: readonly [Listener, ...Listener[]], tls: TlsSettings | undefined): AwsProtocol {
  if (ports.length > 1) return 'TCP_UDP';
  const [first] = ports;
  if (first.protocol === 'UDP') return 'UDP';
  return isTls(first, tls) ? 'TLS' : 'TCP';
}

function isTls(listener: Listener, tls: TlsSettings | undefined): boolean {
  if (tls === undefined || listener.protocol !== 'TCP') return false;
  return tls.ports?.some(name => isNamed(listener, name)) ?? true;
}

/** Whether a text is the number or the name of a port. */
export function isNamed({ port, name }: Listener, text: string): boolean {
  return text === String(port) || (name !== '' && text === name);
}

function tlsPortFaults(names: readonly string[], listeners: readonly Listener[]): readonly string[] {
  const unknown = names.filter(name => !listeners.some(one => one.protocol === 'TCP' && isNamed(one, name)));
  return unknown.map(
    name =>
      `${annotationKey('tlsPorts')}: the Service has no TCP port ${printable(name)}: it has ${portList(listeners)}`,
  );
}

export function portList(listeners: readonly Listener[]): string {
  return listeners
    .map(({ port, protocol, name }) => `${port}/${protocol}${name === '' ? '' : ` (${name})`}`)
    .join(', ');
}
