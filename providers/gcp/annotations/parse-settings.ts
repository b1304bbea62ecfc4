import { printable } from '../../../src/provider/adapter/printable.ts';
import { type Parsed, type Syntax } from '../../../src/provider/adapter/value-syntax.ts';
import type { Warning } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import {
  type AnnotationName,
  annotationPrefixes,
  annotationTable,
  unsupportedAnnotations,
} from './annotation-table.ts';
import type { HealthCheckSettings, Settings } from './settings.ts';
import { longestValue } from './value-syntax.ts';

export interface ParsedSettings {
  readonly settings: Settings;
  readonly warnings: readonly Warning[];
}

type ValueOf<S> = S extends Syntax<infer Value> ? Value : never;
type Given = { readonly [Name in AnnotationName]?: ValueOf<(typeof annotationTable)[Name]['syntax']> };

interface Read {
  readonly given: Given;
  /** One line for each bad value: annotation, value, what is allowed. */
  readonly faults: readonly string[];
  /** With the reason. */
  readonly unsupported: readonly string[];
}

const names = new Map<string, AnnotationName>(
  (Object.keys(annotationTable) as AnnotationName[]).map(name => [annotationTable[name].key, name]),
);

/** Ours end so; under the others' prefixes stands much that is not about balancers like these. */
const ownPrefix = annotationPrefixes.at(-1) ?? '';

/**
 * What a Service's annotations ask for. Pure. Throws a ProviderError `unsupported` that names everything that is wrong, and nothing else;
 * what is not supported is a Warning.
 *
 * | annotations                                        | →                                         |
 * |----------------------------------------------------|-------------------------------------------|
 * | absent, or blank                                   | not asked for                             |
 * | a bad value                                        | error: annotation, value, what is allowed |
 * | an older spelling and its successor                | the successor                             |
 * | GKE's for balancers like these, not supported here | one Warning that names them all           |
 * | of ours and unknown                                | the same Warning                          |
 * | GKE's for other things: Ingress, NEGs              | nothing                                   |
 */
export function parseSettings(annotations: Readonly<Record<string, string>>): ParsedSettings {
  const { given, faults, unsupported } = readAnnotations(annotations);
  const wrong = [...faults, ...faultsTogether(given)];
  if (wrong.length > 0) throw new ProviderError('unsupported', faultsText(wrong));
  return { settings: settingsOf(given), warnings: unsupported.length > 0 ? [notSupported(unsupported)] : [] };
}

/** Several faults in one line. */
export function faultsText(faults: readonly string[]): string {
  return faults.length === 1 ? faults.join('') : `${faults.length} faults: ${faults.join('; ')}`;
}

function readAnnotations(annotations: Readonly<Record<string, string>>): Read {
  const given = new Map<AnnotationName, unknown>();
  const faults: string[] = [];
  const unsupported: string[] = [];
  for (const [key, value] of Object.entries(annotations).toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const name = names.get(key);
    const reason = Object.hasOwn(unsupportedAnnotations, key) ? unsupportedAnnotations[key] : undefined;
    if (name !== undefined) {
      if (value.trim() === '') continue;
      const parsed = parse(annotationTable[name].syntax, value);
      if ('fault' in parsed) faults.push(`${key}: ${parsed.fault}`);
      else given.set(name, parsed.value);
    } else if (reason !== undefined) unsupported.push(`${key} (${reason})`);
    else if (key.startsWith(ownPrefix)) unsupported.push(`${shownKey(key)} (not known)`);
  }
  return { given: Object.fromEntries(given) as Given, faults, unsupported };
}

function parse(syntax: Syntax<unknown>, text: string): Parsed<unknown> {
  return text.length > longestValue
    ? { fault: `${printable(text)} is too long: at most ${longestValue} characters` }
    : syntax.parse(text.trim());
}

function faultsTogether({ healthInterval, healthTimeout = 1 }: Given): readonly string[] {
  return healthInterval !== undefined && healthTimeout > healthInterval
    ? [`${annotationTable.healthTimeout.key}: ${healthTimeout} s is longer than the interval of ${healthInterval} s`]
    : [];
}

function settingsOf(given: Given): Settings {
  return {
    ...defined({
      scheme: given.type ?? given.typeAlias,
      tier: given.tier,
      subnet: given.subnet ?? given.internalSubnet,
      ports: given.ports,
      mixedProtocols: given.mixedProtocols,
      mode: given.mode,
      drainSeconds: given.drainSeconds,
    }),
    addressNames: given.addresses ?? [],
    globalAccess: given.globalAccess ?? false,
    weighted: given.weighted !== undefined,
    strongAffinity: given.strongAffinity !== undefined,
    keepAddress: given.keepAddress ?? false,
    healthCheck: healthCheckOf(given),
  };
}

function healthCheckOf(given: Given): HealthCheckSettings {
  return defined({
    protocol: given.healthProtocol,
    port: given.healthPort,
    path: given.healthPath,
    intervalSeconds: given.healthInterval,
    timeoutSeconds: given.healthTimeout,
    healthyThreshold: given.healthyThreshold,
    unhealthyThreshold: given.unhealthyThreshold,
  });
}

function notSupported(named: readonly string[]): Warning {
  const most = 20;
  const more = named.length > most ? `; and ${named.length - most} more` : '';
  return { reason: 'AnnotationNotSupported', message: `no effect: ${named.slice(0, most).join('; ')}${more}` };
}

/** In quotes only where it is not printable as it is. */
function shownKey(key: string): string {
  return /^[\w./-]{1,100}$/.test(key) ? key : printable(key);
}

/** Without the fields that are not there. */
function defined<Fields extends object>(
  fields: Fields,
): { readonly [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}
