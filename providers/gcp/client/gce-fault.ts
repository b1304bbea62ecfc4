import { oneLine } from '../../../src/provider/adapter/one-line.ts';

/** What came back from the API, without headers and ids: the `cause` of what `GceApi` throws. */
export class GceFault extends Error {
  override readonly name = 'GceFault';
  /** 0 where nothing came back. */
  readonly http: number;
  /**
   * In one spelling, whether it came as a refusal or in an operation: `alreadyExists`, `resourceInUseByAnotherResource`, `quotaExceeded`. Node's
   * code where nothing came back.
   */
  readonly reason: string;

  constructor(http: number, reason: string, message: string) {
    super(message);
    this.http = http;
    this.reason = reason;
  }
}

interface ErrorBody {
  readonly error?: {
    readonly message?: unknown;
    readonly status?: unknown;
    readonly errors?: readonly { readonly reason?: unknown }[];
    readonly details?: readonly { readonly reason?: unknown }[];
  };
}

/**
 * Reads the body of a refusal. The SDK's own reading of it loses the reason. Pure.
 *
 * | body                                                                            | reason                              |
 * |---------------------------------------------------------------------------------|-------------------------------------|
 * | `{error: {errors: [{reason: 'notFound'}]}}`                                     | `notFound`                          |
 * | `{error: {errors: [{reason: 'rateLimitExceeded'}], details: [{reason: 'CONCURRENT_OPERATIONS_QUOTA_EXCEEDED'}]}}` | `concurrentOperationsQuotaExceeded` |
 * | `{error: {status: 'PERMISSION_DENIED'}}`                                        | `permissionDenied`                  |
 * | anything else                                                                   | `unknown`                           |
 */
export function parseRefusal(http: number, body: string): GceFault {
  const { error } = parseJson(body);
  const detail = error?.details?.map(({ reason }) => reason).find(reason => typeof reason === 'string') ?? '';
  const told =
    detail === 'CONCURRENT_OPERATIONS_QUOTA_EXCEEDED' ? detail : (error?.errors?.[0]?.reason ?? error?.status);
  return new GceFault(http, camelOf(told), oneLine(textOf(error?.message)));
}

function parseJson(body: string): ErrorBody {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    // A proxy on the way answers with a page.
    return {};
  }
}

/** As much of an operation as tells how it has ended. */
export interface EndedOperation {
  readonly error?: { readonly errors?: readonly { readonly code?: string; readonly message?: string }[] };
  readonly httpErrorStatusCode?: number;
}

/** Why an operation has failed; `undefined` where it has not. Pure. */
export function parseOperation({ error, httpErrorStatusCode }: EndedOperation): GceFault | undefined {
  const [first] = error?.errors ?? [];
  if (first === undefined && httpErrorStatusCode === undefined) return undefined;
  return new GceFault(httpErrorStatusCode ?? 400, camelOf(first?.code), oneLine(first?.message ?? ''));
}

/** Reads what a request that got no answer was rejected with: Node's code stands somewhere in its causes. Pure. */
export function parseFailure(error: unknown): GceFault {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { readonly code?: unknown };
    if (typeof code === 'string') return new GceFault(0, code, oneLine(at.message));
  }
  return new GceFault(0, 'unknown', oneLine(error instanceof Error ? error.message : String(error)));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** `RESOURCE_IN_USE_BY_ANOTHER_RESOURCE` → `resourceInUseByAnotherResource`; what is in camel case already stays. Pure. */
function camelOf(reason: unknown): string {
  if (typeof reason !== 'string' || reason === '') return 'unknown';
  if (!/^[A-Z][A-Z0-9_]*$/.test(reason)) return reason;
  return reason.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
