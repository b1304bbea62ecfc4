import { type KubeClient, KubeError, type KubeRequest } from '../../../src/kube/client.ts';
import type { KubeList, Service, WatchEvent } from '../../../src/kube/objects.ts';

/** A conversation with an API server that every API server must answer alike: a row of the table. */
export interface Row {
  readonly name: string;
  /** Of the Service that it is about: its watch events are compared, and it is removed at the end. */
  readonly service: string;
  readonly steps: readonly Step[];
  /** What a watch from before the first step sees of that Service, as `TYPE` words. */
  readonly watch?: readonly WatchEvent<unknown>['type'][];
}

export interface Step {
  readonly does: string;
  request(seen: Seen): KubeRequest;
  readonly answer: Answer;
  /** Keeps the answer under this name for later requests. */
  readonly as?: string;
}

/** Answers kept by name. */
export type Seen = (name: string) => Service;

export type Answer = Accepted | Refused;

export interface Accepted {
  readonly accepted: true;
  /** Each part as it must be; parts that are not named do not matter. `absent` must not be there. */
  readonly object?: unknown;
}

export interface Refused {
  readonly accepted: false;
  readonly status: number;
  readonly reason: string;
  /** A part of the message. */
  readonly says?: string;
  /** Causes that must be among those given; the message is a part. */
  readonly causes?: readonly { readonly field: string; readonly says?: string }[];
}

export const absent = Symbol('must not be there');

/** Carries out a row; answers with the differences, each one line, none when the server answers as the table says. */
export async function runRow(row: Row, client: KubeClient): Promise<readonly string[]> {
  const seen = new Map<string, Service>();
  const from = await client.request<KubeList<Service>>({ method: 'GET', path: servicesPath });
  const differences = from.items
    .filter(({ metadata }) => metadata.name !== 'kubernetes')
    .map(({ metadata }) => `${row.name}: ${metadata.name} is left of an earlier row`);
  for (const step of row.steps) {
    differences.push(...(await runStep(step, client, seen)).map(one => `${row.name}, ${step.does}: ${one}`));
  }
  if (row.watch !== undefined) {
    const types = await watchedTypes(client, row.service, from.metadata.resourceVersion, row.watch.length);
    if (types.join() !== row.watch.join())
      differences.push(`${row.name}: the watch saw ${types.join()}, not ${row.watch.join()}`);
  }
  await remove(client, row.service);
  return differences;
}

export const servicesPath = '/api/v1/namespaces/default/services';

async function runStep(step: Step, client: KubeClient, seen: Map<string, Service>): Promise<readonly string[]> {
  const kept: Seen = name => {
    const service = seen.get(name);
    if (service === undefined) throw new Error(`no step has kept "${name}"`);
    return service;
  };
  const given = await answerOf(client, step.request(kept));
  if (step.as !== undefined && given.body !== undefined) seen.set(step.as, given.body);
  return compare(step.answer, given);
}

interface Given {
  readonly body?: Service;
  readonly error?: KubeError;
}

async function answerOf(client: KubeClient, request: KubeRequest): Promise<Given> {
  try {
    return { body: await client.request<Service>(request) };
  } catch (error) {
    if (error instanceof KubeError) return { error };
    throw error;
  }
}

function compare(expected: Answer, { body, error }: Given): readonly string[] {
  if (expected.accepted) {
    return error === undefined
      ? differencesOf(expected.object ?? {}, body, '')
      : [`refused with ${error.status} ${error.reason}: ${error.message}`];
  }
  if (error === undefined) return [`accepted, not refused with ${expected.status} ${expected.reason}`];
  const given = `${error.status} ${error.reason}: ${error.message} ${JSON.stringify(error.causes ?? [])}`;
  const fits =
    error.status === expected.status &&
    error.reason === expected.reason &&
    error.message.includes(expected.says ?? '') &&
    (expected.causes ?? []).every(({ field, says = '' }) =>
      error.causes?.some(cause => cause.field === field && (cause.message ?? '').includes(says)),
    );
  return fits ? [] : [`refused with ${given}, not as ${JSON.stringify(expected)}`];
}

/** Arrays are compared as wholes: each item by its parts, the number of items exactly. */
function differencesOf(expected: unknown, given: unknown, path: string): readonly string[] {
  if (expected === absent) return given === undefined ? [] : [`${path} is there: ${JSON.stringify(given)}`];
  if (expected instanceof RegExp)
    return expected.test(String(given)) ? [] : [`${path} is ${JSON.stringify(given)}, not like ${expected.source}`];
  if (typeof expected !== 'object' || expected === null) {
    return Object.is(expected, given) ? [] : [`${path} is ${JSON.stringify(given)}, not ${JSON.stringify(expected)}`];
  }
  if (typeof given !== 'object' || given === null)
    return [`${path} is ${JSON.stringify(given)}, not ${JSON.stringify(expected)}`];
  if (Array.isArray(expected) && expected.length !== (given as readonly unknown[]).length) {
    return [`${path} is ${JSON.stringify(given)}, not ${JSON.stringify(expected)}`];
  }
  return Object.entries(expected).flatMap(([name, part]) =>
    differencesOf(part, (given as Record<string, unknown>)[name], `${path}.${name}`),
  );
}

async function watchedTypes(
  client: KubeClient,
  name: string,
  resourceVersion: string,
  count: number,
): Promise<readonly string[]> {
  const stop = new AbortController();
  const query = { watch: 'true', resourceVersion, allowWatchBookmarks: 'true', timeoutSeconds: '10' };
  const types: string[] = [];
  for await (const event of client.watch<Service>({
    path: servicesPath,
    query,
    signal: stop.signal,
    idleDeadlineMs: 15_000,
  })) {
    if (event.type === 'ERROR' || event.object.metadata.name !== name) continue;
    types.push(event.type);
    if (types.length === count) break;
  }
  return types;
}

/** Leaves nothing of a row behind, whatever finalizers it has put on. Rejects where the server keeps it. */
async function remove(client: KubeClient, name: string): Promise<void> {
  const path = `${servicesPath}/${name}`;
  const body = { metadata: { finalizers: null } };
  const deleted = await answerOf(client, { method: 'DELETE', path });
  const freed = await answerOf(client, { method: 'PATCH', path, body, contentType: 'application/merge-patch+json' });
  for (const { error } of [deleted, freed]) if (error !== undefined && error.status !== 404) throw error;
}
