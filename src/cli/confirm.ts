import { createInterface } from 'node:readline/promises';
import { UserError } from './user-error.ts';

/**
 * Asks the person at the terminal; without one there is nobody to ask, which is an error with the remedy. Rejects when the signal aborts
 * before the answer.
 */
export async function confirmed(question: string, signal?: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UserError('there is no terminal to ask at: pass --yes to go on without asking');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(`${question} Type yes: `, signal === undefined ? {} : { signal });
    return answer.trim() === 'yes';
  } finally {
    terminal.close();
  }
}
