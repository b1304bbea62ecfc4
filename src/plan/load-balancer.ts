import type { Service } from '../kube/objects.ts';
import type {
  Backend,
  Capabilities,
  Endpoint,
  IpFamily,
  Listener,
  LoadBalancer,
  LoadBalancerRef,
  Warning,
} from '../provider/provider.ts';
import type { AllowedAnnotations } from './annotation-policy.ts';
import { familyOf, parseCidr } from './cidr.ts';
import { publishedIngress } from './ingress.ts';
import { annotations, type ConditionReason, standard } from './words.ts';

/** The nodes behind a group of Services. */
export interface BackendSet {
  /** One frozen array for all of them. */
  readonly backends: readonly Backend[];
  /** Text of the selector that chose them. */
  readonly selector: string;
  /** Grows with every change of this selector's `backends`. */
  readonly version: number;
}

export interface DesiredInput {
  readonly service: Service;
  readonly cluster: string;
  readonly capabilities: Capabilities;
  readonly backendSet: BackendSet;
  readonly annotations: AllowedAnnotations;
  readonly adopt: boolean;
  readonly digest: Digest;
}

/** A short text in the place of a long one: equal for equal texts, and for no others. Without `|`. */
export type Digest = (text: string) => string;

export type Desired =
  | {
      readonly loadBalancer: LoadBalancer;
      /** Equal fingerprints ask for the same thing, and leave the same things to be told. Kept for each Service, hence short. */
      readonly fingerprint: string;
      readonly warnings: readonly Warning[];
      /** Ports left out because the provider cannot serve them. */
      readonly portErrors: readonly PortError[];
    }
  | { readonly refused: ConditionReason; readonly message: string };

export interface PortError {
  readonly port: number;
  readonly protocol: Listener['protocol'];
  readonly error: string;
}

/**
 * Makes a name out of a UID (RFC 9562 text form): `fl-` and 25 characters of base 36, so no bit of the UID is lost.
 * DNS-safe, 28 characters. Throws where the UID is none: the API server makes no others.
 */
export function idOf(uid: string): string {
  const hex = uid.replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw new Error(`the object's uid is no UUID: ${uid.slice(0, 64)}`);
  return `fl-${BigInt(`0x${hex}`).toString(36).padStart(25, '0')}`;
}

/** `hints`: the annotations that the operator's policy lets through. */
export function refOf(service: Service, cluster: string, hints: Readonly<Record<string, string>>): LoadBalancerRef {
  const { namespace = '', name, uid } = service.metadata;
  return deepFreeze({ id: idOf(uid), cluster, service: { namespace, name, uid }, annotations: { ...hints } });
}

/** The same, from the value that was made for the Service. */
export function refTo({ id, cluster, service, annotations: hints }: LoadBalancer): LoadBalancerRef {
  const { namespace, name, uid } = service;
  return deepFreeze({ id, cluster, service: { namespace, name, uid }, annotations: hints });
}

/**
 * What should exist for a Service, or why nothing can. Pure.
 *
 * | Service asks for                                | provider can        | →                                             |
 * |-------------------------------------------------|---------------------|-----------------------------------------------|
 * | an unreadable source range                      |                     | refused: nothing may be opened by mistake     |
 * | an address that is none                         |                     | refused                                       |
 * | families                                        | none of them        | refused                                       |
 * | families                                        | some of them        | those, with a warning                         |
 * | protocols                                       | not all, none published | refused: rather nothing than half          |
 * | protocols                                       | not all, published  | the others, with an error for each port       |
 * | TCP and UDP                                     | no mixed protocols  | as above; the first port's protocol is kept   |
 */
export function desiredLoadBalancer(input: DesiredInput): Desired {
  const { service, capabilities } = input;
  const ranges = sourceRangesOf(service);
  if (ranges === undefined) return { refused: 'SourceRangesNotSupported', message: badRanges };
  const requested = service.spec.loadBalancerIP ?? '';
  if (requested !== '' && familyOf(requested) === undefined)
    return { refused: 'LoadBalancerIPNotSupported', message: badAddress };
  const families = familiesOf(service, capabilities);
  if (families.length === 0)
    return {
      refused: 'IPFamiliesNotSupported',
      message: `the provider serves ${capabilities.ipFamilies.join(' and ')} only`,
    };
  const ports = listenersOf(service, capabilities);
  if (ports.errors.length > 0 && (publishedIngress(service).length === 0 || ports.listeners.length === 0)) {
    return {
      refused: reasonOf(ports.errors),
      message: `the provider cannot serve ${ports.errors.map(one => `${one.port}/${one.protocol}`).join(', ')}`,
    };
  }
  const wanted = valueOf(input, ranges, families, ports.listeners);
  const warnings = [...input.annotations.refused, ...warningsFor(service, capabilities, families, ranges)];
  return {
    loadBalancer: deepFreeze({ ...wanted, backends: input.backendSet.backends, ingress: publishedIngress(service) }),
    fingerprint: fingerprintOf(input, [wanted, warnings, ports.errors]),
    warnings,
    portErrors: ports.errors,
  };
}

