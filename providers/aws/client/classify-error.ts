import { ProviderError } from '../../../src/provider/provider-error.ts';
import { type Action, type ActionName, actions } from './actions.ts';
import { AwsFault } from './aws-fault.ts';

/** A change may have been applied or not: whoever asked for it must look before the next one. */
export class UnknownOutcome extends Error {
  override readonly name = 'UnknownOutcome';
}

/**
 * What a fault means. `throttled`: AWS has not looked at it. `refused`: AWS has said no, and has changed nothing. `unreached`: it never got
 * there. `unclear`: anything else.
 */
export type Verdict = 'throttled' | 'refused' | 'unreached' | 'unclear';

const throttles =
  /^(?:Request)?Throttl|^EC2Throttled|^TooManyRequests$|^RequestLimitExceeded$|^PriorRequestNotComplete$|^SlowDown$/;
const neverArrived = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN']);

/**
 * Pure.
 *
 * | code                                  | status    | →         |
 * |---------------------------------------|-----------|-----------|
 * | `Throttling`, `RequestLimitExceeded`  | 400, 503  | throttled |
 * | any                                   | 429       | throttled |
 * | `LoadBalancerNotFound`                | 400       | refused   |
 * | `InternalFailure`                     | 500       | unclear   |
 * | `ECONNREFUSED`                        | 0         | unreached |
 * | `ECONNRESET`, `TimeoutError`, aborted | 0         | unclear   |
 */
export function verdictOf({ code, status }: AwsFault): Verdict {
  if (throttles.test(code) || status === 429) return 'throttled';
  if (status >= 400 && status < 500) return 'refused';
  return status === 0 && neverArrived.has(code) ? 'unreached' : 'unclear';
}

/** What `Aws.send` throws for a fault that it does not try again. */
export function classifyError(action: ActionName, fault: AwsFault): Error {
  const { mutating }: Action = actions[action];
  const { code } = fault;
  switch (verdictOf(fault)) {
    case 'throttled':
      return new ProviderError('throttled', `AWS throttles ${action}`, { cause: fault, retryAfterMs: 5_000 });
    case 'refused':
      return new ProviderError(isUnsupported(code) ? 'unsupported' : 'rejected', refusal(action, fault), {
        cause: fault,
      });
    case 'unreached':
      return new Error(`AWS cannot be reached for ${action} (${code}): ${fault.message}`, { cause: fault });
    case 'unclear':
      return mutating
        ? new UnknownOutcome(`AWS has not clearly answered ${action} (${code}): ${fault.message}`, { cause: fault })
        : new Error(`AWS has not answered ${action} (${code}): ${fault.message}`, { cause: fault });
  }
}

/** The code of AWS behind an error that `Aws.send` has thrown; undefined where AWS has said none. */
export function awsCodeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof AwsFault) return at.code;
  return undefined;
}

/** It is not there, or not any more, under whichever name the two services have for that. */
export function isNotFound(error: unknown): boolean {
  return awsCodeOf(error)?.endsWith('NotFound') === true;
}

/** The name, port or rule is taken: by us, by an earlier request whose answer was lost, or by somebody else. */
export function isDuplicate(error: unknown): boolean {
  return /^Duplicate|\.Duplicate$/.test(awsCodeOf(error) ?? '');
}

/** Something else holds on to it, often for seconds only. */
export function isInUse(error: unknown): boolean {
  return ['ResourceInUse', 'DependencyViolation'].includes(awsCodeOf(error) ?? '');
}

export function isUnknownOutcome(error: unknown): boolean {
  return error instanceof UnknownOutcome;
}

/** A listener that cannot be changed to this protocol in place. */
export function isUnsupportedProtocol(error: unknown): boolean {
  return awsCodeOf(error) === 'UnsupportedProtocol';
}

/** What no waiting changes. */
function isUnsupported(code: string): boolean {
  return /^Unsupported|NotSupported$|^IncompatibleProtocols$/.test(code);
}

/** What to do, by what AWS says. The messages of the first two name roles, and may carry what was signed: they are not passed on. */
const remedies = [
  {
    codes: /^(?:AccessDenied|UnauthorizedOperation|UnauthorizedAccess|NotAuthorized)/,
    secret: true,
    remedy: (action: ActionName) =>
      `allow ${actions[action].service}:${action}, as deploy/iam/aws-policy.json does, to the role that fairlead runs as`,
  },
  {
    codes:
      /^(?:AuthFailure|ExpiredToken|Invalid(?:ClientTokenId|AccessKeyId|Token)|MissingAuthenticationToken|OptInRequired|RequestExpired|RequestTimeTooSkewed|SignatureDoesNotMatch|UnrecognizedClient|InvalidSignature|IncompleteSignature)/,
    secret: true,
    remedy: () => 'correct the credentials that fairlead runs with, and the clock of the node',
  },
  {
    codes: /^TooMany|LimitExceeded$/,
    secret: false,
    remedy: () => 'delete what is not used any more, or raise the quota in Service Quotas',
  },
  {
    codes: /^OperationNotPermitted$/,
    secret: false,
    remedy: () => 'turn off deletion_protection.enabled, or end the VPC endpoint service that uses it',
  },
] as const;

function refusal(action: ActionName, { code, message }: AwsFault): string {
  const known = remedies.find(({ codes }) => codes.test(code));
  const said = known?.secret === true || message === '' ? '' : `: ${message}`;
  return `AWS refuses ${action} (${code})${said}${known === undefined ? '' : `: ${known.remedy(action)}`}`;
}
