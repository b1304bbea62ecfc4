/** What AWS answered, without its headers and ids: the `cause` of what `Aws.send` throws. */
export class AwsFault extends Error {
  override readonly name = 'AwsFault';
  /** As in the documentation of the service, e.g. `LoadBalancerNotFound`, `InvalidGroup.Duplicate`; of Node where nothing came back. */
  readonly code: string;
  /** HTTP; 0 where nothing came back. */
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** A change may have been applied or not: whoever asked for it must look before the next one. */
export class UnknownOutcome extends Error {
  override readonly name = 'UnknownOutcome';
}

/** The code of AWS behind an error that `Aws.send` has thrown; undefined where AWS has not said one. */
export function awsCodeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof AwsFault) return at.code;
  return undefined;
}

/** It is not there, or not any more, under whichever name the two services have for that. */
export function isNotFound(error: unknown): boolean {
  return /NotFound$|^InvalidGroup\.NotFound$|^InvalidGroupId\.Malformed$/.test(awsCodeOf(error) ?? '');
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