/** Joined, since text that is put together with `+` or in a template keeps its parts in memory. */
function fingerprintOf({ digest, backendSet }: DesiredInput, asked: readonly unknown[]): string {
  return [digest(JSON.stringify(asked)), `${backendSet.selector}#${backendSet.version}`].join('|');
}

/** The same with the pods behind it, for a provider that needs them. */
export function withEndpoints(
  desired: Extract<Desired, { loadBalancer: LoadBalancer }>,
  { endpoints, version }: { readonly endpoints: readonly Endpoint[]; readonly version: string },
): Extract<Desired, { loadBalancer: LoadBalancer }> {
  const loadBalancer = deepFreeze({ ...desired.loadBalancer, endpoints });
  return { ...desired, loadBalancer, fingerprint: [desired.fingerprint, version].join('@') };
}

/**
 * What of two different fingerprints differs: anything but what is behind the Service, the nodes, or only the pods. Pure. Neither the
 * text of a selector nor a version has a `|` or an `@` in it.
 */
export function differenceOf(before: string, now: string): 'service' | 'nodes' | 'endpoints' {
  const cut = (text: string): readonly string[] => {
    const at = text.lastIndexOf('|');
    return [text.slice(0, at), ...text.slice(at + 1).split('@')];
  };
  const [first, second] = [cut(before), cut(now)];
  if (first[0] !== second[0] || first.length !== second.length) return 'service';
  return first[1] === second[1] ? 'endpoints' : 'nodes';
}

/**
 * A balancer whose address is published, for `restore`: the same value, but never refused, because whatever a user has written into the
 * Service since, the address is taken.
 */
export function heldLoadBalancer(input: Omit<DesiredInput, 'digest'>): LoadBalancer {
  const families = familiesOf(input.service, input.capabilities);
  const wanted = valueOf(
    input,
    sourceRangesOf(input.service) ?? [],
    families,
    listenersOf(input.service, input.capabilities).listeners,
  );
  return deepFreeze({ ...wanted, backends: input.backendSet.backends, ingress: publishedIngress(input.service) });
}

type Wanted = Omit<LoadBalancer, 'backends' | 'ingress'>;

function valueOf(
  input: Omit<DesiredInput, 'digest'>,
  sourceRanges: readonly string[],
  ipFamilies: readonly IpFamily[],
  listeners: readonly Listener[],
): Wanted {
  const { service, capabilities } = input;
  const { namespace = '', name, uid, creationTimestamp } = service.metadata;
  const labels = withPrefixes(service.metadata.labels ?? {}, capabilities.labelPrefixes);
  const created = creationTimestamp === undefined ? {} : { createdAt: creationTimestamp };
  return {
    id: idOf(uid),
    cluster: input.cluster,
    service: { namespace, name, uid, labels, ...created },
    listeners,
    ipFamilies,
    ...policiesOf(service),
    requestedAddresses: requestedAddressesOf(service),
    sourceRanges,
    healthCheck: healthCheckOf(service),
    sessionAffinity: affinityOf(service),
    annotations: input.annotations.allowed,
    ...(input.adopt ? { adopt: true } : {}),
  };
}

function policiesOf({ spec }: Service): Pick<Wanted, 'ipFamilyPolicy' | 'externalTrafficPolicy' | 'selector'> {
  const { ipFamilyPolicy, externalTrafficPolicy = 'Cluster', selector = {} } = spec;
  const keys = externalTrafficPolicy === 'Local' ? Object.keys(selector).toSorted() : [];
  return {
    ...(ipFamilyPolicy === undefined ? {} : { ipFamilyPolicy }),
    externalTrafficPolicy,
    ...(keys.length === 0 ? {} : { selector: keys.map(key => `${key}=${selector[key]}`).join(',') }),
  };
}

const badRanges = `a source range cannot be read: give at most 1,000 CIDRs such as 192.0.2.0/24, without leading zeros, in spec.loadBalancerSourceRanges or ${annotations.sourceRanges.key}`;

const mostRanges = 1_000;

const badAddress = 'spec.loadBalancerIP is no IP address: correct it, or remove it and take any address';

/** A tenant writes the field: what is no address goes no further. */
function requestedAddressesOf({ spec: { loadBalancerIP = '' } }: Service): readonly string[] {
  return familyOf(loadBalancerIP) === undefined ? [] : [loadBalancerIP];
}

