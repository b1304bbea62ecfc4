import { ProviderError } from '../../../src/provider/provider-error.ts';
import { GceFault } from './gce-fault.ts';
import { type Method, type MethodName, methods } from './methods.ts';

/** A change may have been applied or not: whoever asked for it must look before the next one. */
export class UnknownOutcome extends Error {
  override readonly name: string = 'UnknownOutcome';
}

/** The API has accepted a change, and its operation has not ended so far. Whatever is asked of the same object next waits for it first. */
export class StillRunning extends UnknownOutcome {
  override readonly name = 'StillRunning';
}

/**
 * What a fault means. `throttled`: the API has not looked at it. `refused`: it has said no, and has changed nothing. `unreached`: the request never
 * got there. `unclear`: anything else.
 */
export type Verdict = 'throttled' | 'refused' | 'unreached' | 'unclear';

const throttles = new Set(['rateLimitExceeded', 'userRateLimitExceeded', 'concurrentOperationsQuotaExceeded']);
const neverArrived = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN']);

/**
 * Pure.
 *
 * | reason                               | http | →         |
 * |--------------------------------------|------|-----------|
 * | `rateLimitExceeded`                  | 403  | throttled |
 * | any                                  | 429  | throttled |
 * | `alreadyExists`, `quotaExceeded`, …  | 4xx  | refused   |
 * | `backendError`                       | 503  | unclear   |
 * | `ECONNREFUSED`                       | 0    | unreached |
 * | `ECONNRESET`, no answer in time      | 0    | unclear   |
 */
export function verdictOf({ http, reason }: GceFault): Verdict {
  if (http === 429 || throttles.has(reason)) return 'throttled';
  if (http >= 400 && http < 500) return 'refused';
  return http === 0 && neverArrived.has(reason) ? 'unreached' : 'unclear';
}

/** What `GceApi` throws for a fault that it does not try again. `retryAfterMs` counts where it is throttled. */
export function classifyError(method: MethodName, fault: GceFault, retryAfterMs: number): Error {
  const { mutating }: Method = methods[method];
  switch (verdictOf(fault)) {
    case 'throttled':
      return new ProviderError('throttled', `Google Cloud throttles ${method}`, { cause: fault, retryAfterMs });
    case 'refused':
      return new ProviderError(isUnsupported(fault) ? 'unsupported' : 'rejected', refusal(method, fault), {
        cause: fault,
      });
    case 'unreached':
      return new Error(`Google Cloud cannot be reached for ${method} (${fault.reason}): ${fault.message}`, {
        cause: fault,
      });
    case 'unclear':
      return mutating
        ? new UnknownOutcome(`Google Cloud has not clearly answered ${method} (${nameOf(fault)}): ${fault.message}`, {
            cause: fault,
          })
        : new Error(`Google Cloud has not answered ${method} (${nameOf(fault)}): ${fault.message}`, { cause: fault });
  }
}

const nameOf = ({ http, reason }: GceFault): string => (http === 0 ? reason : `${http} ${reason}`);

/** What the API has said behind an error that `GceApi` has thrown; undefined where it has said nothing. */
export function gceFaultOf(error: unknown): GceFault | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof GceFault) return at;
  return undefined;
}

const reasonOf = (error: unknown): string => gceFaultOf(error)?.reason ?? '';

/** It, or something that it names, is not there. */
export const isNotFound = (error: unknown): boolean => /^(?:notFound|resourceNotFound)$/.test(reasonOf(error));

/** The name is taken: by us, by an earlier request whose answer was lost, or by somebody else. Not so an address that is taken. */
export const isAlreadyExists = (error: unknown): boolean =>
  /^(?:alreadyExists|resourceAlreadyExists|memberAlreadyExists)$/.test(reasonOf(error));

/** Something else holds on to it, or it is being made or deleted: often for seconds only. */
export const isInUse = (error: unknown): boolean =>
  /^(?:resourceInUseByAnotherResource|resourceInUse|resourceNotReady)$/.test(reasonOf(error));

/** Somebody has changed it since it was read. What an organisation's policy forbids is 412 too, but no matter of reading again. */
export const isFingerprintStale = (error: unknown): boolean => {
  const fault = gceFaultOf(error);
  return fault?.reason === 'conditionNotMet' && !isPolicy(fault);
};

/** The caller has not the right: 403, and no quota or rate behind it. */
export const isForbidden = (error: unknown): boolean => {
  const fault = gceFaultOf(error);
  return fault?.http === 403 && verdictOf(fault) === 'refused' && !/quota|limitExceeded/i.test(fault.reason);
};

export const isUnknownOutcome = (error: unknown): boolean => error instanceof UnknownOutcome;

export const isStillRunning = (error: unknown): boolean => error instanceof StillRunning;

const isPolicy = ({ message }: GceFault): boolean => /\bconstraints?\b/i.test(message);

/** What no waiting changes. */
const isUnsupported = ({ reason }: GceFault): boolean => /^(?:unsupportedOperation|notImplemented)$/.test(reason);

/** What to do, by what the API says. The messages of the first three name accounts and projects: they are not passed on. */
const remedies: readonly {
  readonly reasons: RegExp;
  readonly secret: boolean;
  remedy(method: MethodName, fault: GceFault): string;
}[] = [
  {
    reasons: /^(?:accessNotConfigured|serviceDisabled)$/,
    secret: true,
    remedy: () => 'enable the Compute Engine API in the project',
  },
  {
    reasons: /^(?:forbidden|insufficientPermissions|permissionDenied|required_permission)$/,
    secret: true,
    remedy: (method, { message }) =>
      `allow ${permissionIn(message) ?? methods[method].permissions.map(one => `compute.${one}`).join(', ')}, as deploy/iam/gcp-role.yaml does, to the service account that fairlead runs as`,
  },
  {
    reasons: /^(?:authError|unauthenticated|expired|invalidCredentials)$/,
    secret: true,
    remedy: () => 'correct the credentials that fairlead runs with',
  },
  {
    reasons: /^(?:quotaExceeded|limitExceeded)$/,
    secret: false,
    remedy: () => 'delete what is not used any more, or ask for a higher quota',
  },
];

/** `Required 'compute.firewalls.create' permission for …` → `compute.firewalls.create`. */
const permissionIn = (message: string): string | undefined => /'(compute\.[A-Za-z.]{1,80})'/.exec(message)?.[1];

function refusal(method: MethodName, fault: GceFault): string {
  const known = remedies.find(({ reasons }) => reasons.test(fault.reason));
  const said = known?.secret === true || fault.message === '' ? '' : `: ${fault.message}`;
  return `Google Cloud refuses ${method} (${fault.reason})${said}${known === undefined ? '' : `: ${known.remedy(method, fault)}`}`;
}
