/**
 * What a provider throws when it knows more than "it failed". Anything else that it throws is unknown or transient: exponential back-off
 * with jitter, the cause logged.
 *
 * Read the code with `providerErrorCode`, never with `instanceof`: a third-party provider may carry its own copy of this class.
 */
export const providerErrors = {
  unsupported: {
    meaning: 'It cannot be done: a protocol, a family, an annotation.',
    core: 'Warning and condition; no retry until the Service, the nodes or the configuration change.',
  },
  rejected: {
    meaning: 'The cloud refused: quota, permission, any 4xx.',
    core: 'Warning and condition; retried slowly.',
  },
  throttled: { meaning: 'Slow down.', core: 'Again after `retryAfterMs`; no Warning.' },
} as const satisfies Record<string, { meaning: string; core: string }>;

export type ProviderErrorCode = keyof typeof providerErrors;

const codes: ReadonlySet<unknown> = new Set(Object.keys(providerErrors));

export interface ProviderErrorOptions {
  readonly cause?: unknown;
  /** With `throttled`: milliseconds to wait. Default 5,000. */
  readonly retryAfterMs?: number;
}

export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly code: ProviderErrorCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: ProviderErrorCode, message: string, options: ProviderErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The code of any error-like value, or `undefined` for "unknown or transient". */
export function providerErrorCode(error: unknown): ProviderErrorCode | undefined {
  const code = property(error, 'code');
  return property(error, 'name') === 'ProviderError' && codes.has(code) ? (code as ProviderErrorCode) : undefined;
}

/** How long a `throttled` error asks to wait, in milliseconds. Default 5,000; at most an hour, whatever the cloud says. */
export function throttledForMs(error: unknown): number {
  const asked = property(error, 'retryAfterMs');
  return typeof asked === 'number' && Number.isFinite(asked) ? Math.min(Math.max(asked, 0), 3_600_000) : 5_000;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
