import type { Params } from '../wire/params.ts';

/** The SDK gives each request a token by which AWS knows a repetition. Fixtures repeat nothing: it is read, and has no effect here. */
export function skipClientToken(params: Params): void {
  params.optional('ClientToken');
}
