import { reasonOf } from '../../../src/provider/adapter/unless-aborted.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import type { AwsCall } from './aws.ts';
import { type AwsFault, parseFault } from './aws-fault.ts';

/** As much of the SDK as is used here. */
export interface SdkClient {
  send(command: never, options: { abortSignal: AbortSignal }): Promise<unknown>;
  destroy(): void;
}

type Step = (args: never) => Promise<never>;

export interface SdkCommand {
  readonly middlewareStack: {
    add(middleware: (next: Step) => Step, options: { step: 'deserialize'; priority: 'low'; name: string }): void;
  };
}

export type Attempt = { readonly output: unknown } | { readonly fault: AwsFault };

/**
 * One request. Throws only where nothing has been sent: the call is over, we lead no more, or there are no credentials. A change that is aborted
 * on its way is a fault like one whose answer was lost.
 */
export async function attempt(
  client: SdkClient,
  command: SdkCommand,
  mutating: boolean,
  call: AwsCall,
): Promise<Attempt> {
  let sent = false;
  let lost: Error | undefined;
  // The innermost step: credentials are there, the request is signed, and the next line of code writes it to a socket.
  const fence =
    (next: Step): Step =>
    async args => {
      try {
        if (mutating) call.assertLeading();
      } catch (error) {
        lost = error instanceof Error ? error : new Error('we lead no more', { cause: error });
        throw lost;
      }
      sent = true;
      return next(args);
    };
  command.middlewareStack.add(fence, { step: 'deserialize', priority: 'low', name: 'fairleadFence' });
  try {
    return { output: await client.send(command as never, { abortSignal: call.signal }) };
  } catch (error) {
    if (lost !== undefined) throw lost;
    if (call.signal.aborted && !(sent && mutating)) throw reasonOf(call.signal);
    if (!sent) throw notSent(error);
    return { fault: parseFault(error) };
  }
}

/** Before a request can be signed its credentials may have to be fetched anew, from STS or a file: that may be out of order, or refused. */
function notSent(error: unknown): Error {
  const cause = parseFault(error);
  const message = `AWS credentials cannot be renewed: ${cause.message}`;
  return /^Credentials|^TokenProvider/.test(cause.code)
    ? new ProviderError('rejected', `${message}: correct those that fairlead runs with`, { cause })
    : new Error(message, { cause });
}
