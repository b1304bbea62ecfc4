import type { Config } from '../../config/options.ts';
import { systemClock as clock } from '../../kube/clock.ts';
import type { Leadership } from '../../kube/election.ts';
import { createLog } from '../../telemetry/log.ts';
import { type BuiltController, buildController } from '../build-controller.ts';
import { clusterUid } from '../cluster-uid.ts';
import { confirmed } from '../confirm.ts';
import { connectAs } from '../connect-as.ts';
import { refuseWhileHeld } from '../lease-holder.ts';
import { stopSignal } from '../stop-signal.ts';
import { orUserError, UserError } from '../user-error.ts';
import { destroyAll, type Left } from './destroy-all.ts';
import { type Doomed, describeDoomed, fateOf } from './doomed.ts';
import { withLease } from './with-lease.ts';

interface Session {
  readonly config: Config;
  readonly built: BuiltController;
  /** Of this API server. */
  readonly uid: string;
  readonly stopping: AbortSignal;
}

const nothing = (): void => undefined;
const silent = {
  queue: { added: nothing, waited: nothing, worked: nothing, retried: nothing },
  call: nothing,
  nodePorts: nothing,
  orphans: nothing,
  breaker: nothing,
};
/** Who only reads does so without a Lease. */
const reader: Leadership = { epoch: '0', signal: new AbortController().signal, assertLeading: nothing };

/**
 * Deletes everything that providers keep outside for this cluster, with the credentials of the person who runs it, before the cluster
 * itself is torn down; the Services stay as they are. 0: nothing is left; 1: something is, or the person said no.
 */
export async function destroy(config: Config): Promise<0 | 1> {
  if (config.provider.length === 0)
    throw new UserError('no provider is named: give --provider as the controller has it, such as --provider aws');
  const log = createLog({ level: config.logLevel === 'info' ? 'warn' : config.logLevel });
  const stopping = stopSignal(log);
  const connection = await connectAs(config);
  try {
    const uid = await clusterUid(connection);
    if (!config.dryRun) await orUserError(() => refuseWhileHeld(connection, config));
    const parts = { client: connection, clock, random: Math.random, identity: 'destroy', log, metrics: silent };
    const cluster = config.clusterId ?? uid;
    const built = await orUserError(() =>
      buildController(config, { ...parts, cluster, gauges: noGauges, eventsDropped: nothing }),
    );
    const session: Session = { config, built, uid, stopping };
    try {
      if (config.dryRun) return await show(session);
      return await withLease(connection, config, stopping, leading => empty(session, leading));
    } finally {
      built.controller.close();
      await Promise.all(built.instances.map(async ({ provider }) => provider.close?.()));
    }
  } finally {
    await connection.close();
  }
}

async function show(session: Session): Promise<0> {
  const { doomed } = await find(session, reader);
  say(`${doomed.length} balancers would be deleted; nothing was changed`);
  return 0;
}

async function empty(session: Session, leading: Leadership): Promise<0 | 1> {
  const { config, built, stopping } = session;
  const { doomed, unsure } = await find(session, leading);
  if (doomed.length > 0 && !config.yes && !(await agreed(doomed.length, leading))) {
    say('nothing was changed');
    return 1;
  }
  const left = await destroyAll(
    doomed,
    {
      calls: built.controller.calls,
      leading,
      clock,
      random: Math.random,
      concurrency: config.concurrentServiceSyncs,
      timeoutMs: config.destroyTimeout,
      say,
    },
    stopping,
  );
  return conclude(session, leading, doomed, left, unsure);
}

/** What was deleted is looked for once more: only the provider's own list says that nothing is left. */
async function conclude(
  session: Session,
  leading: Leadership,
  doomed: readonly Doomed[],
  left: readonly Left[],
  unsure: readonly Doomed[],
): Promise<0 | 1> {
  const still = left.length > 0 || doomed.length === 0 ? [] : (await list(session, leading)).doomed;
  for (const one of still) say(`${describeDoomed(one)}: the provider still lists it`);
  if (left.length + still.length === 0 && unsure.length === 0) {
    say(`${doomed.length} balancers deleted: nothing is left of this cluster`);
    return 0;
  }
  const count = left.length + still.length + unsure.length;
  process.stderr.write(
    `fairlead: ${count} balancers are left, as listed above: mend what is said there and run this again\n`,
  );
  return 1;
}

/** Everything of this cluster, as each instance lists it; tells of each. */
async function find(session: Session, leading: Leadership): Promise<Found> {
  const { built } = session;
  const over = AbortSignal.any([session.stopping, leading.signal]);
  await built.controller.refresh(over);
  for (const instance of built.instances) {
    if (instance.provider.listLoadBalancers === undefined)
      say(`provider ${instance.name} keeps nothing outside: nothing to delete there`);
    else await orUserError(() => built.controller.restore(instance, leading, over));
  }
  const found = await list(session, leading);
  for (const one of found.doomed) say(describeDoomed(one));
  for (const one of found.unsure)
    say(
      `${describeDoomed(one)}: left alone: its Service is not in this cluster, and another cluster may have the name ${built.settings.cluster} too`,
    );
  return found;
}

interface Found {
  readonly doomed: readonly Doomed[];
  readonly unsure: readonly Doomed[];
}

async function list({ built, uid }: Session, leading: Leadership): Promise<Found> {
  const { controller, settings, instances } = built;
  const listed = await Promise.all(
    instances.map(async instance => {
      const refs = await orUserError(() => controller.calls.list(instance, leading));
      return refs.map(ref => ({ instance, ref }));
    }),
  );
  const fates = Map.groupBy(listed.flat(), ({ ref }) =>
    fateOf(ref, settings.cluster, uid, key => controller.services.get(key)),
  );
  return { doomed: fates.get('doomed') ?? [], unsure: fates.get('unsure') ?? [] };
}

/** Whoever takes long to answer may lose the Lease meanwhile. */
async function agreed(count: number, leading: Leadership): Promise<boolean> {
  const question = `Delete these ${count} balancers? Their addresses are gone for good, and traffic to them stops at once.`;
  try {
    return await confirmed(question, leading.signal);
  } catch (error) {
    throw leading.signal.aborted ? new UserError('the Lease was lost while you were asked', { cause: error }) : error;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const noGauges = { declare: nothing, set: nothing };
