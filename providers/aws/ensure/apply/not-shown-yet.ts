import { ProviderError } from '../../../../src/provider/provider-error.ts';

/** AWS shows what was just made with a delay: the name is taken, and by whom can be read in a moment. Nobody has to be told of that. */
export function notShownYet(what: string, cause: unknown): ProviderError {
  return new ProviderError('throttled', `${what} exists, and AWS does not show it yet`, { cause, retryAfterMs: 2_000 });
}
