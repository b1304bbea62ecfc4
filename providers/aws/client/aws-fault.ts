import { oneLine } from '../../../src/provider/adapter/one-line.ts';

/** What came back from AWS, without headers and ids: the `cause` of what `Aws.send` throws. */
export class AwsFault extends Error {
  override readonly name = 'AwsFault';
  /** As in the documentation of the service, e.g. `LoadBalancerNotFound`, `InvalidGroup.Duplicate`; Node's where nothing came back. */
  readonly code: string;
  /** HTTP; 0 where nothing came back. */
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/**
 * Reads what the SDK has thrown. Of ELBv2 it shortens the names (`LoadBalancerNotFoundException`) and keeps AWS's own in `Code`; of EC2 the
 * name is AWS's own. Pure.
 */
export function parseFault(error: unknown): AwsFault {
  if (!(error instanceof Error)) return new AwsFault('Unknown', 0, String(error));
  const { Code, code, $metadata, $response } = error as Error & SdkFields;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode ?? 0;
  const own = textOf(Code) ?? textOf(code) ?? error.name;
  return new AwsFault(
    own.replace(/^(?:Client|Server)\./, '').replace(/Exception$/, ''),
    status,
    oneLine(error.message),
  );
}

interface SdkFields {
  readonly Code?: unknown;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
