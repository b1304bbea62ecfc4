import { type KubeClient, KubeError } from '../../../src/kube/client.ts';
import type { KubeList, Service, WatchEvent } from '../../../src/kube/objects.ts';
import { servicesPath } from './request-row.ts';

/** A server whose history can be made to end; resolves when versions from before are gone. */
export interface ForgetfulServer {
  readonly client: KubeClient;
  readonly forget: () => Promise<void>;
}

const names = ['history-a', 'history-b', 'history-c'];

/** What every API server answers about its past, as facts under names: the same list for the real one and the one in this process. */
export async function pastOf({ client, forget }: ForgetfulServer): Promise<Readonly<Record<string, unknown>>> {
  for (const name of names) await create(client, name);
  const first = await page(client, { limit: '1' });
  const { continue: token = '', resourceVersion } = first.metadata;
  await client.request({ method: 'DELETE', path: `${servicesPath}/history-b` });
  const rest = await page(client, { limit: '500', continue: token });
  const events = await watched(client, resourceVersion);
  await forget();
  const facts = {
    firstPage: first.items.length,
    otherPagesAreOfItsVersion: rest.metadata.resourceVersion === resourceVersion,
    otherPagesShowWhatWasDeleted: rest.items.some(one => one.metadata.name === 'history-b'),
    watchFromTheListSees: events,
    nonsenseToken: await refusal(page(client, { limit: '1', continue: 'nonsense' })),
    tokenAfterForgetting: await refusal(page(client, { limit: '1', continue: token })),
    watchAfterForgetting: await watched(client, resourceVersion),
    listAfterForgetting: (await page(client, {})).items.filter(one => names.includes(one.metadata.name)).length,
  };
  for (const name of ['history-a', 'history-c'])
    await client.request({ method: 'DELETE', path: `${servicesPath}/${name}` });
  return facts;
}

export const pastOfEveryServer = {
  firstPage: 1,
  otherPagesAreOfItsVersion: true,
  otherPagesShowWhatWasDeleted: true,
  watchFromTheListSees: 'DELETED history-b',
  nonsenseToken: '400 BadRequest',
  tokenAfterForgetting: '410 Expired',
  watchAfterForgetting: '410 Expired',
  listAfterForgetting: 2,
};

async function create(client: KubeClient, name: string): Promise<void> {
  const spec = { type: 'ClusterIP', clusterIP: 'None', ports: [{ port: 80 }] };
  await client.request({ method: 'POST', path: servicesPath, body: { metadata: { name }, spec } });
}

function page(client: KubeClient, query: Readonly<Record<string, string>>): Promise<KubeList<Service>> {
  return client.request<KubeList<Service>>({ method: 'GET', path: servicesPath, query });
}

async function refusal(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
    return 'none';
  } catch (error) {
    if (error instanceof KubeError) return `${error.status} ${error.reason}`;
    throw error;
  }
}

/** The first thing that a watch has to say: an event, or its refusal, whether told by the status or in the stream. */
async function watched(client: KubeClient, resourceVersion: string): Promise<string> {
  const { signal } = new AbortController();
  const query = { watch: '1', resourceVersion, timeoutSeconds: '5' };
  try {
    for await (const event of client.watch<Service>({ path: servicesPath, query, signal, idleDeadlineMs: 20_000 }))
      return told(event);
    return 'nothing';
  } catch (error) {
    if (error instanceof KubeError) return `${error.status} ${error.reason}`;
    throw error;
  }
}

function told(event: WatchEvent<Service>): string {
  return event.type === 'ERROR'
    ? `${event.object.code} ${event.object.reason}`
    : `${event.type} ${event.object.metadata.name}`;
}
