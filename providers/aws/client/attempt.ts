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
  // The innermost step: credentials are there, the request is signed, and the next line of code writes it to a socket.
  const fence =
    (next: Step): Step =>
    async args => {
      if (mutating) call.assertLeading();
      sent = true;
      return next(args);
    };
  command.middlewareStack.add(fence, { step: 'deserialize', priority: 'low', name: 'fairleadFence' });
  try {
    return { output: await client.send(command as never, { abortSignal: call.signal }) };
  } catch (error) {
    if (!sent) throw notSent(error, call.signal);
    if (!mutating && call.signal.aborted) throw reasonOf(call.signal);
    return { fault: parseFault(error) };
  }
}

export function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error('the call was aborted', { cause: reason });
}

function notSent(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return reasonOf(signal);
  const name = error instanceof Error ? error.name : '';
  if (!/^Credentials|^TokenProvider/.test(name)) return error;
  return new ProviderError(
    'rejected',
    'AWS credentials cannot be read any more: correct those that fairlead runs with',
    {
      cause: parseFault(error),
    },
  );
}
