import { kinds } from '../../../../providers/gcp/client/kinds.ts';
import { seedProtos } from '../../../../providers/gcp/client/sdk/seed-protos.ts';
import type { GceServer } from '../gce-server.ts';
import type { WrongRequest } from './wrong-requests.ts';

export type SdkCaller = (
  row: Pick<WrongRequest, 'method' | 'request' | 'body'>,
) => Promise<{ status: number; reason: string | undefined }>;

type Client = Readonly<Record<string, (request: object, options: object) => Promise<unknown>>>;

/** Calls the SDK itself, without the provider's client; tells how the server has answered. */
export async function sdkCaller(server: GceServer): Promise<SdkCaller> {
  seedProtos();
  const { clients } = await import('../../../../providers/gcp/client/sdk/sdk.ts');
  const made = new Map<string, Client>();
  let last = { status: 0, reason: undefined as string | undefined };
  const send = async (url: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(url, init);
    const text = await response.text();
    const { error } = JSON.parse(text) as { error?: { errors?: readonly { reason?: string }[] } };
    last = { status: response.status, reason: error?.errors?.[0]?.reason };
    return new Response(text, { status: response.status });
  };
  const clientOf = (service: string): Client => {
    const known = made.get(service);
    if (known !== undefined) return known;
    const Client = clients[service as keyof typeof clients] as unknown as new (options: object) => Client;
    const { hostname, port } = new URL(server.endpoint);
    const client = new Client({
      fallback: true,
      auth: { fetch: send, getClient: async () => ({}) },
      apiEndpoint: hostname,
      port,
      protocol: 'http',
    });
    made.set(service, client);
    return client;
  };
  return async ({ method, request = {}, body }) => {
    const [service = '', verb = ''] = method.split('.');
    const whole = {
      project: server.fixture.project,
      region: server.fixture.region,
      ...request,
      ...bodyField(service, verb, body),
    };
    last = { status: 0, reason: undefined };
    const run = clientOf(service)[verb];
    if (run === undefined) throw new Error(`the SDK has no ${method}`);
    await run.call(clientOf(service), whole, { retry: null, autoPaginate: false }).catch(() => undefined);
    return last;
  };
}

/** Under which name a request carries its body. */
function bodyField(service: string, verb: string, body: object | undefined): object {
  if (body === undefined) return {};
  const kind = Object.values(kinds).find(one => one.service === service);
  const own: Readonly<Record<string, string>> = {
    setLabels: 'regionSetLabelsRequestResource',
    addInstances: 'instanceGroupsAddInstancesRequestResource',
    removeInstances: 'instanceGroupsRemoveInstancesRequestResource',
    setNamedPorts: 'instanceGroupsSetNamedPortsRequestResource',
  };
  return { [own[verb] ?? kind?.body ?? '']: body };
}
