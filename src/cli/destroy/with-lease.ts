import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from '../../config/options.ts';
import type { KubeClient } from '../../kube/client.ts';
import { systemClock as clock } from '../../kube/clock.ts';
import { type Leadership, runElection } from '../../kube/election.ts';
import { leaseHolder } from '../lease-holder.ts';
import { orUserError, UserError } from '../user-error.ts';

/** What taking a free Lease may need at a slow API server. */
const patienceMs = 15_000;

/** Runs `work` while this process holds the controller's Lease, so that no controller works against it. Refuses where it does not get it. */
export async function withLease<Answer>(
  client: KubeClient,
  config: Config,
  stopping: AbortSignal,
  work: (leading: Leadership) => Promise<Answer>,
): Promise<Answer> {
  const { leaseNamespace: namespace, leaseName: name } = config;
  const { identity: before, durationMs } = await orUserError(() => leaseHolder(client, config));
  if (before !== '')
    process.stdout.write(`${before} has left the Lease behind: it runs out in ${durationMs / 1_000} s at most\n`);
  const giveUp = new AbortController();
  const cancel = clock.after(durationMs + patienceMs, () => giveUp.abort());
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
  if (answer === undefined && stopping.aborted) throw new UserError('stopped before anything was begun');
  if (answer === undefined)
    throw new UserError(
      `the Lease ${namespace}/${name} could not be taken: stop the controller first, all of its replicas`,
    );
  return answer;
}
