import type { ObjectMeta } from './objects.ts';

export interface EventContent {
  readonly type: 'Normal' | 'Warning';
  /** A CamelCase word. */
  readonly reason: string;
  /** For people; cut to 1,024 bytes, the API server's limit. */
  readonly message: string;
}

/** The object an Event is about. */
export interface EventSubject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: ObjectMeta;
}

/** What is kept of the object: not the object itself, which would keep an old version in memory. */
export interface InvolvedObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

export function involvedObjectOf({ kind, apiVersion, metadata }: EventSubject): InvolvedObject {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { kind, apiVersion, name, ...(namespace !== undefined && { namespace }), uid, resourceVersion };
}

export interface EventSource {
  readonly component: string;
  /** Which replica. */
  readonly identity: string;
}

export interface Occurrences {
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** A core/v1 Event with the fields that client-go's recorder fills. Events about cluster-scoped objects live in `default`. */
export function eventBody(
  name: string,
  about: InvolvedObject,
  content: EventContent,
  seen: Occurrences,
  source: EventSource,
): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: namespaceOf(about) },
    involvedObject: about,
    type: content.type,
    reason: content.reason,
    message: content.message,
    source: { component: source.component, host: source.identity },
    reportingComponent: source.component,
    reportingInstance: source.identity,
    firstTimestamp: seconds(seen.firstMs),
    ...occurrencesPatch(seen),
  };
}

export function occurrencesPatch({ count, lastMs }: Occurrences): {
  readonly count: number;
  readonly lastTimestamp: string;
} {
  return { count, lastTimestamp: seconds(lastMs) };
}

export function namespaceOf(about: InvolvedObject): string {
  return about.namespace ?? 'default';
}

/** `<object's name>.<hex>`, at most 253 characters, the limit of a name; a cut leaves no separator before the dot. */
export function eventName(objectName: string, unique: bigint): string {
  return `${objectName.slice(0, 220).replace(/[-.]+$/, '')}.${unique.toString(16)}`;
}

/** At most `most` bytes of UTF-8, cut between two characters. */
export function cutToBytes(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  let end = most;
  // Bytes 10xxxxxx continue a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/** metav1.Time. */
function seconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
