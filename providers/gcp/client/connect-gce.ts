import type { ProviderClock } from '../../../src/provider/provider.ts';
import { type Credentials, findCredentials } from './credentials.ts';
import type { GceApi } from './gce-api.ts';
import { GceDoor } from './gce-door.ts';
import { seedProtos } from './sdk/seed-protos.ts';
import { Operations } from './sending/operations.ts';
import { type SdkClient, Sender } from './sending/sender.ts';
import { makeFetch } from './sending/wire.ts';

export interface GceOptions {
  readonly clock: ProviderClock;
  /** Absent: the one that the credentials belong to. */
  readonly project?: string;
  /** Of a shared VPC's host; absent: the same. */
  readonly networkProject?: string;
  readonly region: string;
  /** For tests, and for private endpoints: `http://127.0.0.1:8080`, `https://compute.example.com`. */
  readonly endpoint?: string;
  /** Where credentials come from. Default: `none` with an http endpoint, otherwise `default`. */
  readonly credentials?: Credentials;
  /** How long a change waits for its operation before it throws `StillRunning`. Default 20,000. */
  readonly operationPatienceMs?: number;
}

/** Loads the SDK, and tries the credentials. Throws an error of one line where something is missing. */
export async function connectGce(options: GceOptions): Promise<GceApi> {
  const { clock, region, endpoint } = options;
  seedProtos();
  const { clients, GoogleAuth } = await import('./sdk/sdk.ts');
  const address = addressOf(endpoint);
  const source = options.credentials ?? (address.protocol === 'http' ? 'none' : 'default');
  const identity = await findCredentials(source, options.project, GoogleAuth);
  const project = options.project ?? (await identity.projectId());
  const fetch = makeFetch(clock, identity.headers);
  const made = new Map<string, SdkClient>();
  const clientOf = (service: string): SdkClient => {
    const known = made.get(service);
    if (known !== undefined) return known;
    const Client = clients[service as keyof typeof clients] as unknown as new (options: object) => SdkClient;
    // Each client writes into what it is given.
    const client = new Client({ fallback: true, auth: { fetch, getClient: async () => ({}) }, ...address });
    made.set(service, client);
    return client;
  };
  const sender = new Sender({ clock, clientOf });
  const operations = new Operations(sender, clock, options.operationPatienceMs ?? 20_000);
  return new GceDoor({ project, networkProject: options.networkProject ?? project, region }, sender, operations, () =>
    made.clear(),
  );
}

interface Address {
  readonly apiEndpoint?: string;
  readonly port?: number;
  readonly protocol?: string;
}

/** The SDK takes host, port and protocol apart, and no path. */
function addressOf(endpoint: string | undefined): Address {
  if (endpoint === undefined) return {};
  const { protocol, hostname, port, pathname } = URL.canParse(endpoint) ? new URL(endpoint) : new URL('none:');
  if (!/^https?:$/.test(protocol) || pathname !== '/')
    throw new Error(
      `no endpoint of Compute Engine: ${endpoint}: it is like https://compute.example.com:443, without a path`,
    );
  const otherwise = protocol === 'http:' ? 80 : 443;
  return { apiEndpoint: hostname, port: port === '' ? otherwise : Number(port), protocol: protocol.slice(0, -1) };
}
