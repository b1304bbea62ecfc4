import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from '../../config/options.ts';
import type { KubeClient } from '../../kube/client.ts';
import { systemClock as clock } from '../../kube/clock.ts';
import { type Leadership, runElection } from '../../kube/election.ts';
import { UserError } from '../user-error.ts';

/** A holder that is dead keeps a Lease for as long as it lasts, and a standby that is alive takes it within a second of that. */
const patienceFactor = 2;

/** Runs `work` while this process holds the controller's Lease, so that no controller works against it. Refuses where it does not get it. */
export async function withLease<Answer>(
  client: KubeClient,
  config: Config,
  stopping: AbortSignal,
  work: (leading: Leadership) => Promise<Answer>,
): Promise<Answer> {
  const { leaseNamespace: namespace, leaseName: name, leaseDuration } = config;
  const giveUp = new AbortController();
  const cancel = clock.after(patienceFactor * leaseDuration, () => giveUp.abort());
  const answers: Answer[] = [];
  await runElection(
    {
      client,
      clock,
      random: Math.random,
      namespace,
      name,
      identity: `${hostname()}_destroy_${randomUUID()}`,
      lead: async leading => {
        cancel();
        if (answers.length === 0) answers.push(await work(leading));
      },
    },
    AbortSignal.any([stopping, giveUp.signal]),
  );
  cancel();
  const [answer] = answers;
  if (answer === undefined)
    throw new UserError(
      `the Lease ${namespace}/${name} could not be taken: stop the controller first, all of its replicas`,
    );
  return answer;
}
