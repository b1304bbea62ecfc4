/** One entry of `error.errors`, and the HTTP status it comes with. */
export interface Refusal {
  readonly http: number;
  /** As in the body of an answer: `alreadyExists`. In an operation the same word is written `ALREADY_EXISTS`. */
  readonly reason: string;
  readonly message: string;
  /** Something is in the way that may be found out only while the operation runs. */
  readonly late?: true;
  /** `google.rpc.ErrorInfo`, where the real API sends one. */
  readonly info?: { readonly reason: string; readonly metadata?: Readonly<Record<string, string>> };
}

/** What the API says no with. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

const refuse =
  (http: number, reason: string) =>
  (message: string): ApiError =>
    new ApiError({ http, reason, message });
const conflict =
  (http: number, reason: string) =>
  (message: string): ApiError =>
    new ApiError({ http, reason, message, late: true });

export const invalid = refuse(400, 'invalid');
export const required = (field: string): ApiError =>
  new ApiError({ http: 400, reason: 'required', message: `Required field '${field}' not specified` });
export const badRequest = (reason: string, message: string): ApiError => refuse(400, reason)(message);
export const inUse = (path: string, user: string): ApiError =>
  conflict(400, 'resourceInUseByAnotherResource')(`The resource '${path}' is already being used by '${user}'`);
export const notReady = (path: string): ApiError =>
  badRequest('resourceNotReady', `The resource '${path}' is not ready`);
export const notFound = (path: string): ApiError => refuse(404, 'notFound')(`The resource '${path}' was not found`);
export const alreadyExists = (path: string): ApiError =>
  refuse(409, 'alreadyExists')(`The resource '${path}' already exists`);
export const conditionNotMet = (field: string): ApiError =>
  refuse(412, 'conditionNotMet')(`Supplied fingerprint does not match current ${field}.`);
export const rateLimited = (limit: string): ApiError =>
  new ApiError({
    http: 403,
    reason: 'rateLimitExceeded',
    message: `Quota exceeded for quota metric '${limit}' and limit '${limit} per minute' of service 'compute.googleapis.com'.`,
    info: { reason: 'RATE_LIMIT_EXCEEDED', metadata: { service: 'compute.googleapis.com', quota_metric: limit } },
  });
export const overQuota = (metric: string, limit: number): ApiError =>
  conflict(403, 'quotaExceeded')(`Quota '${metric}' exceeded.  Limit: ${limit}.0 in region.`);
/** External addresses conflict with 400, internal ones with 409. */
export const ipConflict = conflict(400, 'invalid');
export const internalIpConflict = conflict(409, 'IP_IN_USE_BY_ANOTHER_RESOURCE');
export const twoBalancedGroups = (instance: string): ApiError =>
  conflict(
    400,
    'instanceInMultipleLoadBalancedIgs',
  )(`Instance '${instance}' may belong to at most one load-balanced instance group.`);
export const forbidden = (permission: string, path: string): ApiError =>
  refuse(403, 'forbidden')(`Required '${permission}' permission for '${path}'`);

/** The body of an answer. */
export function errorBody({ http, reason, message, info }: Refusal): object {
  const details =
    info === undefined
      ? {}
      : { details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', domain: 'googleapis.com', ...info }] };
  return { error: { code: http, message, errors: [{ message, domain: 'global', reason }], ...details } };
}

/** The fields of an operation that has failed. */
export function operationError({ http, reason, message }: Refusal): object {
  const code = /^[A-Z_]+$/.test(reason) ? reason : reason.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase();
  return {
    error: { errors: [{ code, message }] },
    httpErrorStatusCode: http,
    httpErrorMessage: reasonPhrases[http] ?? 'ERROR',
  };
}

const reasonPhrases: Readonly<Record<number, string>> = {
  400: 'BAD REQUEST',
  403: 'FORBIDDEN',
  404: 'NOT FOUND',
  409: 'CONFLICT',
  412: 'PRECONDITION FAILED',
  500: 'INTERNAL SERVER ERROR',
  503: 'SERVICE UNAVAILABLE',
};
