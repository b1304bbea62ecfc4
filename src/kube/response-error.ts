import { KubeError } from './client.ts';
import type { Status } from './objects.ts';

export interface RefusedAnswer {
  /** HTTP's. */
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** The reasons of the API conventions, for answers that carry no Status: from a proxy or a balancer in between. */
const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The error that an answer other than 2xx stands for. Its message is one line. */
export function responseError({ status, retryAfter, body }: RefusedAnswer): KubeError {
  const { reason, message, details } = statusOfBody(body);
  const seconds =
    retryAfter !== undefined && /^\d+$/.test(retryAfter) ? Number(retryAfter) : details?.retryAfterSeconds;
  const text = message ?? `HTTP ${status} ${body.slice(0, 200)}`;
  return new KubeError(status, reason ?? reasons[status] ?? 'Unknown', text.replace(/\s+/g, ' ').trim(), {
    causes: details?.causes,
    retryAfterMs: seconds === undefined ? undefined : seconds * 1_000,
  });
}

/** Nothing, where the body is none of the API server's. */
function statusOfBody(body: string): Status {
  try {
    const parsed: unknown = JSON.parse(body);
    const status = typeof parsed === 'object' && parsed !== null ? (parsed as Status) : {};
    return status.kind === 'Status' ? status : {};
  } catch {
    return {};
  }
}

/** What OpenSSL and Node call a certificate that is not trusted. */
const certificateFault = /CERT|SELF_SIGNED|VERIFY|ISSUER|ALTNAME/;

/** The error of a request that never got an answer. Says what may be wrong; the library's error is its cause. */
export function transportError(server: string, error: unknown): KubeError {
  const code = (error as { code?: string } | null)?.code ?? 'no connection';
  if (code === 'UND_ERR_CLOSED' || code === 'UND_ERR_DESTROYED')
    return new KubeError(0, 'Cancelled', 'the connection to the API server is closed', { cause: error });
  const remedy = certificateFault.test(code)
    ? 'its certificate is not trusted: check certificate-authority and tls-server-name in the kubeconfig'
    : 'check that it runs, that the kubeconfig names the right server, and the network between';
  return new KubeError(0, 'Unreachable', `cannot reach the API server at ${server} (${code}): ${remedy}`, {
    cause: error,
  });
}
