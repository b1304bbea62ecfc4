/** Something that the person at the keyboard can mend: shown as one line, without a stack trace, exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** Runs a step of start-up whose failures are the user's to mend. */
export async function orUserError<Answer>(step: () => Promise<Answer>): Promise<Answer> {
  try {
    return await step();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UserError(message.split('\n', 1)[0] ?? message, { cause: error });
  }
}
