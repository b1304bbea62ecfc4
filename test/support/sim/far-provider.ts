import type { Call, Provider } from '../../../src/provider/provider.ts';
import { type CloudNetwork, refusalOf } from './cloud-access.ts';
import type { CloudFault, CloudStep } from './cloud-faults.ts';
import { wireMs } from './network.ts';
import type { Process } from './process.ts';

/** One call of a provider that keeps nothing outside, at the moment at which it takes effect. */
export interface FarCall {
  readonly process: string;
  readonly epoch: string;
  readonly sequence: number;
  readonly step: CloudStep;
  readonly id: string;
}

/** A provider in the memory of its process, each of whose verbs takes time and can fail, before or after it has done its work. */
export function farAway(
  provider: Provider,
  network: CloudNetwork,
  process: Process,
  onCall: (call: FarCall) => void,
): Provider {
  const go = async <Answer>(
    step: CloudStep,
    id: string,
    call: Call,
    work: () => Promise<Answer> | undefined,
  ): Promise<Answer> => {
    const fault = network.cloudFault(step, process);
    await pause(process, call, fault === 'slow' ? 3_000 : wireMs(network.random));
    await meet(fault, 'before', network, process, call);
    call.assertLeading();
    onCall({ process: process.name, epoch: call.epoch, sequence: call.sequence, step, id });
    const answer = await work();
    await meet(fault, 'after', network, process, call);
    return answer as Answer;
  };
  return {
    ...provider,
    restore: (held, call) => go('restore', '', call, () => provider.restore?.(held, call)),
    ensureLoadBalancer: (loadBalancer, call) =>
      go('ensure', loadBalancer.id, call, () => provider.ensureLoadBalancer(loadBalancer, call)),
    ensureLoadBalancerDeleted: (ref, call) =>
      go('delete', ref.id, call, () => provider.ensureLoadBalancerDeleted(ref, call)),
  };
}

/** Waits in the process; rejects as soon as the call is aborted. */
function pause(process: Process, { signal }: Call, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    process.after(ms, resolve);
  });
}

async function meet(
  fault: CloudFault,
  when: 'before' | 'after',
  network: CloudNetwork,
  process: Process,
  call: Call,
): Promise<void> {
  if (fault === `kill-${when}` || fault === `pause-${when}`) {
    network.harm(process, fault === `kill-${when}` ? 'kill' : 'pause');
    // The dead never get there, and the stopped late.
    await pause(process, call, 0);
  }
  if (when === 'after') {
    if (fault === 'hang') await pause(process, call, Number.MAX_SAFE_INTEGER);
    if (fault === 'fail-after') throw new Error('the provider has lost its answer');
    return;
  }
  const refusal = refusalOf(fault);
  if (refusal !== undefined) throw refusal;
}
