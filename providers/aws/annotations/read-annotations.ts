import { printable } from '../../../src/provider/adapter/printable.ts';
import { type Parsed, type Syntax } from '../../../src/provider/adapter/value-syntax.ts';
import { type AnnotationName, annotationPrefix, annotationTable, unsupportedAnnotations } from './annotation-table.ts';
import { type Entries, longestValue } from './value-syntax.ts';

/** The values of the annotations that are there, each as its own row in the table reads it. */
export type Given = { readonly [Name in AnnotationName]?: ValueOf<(typeof annotationTable)[Name]['syntax']> };

type ValueOf<S> = S extends Syntax<infer Value> ? Value : never;

export interface ReadAnnotations {
  readonly given: Given;
  readonly targetGroupAttributesOf: Readonly<Record<string, Entries>>;
  /** One line for each bad value: annotation, value, what is allowed. */
  readonly faults: readonly string[];
  /** Known to the peers only, with the reason. */
  readonly unsupported: readonly string[];
  readonly unknown: readonly string[];
}

const names = new Map<string, AnnotationName>(
  (Object.keys(annotationTable) as AnnotationName[]).map(name => [annotationTable[name].suffix, name]),
);

/** A balancer has no more listeners: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html */
const mostPorts = 50;

/** Sorts out a Service's annotations, each under its key; those without the prefix are not ours. Pure, and never throws. */
export function readAnnotations(annotations: Readonly<Record<string, string>>): ReadAnnotations {
  const given = new Map<AnnotationName, unknown>();
  const perPort = new Map<string, Entries>();
  const faults: string[] = [];
  const unsupported: string[] = [];
  const unknown: string[] = [];
  const keep = <Value>(key: string, parsed: Parsed<Value>, to: (value: Value) => void) => {
    if ('fault' in parsed) faults.push(`${key}: ${parsed.fault}`);
    else to(parsed.value);
  };
  for (const [key, value] of Object.entries(annotations).toSorted(byKey)) {
    if (!key.startsWith(annotationPrefix)) continue;
    const suffix = key.slice(annotationPrefix.length);
    const name = names.get(suffix);
    const port = portOf(suffix);
    const reason = reasonAgainst(suffix);
    if (name !== undefined) {
      const syntax: Syntax<unknown> = annotationTable[name].syntax;
      if (value.trim() !== '') keep(key, parse(syntax, value), one => given.set(name, one));
    } else if (port !== undefined && perPort.size < mostPorts) {
      keep(key, parse(annotationTable.targetGroupAttributes.syntax, value), one => perPort.set(port, one));
    } else if (reason !== undefined) unsupported.push(`${shownKey(suffix)} (${reason})`);
    else unknown.push(`${shownKey(suffix)} (not known)`);
  }
  return {
    given: Object.fromEntries(given) as Given,
    targetGroupAttributesOf: Object.fromEntries(perPort),
    faults,
    unsupported,
    unknown,
  };
}

function byKey([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : Number(one > other);
}

function parse<Value>(syntax: Syntax<Value>, text: string): Parsed<Value> {
  if (text.length > longestValue)
    return { fault: `${printable(text)} is too long: at most ${longestValue} characters` };
  return syntax.parse(text.trim());
}

/** `target-group-attributes.443` → `443`. */
function portOf(suffix: string): string | undefined {
  const [, port] = /^target-group-attributes\.([1-9]\d{0,4})$/.exec(suffix) ?? [];
  return port !== undefined && Number(port) <= 65_535 ? port : undefined;
}

function reasonAgainst(suffix: string): string | undefined {
  if (Object.hasOwn(unsupportedAnnotations, suffix)) return unsupportedAnnotations[suffix];
  const group = suffix.slice(0, suffix.indexOf('.') + 1);
  return group !== '' && Object.hasOwn(unsupportedAnnotations, group) ? unsupportedAnnotations[group] : undefined;
}

/** The whole key, in quotes only where it is not printable as it is. */
function shownKey(suffix: string): string {
  return /^[\w.-]{1,63}$/.test(suffix) ? annotationPrefix + suffix : annotationPrefix + printable(suffix);
}
