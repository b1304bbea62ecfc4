import type { Config } from '../config/options.ts';
import { timestamp } from '../controller/service-writer.ts';
import { type KubeClient, objectPath, patchType, statusOf } from '../kube/client.ts';
import { systemClock as clock } from '../kube/clock.ts';
import { type KubeList, keyOf, type Service } from '../kube/objects.ts';
import { conditionsFor } from '../plan/conditions.ts';
import { idOf } from '../plan/load-balancer.ts';
import { ourConditionTypes, ownerOf } from '../plan/ownership.ts';
import { type StatusPatch, statusPatch } from '../plan/status-patch.ts';
import { prefix } from '../plan/words.ts';
import { confirmed } from './confirm.ts';
import { connectAs } from './connect-as.ts';
import { refuseWhileHeld } from './lease-holder.ts';
import { orUserError } from './user-error.ts';

/**
 * Takes fairlead's finalizers and marks off every Service, with the credentials of the person who runs it, so that no object and no
 * namespace hangs once the controller is gone. Published addresses and what exists in the cloud stay, and are listed.
 */
export async function uninstall(config: Config): Promise<0 | 1> {
  const connection = await connectAs(config);
  try {
    await orUserError(() => refuseWhileHeld(connection, config));
    const services = await orUserError(() => ownedServices(connection));
    if (services.length === 0) {
      process.stdout.write('no Service carries a mark of fairlead: nothing to do\n');
      return 0;
    }
    for (const service of services) process.stdout.write(`${describe(service)}\n`);
    if (!config.yes && !(await confirmed(question(services.length)))) {
      process.stdout.write('nothing was changed\n');
      return 1;
    }
    for (const service of services) await release(connection, service);
    process.stdout.write(`${services.length} Services released; what is listed above as kept outside is still there\n`);
    return 0;
  } finally {
    await connection.close();
  }
}

async function ownedServices(client: KubeClient): Promise<readonly Service[]> {
  const owned: Service[] = [];
  let next = '';
  do {
    const query = { limit: '500', ...(next === '' ? {} : { continue: next }) };
    const page = await client.request<KubeList<Service>>({ method: 'GET', path: '/api/v1/services', query });
    owned.push(...page.items.filter(service => ownerOf(service) !== undefined));
    next = page.metadata.continue ?? '';
  } while (next !== '');
  return owned;
}

function describe(service: Service): string {
  const owner = ownerOf(service);
  const outside =
    owner?.mark === 'finalizer'
      ? `balancer ${idOf(service.metadata.uid)} of provider ${owner.instance} is kept outside`
      : `provider ${owner?.instance} keeps nothing outside`;
  return `${keyOf(service)}: ${outside}`;
}

function question(count: number): string {
  return `Release these ${count} Services? What is kept outside will NOT be deleted.`;
}

/** A Service that somebody changes at this very moment is read again; one that has gone needs nothing. */
async function release(client: KubeClient, listed: Service): Promise<void> {
  const { namespace = '', name, uid } = listed.metadata;
  const path = objectPath('/api/v1/namespaces', namespace, 'services', name);
  let service = listed;
  for (let conflicts = 0; service.metadata.uid === uid; conflicts++) {
    try {
      const body = releasePatch(service);
      if (body !== undefined) {
        await client.request({ method: 'PATCH', path: `${path}/status`, body, contentType: patchType.strategicMerge });
      }
      return;
    } catch (error) {
      if (statusOf(error) === 404) return;
      if (statusOf(error) !== 409 || conflicts === 5) throw error;
      service = await client.request<Service>({ method: 'GET', path });
    }
  }
}

function releasePatch(service: Service): StatusPatch | undefined {
  const removeFinalizers = (service.metadata.finalizers ?? []).filter(one => one.startsWith(prefix));
  const none = Object.fromEntries(ourConditionTypes(service).map(type => [type, undefined]));
  const message = `fairlead was uninstalled: ${describe(service)}`;
  const conditions = { ...none, ...conditionsFor({ state: 'abandoned', reason: 'Abandoned', message }, false, true) };
  return statusPatch(service, { removeFinalizers, conditions }, timestamp(clock));
}
