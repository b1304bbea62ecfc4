/** What a person can put right: shown as its message alone, without a stack, and the command ends with status 2. */
export class UserError extends Error {}

/**
 * The code of a system error, such as ENOENT.
 * @param {unknown} error
 * @returns {unknown}
 */
export function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
