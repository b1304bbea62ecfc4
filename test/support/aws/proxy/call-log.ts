/** One request, as the proxy saw it. Times are in milliseconds of `performance.now()`. */
export interface AwsCall {
  readonly service: 'elasticloadbalancing' | 'ec2';
  readonly action: string;
  /** As on the wire: `Tags.member.1.Key`, `Filter.1.Name`. */
  readonly params: Readonly<Record<string, string>>;
  readonly isMutation: boolean;
  readonly at: number;
  /** When its answer went out; `undefined` while it has none, or lost it. */
  endedAt?: number;
  /** HTTP's; 0: the connection was reset. */
  status?: number;
  /** AWS's code, where it was refused. */
  code?: string;
}

/** All requests, by arrival. */
export class CallLog {
  readonly calls: AwsCall[] = [];

  get mutations(): readonly AwsCall[] {
    return this.calls.filter(({ isMutation }) => isMutation);
  }

  /** What came after: `const since = log.mark(); …; since()`. */
  mark(): () => readonly AwsCall[] {
    const from = this.calls.length;
    return () => this.calls.slice(from);
  }
}

/** How often each action was asked for. */
export function countByAction(calls: readonly AwsCall[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { action } of calls) counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}

/**
 * The longest chain of calls each of which began when the one before had its answer: the critical path, where every answer takes a while
 * (`delays` of the proxy, or latencies of the fake), so that what does not wait for one another overlaps.
 */
export function criticalPath(calls: readonly AwsCall[]): number {
  const depths: { readonly endedAt: number; readonly depth: number }[] = [];
  for (const { at, endedAt = Number.POSITIVE_INFINITY } of calls) {
    const before = depths.filter(other => other.endedAt <= at).map(({ depth }) => depth);
    depths.push({ endedAt, depth: Math.max(0, ...before) + 1 });
  }
  return Math.max(0, ...depths.map(({ depth }) => depth));
}