/** Normalised, sorted, each once; undefined where one cannot be read, or where there are too many. The field wins over the annotation. */
function sourceRangesOf(service: Service): readonly string[] | undefined {
  const field = service.spec.loadBalancerSourceRanges ?? [];
  const annotation = service.metadata.annotations?.[annotations.sourceRanges.key]?.trim() ?? '';
  const texts = field.length > 0 || annotation === '' ? field : annotation.split(',', mostRanges + 1);
  if (texts.length > mostRanges) return undefined;
  const ranges = texts.map(parseCidr);
  return ranges.includes(undefined) ? undefined : [...new Set(ranges.map(range => range?.text ?? ''))].toSorted();
}

function familiesOf(service: Service, capabilities: Capabilities): readonly IpFamily[] {
  const asked = service.spec.ipFamilies ?? ['IPv4'];
  const served = asked.filter(family => capabilities.ipFamilies.includes(family));
  return capabilities.dualStack ? served : served.slice(0, 1);
}

function listenersOf(
  service: Service,
  capabilities: Capabilities,
): { listeners: readonly Listener[]; errors: readonly PortError[] } {
  const listeners: Listener[] = [];
  const errors: PortError[] = [];
  for (const { name = '', protocol = 'TCP', port, nodePort = 0, appProtocol } of service.spec.ports ?? []) {
    const error = portError(protocol, listeners, capabilities);
    if (error !== undefined) errors.push({ port, protocol, error });
    else listeners.push({ name, protocol, port, nodePort, ...(appProtocol === undefined ? {} : { appProtocol }) });
  }
  return { listeners, errors };
}

function portError(
  protocol: Listener['protocol'],
  before: readonly Listener[],
  capabilities: Capabilities,
): string | undefined {
  if (!capabilities.protocols.includes(protocol)) return 'ProtocolNotSupported';
  const mixes = before.some(listener => listener.protocol !== protocol);
  if (mixes && !capabilities.mixedProtocols) return 'LoadBalancerMixedProtocolNotSupported';
  return before.length >= (capabilities.maxListeners ?? Number.POSITIVE_INFINITY) ? 'TooManyPorts' : undefined;
}

function reasonOf(errors: readonly PortError[]): ConditionReason {
  const [first] = errors;
  if (first?.error === 'LoadBalancerMixedProtocolNotSupported') return 'LoadBalancerMixedProtocolNotSupported';
  return first?.error === 'ProtocolNotSupported' ? 'ProtocolNotSupported' : 'Unsupported';
}

function healthCheckOf(service: Service): LoadBalancer['healthCheck'] {
  const local = service.spec.externalTrafficPolicy === 'Local' ? service.spec.healthCheckNodePort : undefined;
  return { path: standard.healthPath, port: local === undefined || local === 0 ? standard.proxyHealthPort : local };
}

function affinityOf(service: Service): LoadBalancer['sessionAffinity'] {
  if (service.spec.sessionAffinity !== 'ClientIP') return { type: 'None' };
  return { type: 'ClientIP', timeoutSeconds: service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800 };
}

function warningsFor(
  service: Service,
  capabilities: Capabilities,
  families: readonly IpFamily[],
  ranges: readonly string[],
): readonly Warning[] {
  const warnings: Warning[] = [];
  const left = (service.spec.ipFamilies ?? []).filter(family => !families.includes(family));
  if (left.length > 0)
    warnings.push({
      reason: 'IPFamiliesNotSupported',
      message: `the provider does not serve ${left.join(', ')} for this Service`,
    });
  if (ranges.length > 0 && !capabilities.sourceRanges) {
    warnings.push({
      reason: 'SourceRangesNotSupported',
      message: 'the provider does not filter by source: only kube-proxy does, for addresses of ipMode VIP',
    });
  }
  if (service.spec.sessionAffinity === 'ClientIP' && !capabilities.sessionAffinity) {
    warnings.push({
      reason: 'SessionAffinityNotSupported',
      message: 'the provider keeps no session affinity: only kube-proxy does, on each node',
    });
  }
  return warnings;
}

function withPrefixes(
  labels: Readonly<Record<string, string>>,
  prefixes: readonly string[],
): Readonly<Record<string, string>> {
  const keys = Object.keys(labels).filter(key => prefixes.some(prefix => key.startsWith(prefix)));
  return Object.fromEntries(keys.toSorted().map(key => [key, labels[key] ?? '']));
}

/** Freezes in depth and stops at what is frozen already: the backends, shared by thousands, are walked once. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const key in value) deepFreeze(value[key]);
  return value;
}
