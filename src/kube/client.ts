import type { Status, WatchEvent } from './objects.ts';

/** One request to the API server. */
export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Without host and query: `/api/v1/namespaces/default/services/web`. Built with `objectPath`, which escapes names. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds until the request is aborted. Default 5,000 for writes (see `writeDeadlineMs`), 30,000 for reads. */
  readonly deadlineMs?: number;
  /** Called right before the request goes onto the wire, after any waiting for a connection; a throw cancels it. */
  readonly guard?: () => void;
}

export interface WatchRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** The stream fails when nothing, not even a bookmark, has arrived for so long. */
  readonly idleDeadlineMs: number;
}

/**
 * The API server, as everything above it sees it: the real one over HTTPS (`connection.ts`), or the in-process one of the simulation.
 * Both answer with parsed JSON and fail with a `KubeError`.
 */
export interface KubeClient {
  request<Answer>(request: KubeRequest): Promise<Answer>;
  /** Yields until the server ends the stream (a normal end) or it fails (a `KubeError`). */
  watch<Kind>(request: WatchRequest): AsyncIterable<WatchEvent<Kind>>;
}

/**
 * No writing request may live longer than the time between the end of our right to lead and the earliest moment at which another may
 * begin: Lease duration (15 s) − renew deadline (10 s).
 */
export const writeDeadlineMs = 5_000;

/** Media types of the three patches the API server understands (KEP-555 and the API conventions). */
export const patchType = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategicMerge: 'application/strategic-merge-patch+json',
} as const;

/** A refusal by the API server (`status` is HTTP's) or a request that got no answer (`status` 0). */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  /** `NotFound`, `Conflict`, `Invalid`, `Expired`, …; `Timeout`, `Unreachable` or `Cancelled` where there was no answer. */
  readonly reason: string;
  /** From Retry-After. */
  readonly retryAfterMs: number | undefined;
  readonly causes: NonNullable<Status['details']>['causes'];

  constructor(status: number, reason: string, message: string, more: KubeErrorDetails = {}) {
    super(message, { cause: more.cause });
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = more.retryAfterMs;
    this.causes = more.causes;
  }
}

export interface KubeErrorDetails {
  readonly cause?: unknown;
  readonly retryAfterMs?: number | undefined;
  readonly causes?: NonNullable<Status['details']>['causes'];
}

/** HTTP status of an error of the API server, or `undefined` for any other error. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof KubeError ? error.status : undefined;
}

/** Joins path segments, escaping each: object names come from tenants. */
export function objectPath(base: string, ...segments: readonly string[]): string {
  return [base, ...segments.map(encodeURIComponent)].join('/');
}
