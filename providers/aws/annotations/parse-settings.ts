import type { Warning } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import { type AnnotationName, annotationKey } from './annotation-table.ts';
import { type Given, type ReadAnnotations, readAnnotations } from './read-annotations.ts';
import type { HealthCheckSettings, Settings, TlsSettings } from './settings.ts';
import type { Entries } from './value-syntax.ts';

export interface ParsedSettings {
  readonly settings: Settings;
  readonly warnings: readonly Warning[];
}

/**
 * What a Service's annotations ask for. Pure. Throws a ProviderError `unsupported` that names everything that is wrong, and nothing else;
 * what is not supported or without effect is a Warning.
 *
 * | annotations                                  | →                                                     |
 * |----------------------------------------------|-------------------------------------------------------|
 * | absent, or blank                             | not asked for                                         |
 * | a bad value                                  | error: annotation, value, what is allowed             |
 * | `internal` and `scheme`                      | `scheme`                                              |
 * | `type: nlb-ip`, and `nlb-target-type`        | `nlb-target-type`                                     |
 * | an annotation for one attribute, and a map   | the annotation                                        |
 * | unsupported or unknown under the prefix      | one Warning that names them all                       |
 * | `ssl-ports` and the like without `ssl-cert`  | a Warning: without effect                             |
 */
export function parseSettings(annotations: Readonly<Record<string, string>>): ParsedSettings {
  const read = readAnnotations(annotations);
  if (read.faults.length > 0) throw new ProviderError('unsupported', faultsText(read.faults));
  return { settings: settingsOf(read), warnings: warningsOf(read) };
}

/** Several faults in one line. */
export function faultsText(faults: readonly string[]): string {
  return faults.length === 1 ? faults.join('') : `${faults.length} faults: ${faults.join('; ')}`;
}

function settingsOf({ given, targetGroupAttributesOf }: ReadAnnotations): Settings {
  const scheme =
    given.scheme ?? (given.internal === undefined ? undefined : given.internal ? 'internal' : 'internet-facing');
  const targetKind = given.targetType ?? (given.type === 'pods' ? 'ip' : undefined);
  const tls = tlsOf(given);
  return {
    ...defined({ scheme, targetKind, name: given.name, addressType: given.addressType, tls }),
    ...defined({
      subnets: filled(given.subnets),
      elasticAddresses: filled(given.elasticAddresses),
      privateIpv4: filled(given.privateIpv4),
      ipv6: filled(given.ipv6),
      securityGroups: filled(given.securityGroups),
    }),
    manageBackendRules: given.manageBackendRules ?? false,
    withoutSecurityGroups: given.withoutSecurityGroups ?? false,
    prefixLists: given.prefixLists ?? [],
    pathMtuDiscovery: given.pathMtuDiscovery ?? false,
    attributes: attributesOf(given),
    tags: given.tags ?? {},
    targetGroupAttributes: given.targetGroupAttributes ?? {},
    targetGroupAttributesOf,
    proxyProtocol: proxyProtocolOf(given),
    mergeTcpUdp: given.mergeTcpUdp ?? true,
    healthCheck: healthCheckOf(given),
  };
}

function attributesOf(given: Given): Entries {
  const { crossZone, logsEnabled, logsBucket, logsPrefix } = given;
  return {
    ...given.attributes,
    ...(crossZone === undefined ? {} : { 'load_balancing.cross_zone.enabled': String(crossZone) }),
    ...(logsEnabled === undefined ? {} : { 'access_logs.s3.enabled': String(logsEnabled) }),
    ...(logsBucket === undefined ? {} : { 'access_logs.s3.bucket': logsBucket }),
    ...(logsPrefix === undefined ? {} : { 'access_logs.s3.prefix': logsPrefix }),
  };
}

function proxyProtocolOf({ proxyProtocol, proxyProtocolPorts }: Given): Settings['proxyProtocol'] {
  if (proxyProtocol !== undefined) return 'all';
  const ports = filled(proxyProtocolPorts);
  return ports === undefined ? 'none' : { ports };
}

function tlsOf(given: Given): TlsSettings | undefined {
  const certificates = filled(given.certificates);
  if (certificates === undefined) return undefined;
  const ports = given.tlsPorts?.includes('*') ? undefined : filled(given.tlsPorts);
  return {
    certificates,
    encryptsTargets: given.backendProtocol === 'ssl',
    ...defined({ ports, sslPolicy: given.sslPolicy, alpnPolicy: given.alpnPolicy }),
  };
}

const protocols = { tcp: 'TCP', http: 'HTTP', https: 'HTTPS' } as const;

function healthCheckOf(given: Given): HealthCheckSettings {
  return defined({
    protocol: given.healthProtocol === undefined ? undefined : protocols[given.healthProtocol],
    port: given.healthPort,
    path: given.healthPath,
    successCodes: given.successCodes,
    intervalSeconds: given.healthInterval,
    timeoutSeconds: given.healthTimeout,
    healthyThreshold: given.healthyThreshold,
    unhealthyThreshold: given.unhealthyThreshold,
  });
}

const needCertificates = ['tlsPorts', 'sslPolicy', 'alpnPolicy'] as const satisfies readonly AnnotationName[];

function warningsOf({ given, unsupported, unknown }: ReadAnnotations): readonly Warning[] {
  const warnings: Warning[] = [];
  const named = [...unsupported, ...unknown];
  if (named.length > 0) warnings.push({ reason: 'AnnotationNotSupported', message: `no effect: ${firstOf(named)}` });
  const idle = needCertificates.filter(name => given[name] !== undefined).map(annotationKey);
  if (idle.length > 0 && filled(given.certificates) === undefined)
    warnings.push({
      reason: 'AnnotationWithoutEffect',
      message: `${idle.join(', ')}: no effect without ${annotationKey('certificates')}`,
    });
  return warnings;
}

function firstOf(texts: readonly string[]): string {
  const most = 20;
  const more = texts.length > most ? `; and ${texts.length - most} more` : '';
  return `${texts.slice(0, most).join('; ')}${more}`;
}

function filled(list: readonly string[] | undefined): readonly string[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

/** Without the fields that are not there. */
function defined<Fields extends object>(
  fields: Fields,
): { readonly [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}
