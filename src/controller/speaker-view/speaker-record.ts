import { normalAddress } from '../../plan/cidr.ts';
import type { Resource, ResourceKind } from '../../provider/provider.ts';

export const speakersKind: ResourceKind = { group: 'fairlead.dev', version: 'v1beta1', plural: 'speakers' };

/** What a Speaker object says of its node. */
export interface SpeakerRecord {
  readonly node: string;
  readonly isDrained: boolean;
  /** Unix milliseconds since which its record is kept; undefined: it keeps none. */
  readonly since: number | undefined;
  /** Address → Unix milliseconds of the claim. */
  readonly claims: ReadonlyMap<string, number>;
  /** False: it claims more than is listed. */
  readonly isComplete: boolean;
}

const made = new WeakMap<Resource, SpeakerRecord>();

/** Reads what other speakers have written, with bounds; the same object is read once. */
export function speakerRecord(resource: Resource): SpeakerRecord {
  const known = made.get(resource);
  if (known !== undefined) return known;
  const status = recordOf(resource.status);
  const claims = new Map<string, number>();
  const listed = listOf(status['claims']);
  for (const one of listed) {
    const { address, since } = recordOf(one);
    const normal = typeof address === 'string' ? normalAddress(address) : undefined;
    if (normal !== undefined) claims.set(normal, typeof since === 'number' ? since : 0);
  }
  const record = {
    node: resource.name,
    isDrained: recordOf(resource.spec)['drain'] === true,
    since: millisecondsOf(status['since']),
    claims,
    isComplete: status['claimCount'] === undefined || status['claimCount'] === listed.length,
  };
  made.set(resource, record);
  return record;
}

const mostClaims = 100_000;

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, mostClaims) : [];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Of RFC 3339. */
function millisecondsOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
