import type { Random } from '../../../src/kube/clock.ts';
import type { Call } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import type { CloudFault, CloudStep } from './cloud-faults.ts';
import { slowWireMs, wireMs } from './network.ts';
import type { Process } from './process.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What lies between the processes and the cloud. */
export interface CloudNetwork {
  readonly clock: VirtualClock;
  readonly random: Random;
  cloudFault(step: CloudStep, from: Process): CloudFault;
  /** Whether the cloud answers this call with "not yet". */
  isPending(step: 'ensure' | 'delete'): boolean;
  harm(process: Process, how: 'kill' | 'pause'): void;
}

/**
 * One request to the cloud. `execute` runs there, at most once. A request that changes something asks `call.assertLeading()` right before
 * it goes out; once it is out, nothing calls it back, and it arrives within 4 s.
 */
export function cloudRequest<Answer>(
  network: CloudNetwork,
  process: Process,
  call: Call,
  step: CloudStep,
  changes: boolean,
  execute: () => Answer,
): Promise<Answer> {
  const { clock, random } = network;
  const fault = network.cloudFault(step, process);
  return new Promise((resolve, reject) => {
    let isGivenUp = false;
    const abort = (): void => {
      isGivenUp = true;
      reject(call.signal.reason);
    };
    if (call.signal.aborted) return abort();
    call.signal.addEventListener('abort', abort, { once: true });
    const answer = (run: () => void): void => {
      clock.after(wireMs(random), () => process.deliver(run));
    };
    const executed = (): void => {
      const done = execute();
      if (fault === 'kill-after') return network.harm(process, 'kill');
      if (fault === 'hang') return;
      if (fault === 'pause-after') network.harm(process, 'pause');
      answer(() => (fault === 'fail-after' ? reject(new Error('connection reset by the cloud')) : resolve(done)));
    };
    const arrive = (): void => {
      if ((isGivenUp || process.state === 'dead') && random() < 0.5) return;
      if (fault === 'kill-before') return network.harm(process, 'kill');
      const refusal = refusalOf(fault);
      if (refusal !== undefined) return answer(() => reject(refusal));
      if (fault === 'pause-before') network.harm(process, 'pause');
      executed();
    };
    process.after(random(), () => {
      if (isGivenUp) return;
      try {
        if (changes) call.assertLeading();
      } catch (error) {
        return reject(error);
      }
      clock.after(fault === 'slow' ? slowWireMs(random) : wireMs(random), arrive);
    });
  });
}

export function refusalOf(fault: CloudFault): Error | undefined {
  if (fault === 'throttled') return new ProviderError('throttled', 'slow down', { retryAfterMs: 2_000 });
  if (fault === 'rejected') return new ProviderError('rejected', 'the quota is used up');
  return fault === 'fail-before' ? new Error('the cloud is out of order') : undefined;
}
