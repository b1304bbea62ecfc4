import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collections } from '../kinds/kinds.ts';
import { computeSchema } from '../schema/schema.ts';
import { type SdkCaller, sdkCaller } from './sdk-caller.ts';
import { type Stage, setStage } from './stage.ts';
import { type WrongRequest, wrongRequests } from './wrong-requests.ts';

let stage: Stage;
let sdk: SdkCaller;

beforeAll(async () => {
  stage = await setStage();
  sdk = await sdkCaller(stage.server);
});

afterAll(() => stage.server.close());

const routes = computeSchema().routes(Object.keys(collections));

/** The request of the schema's own words. */
function rawRequest({ method, request = {}, body }: WrongRequest): readonly [string, string, unknown] {
  const [service = '', verb = ''] = method.split('.');
  const route = routes.find(one => one.service === service && one.rpc.toLowerCase() === verb.toLowerCase());
  if (route === undefined) throw new Error(`no ${method}`);
  const fields: Record<string, string> = { project: 'demo-project', region: 'europe-west1', ...request };
  const used = new Set<string>();
  const path = route.template.replace(/^\/compute\/v1\//, '').replace(/\{(\w+)\}/g, (_, name: string) => {
    const key = name.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
    used.add(key).add('region');
    return fields[key] ?? '';
  });
  const query = new URLSearchParams(Object.entries(fields).filter(([key]) => !used.has(key)));
  return [route.httpMethod, query.size > 0 ? `${path}?${query.toString()}` : path, body];
}

describe('what the real API refuses is refused', () => {
  test.each(wrongRequests.map(row => [row.sentence, row] as const))('%s, over HTTP', async (_sentence, row) => {
    const { status, reason } = await stage.raw(...rawRequest(row));
    expect({ status, reason }).toEqual({ status: row.status, reason: row.reason });
  });

  test.each(wrongRequests.filter(({ rawOnly }) => rawOnly !== true).map(row => [row.sentence, row] as const))(
    '%s, through the SDK',
    async (_sentence, row) => {
      expect(await sdk(row)).toEqual({ status: row.status, reason: row.reason });
    },
  );

  test('and nothing of it has changed anything', async () => {
    const before = stage.server.gce.world.store
      .everything()
      .map(({ path, fields, state }) => JSON.stringify([path, fields, state]));
    for (const row of wrongRequests) await stage.raw(...rawRequest(row));
    const after = stage.server.gce.world.store
      .everything()
      .map(({ path, fields, state }) => JSON.stringify([path, fields, state]));
    expect(after).toEqual(before);
  });
});
