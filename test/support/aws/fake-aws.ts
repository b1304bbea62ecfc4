import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { ec2 } from './services/ec2.ts';
import { elasticLoadBalancing } from './services/elastic-load-balancing.ts';
import type { Service } from './services/service.ts';
import { errorXml, resultXml } from './wire/answer-xml.ts';
import { Params } from './wire/params.ts';
import { Refusal } from './wire/refusal.ts';
import { Account, type AccountClock } from './world/account.ts';
import type { AwsSettings } from './world/settings.ts';
import { TokenBuckets } from './world/token-buckets.ts';

export interface FakeAws {
  readonly url: string;
  /** The objects, and `account.settings`, to be looked at and changed at any time. */
  readonly account: Account;
  close(): Promise<void>;
}

const realClock: AccountClock = { now: Date.now, after: (ms, run) => void setTimeout(run, ms) };

/** ELBv2 and EC2 with AWS's own rules, over AWS's own protocol, on a free port of 127.0.0.1. Starts with an empty account. */
export async function startFakeAws(settings: Partial<AwsSettings> = {}, clock = realClock): Promise<FakeAws> {
  const account = new Account(clock, settings);
  const buckets = new TokenBuckets(account);
  const server = createServer((request, response) => {
    // A client that gave up in mid-request has sent half of one, which counts for nothing.
    respond(account, buckets, request, response).catch(() => response.destroy());
  });
  // Clients keep their connections: one that is closed under a request would look like a fault of the network.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    account,
    close() {
      server.closeAllConnections();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}

async function respond(
  account: Account,
  buckets: TokenBuckets,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const form = new URLSearchParams(await readText(request));
  const { status, body } = await answer(account, buckets, form, request.headers.authorization);
  response.writeHead(status, { 'content-type': 'text/xml' });
  response.end(body);
}

async function answer(
  account: Account,
  buckets: TokenBuckets,
  form: URLSearchParams,
  authorization: string | undefined,
): Promise<{ readonly status: number; readonly body: string }> {
  const [action, version] = [form.get('Action') ?? '', form.get('Version')];
  const service = version === ec2.version ? ec2 : elasticLoadBalancing;
  const requestId = randomUUID();
  try {
    if (authorization === undefined)
      throw new Refusal('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
    if (version !== service.version) throw new Refusal('InvalidAction', `Could not find version ${version}`);
    if (!buckets.take(service.name, action, isFiltered(form))) throw throttled(service);
    await pass(account, isRead(action) ? account.settings.readLatencyMs : account.settings.writeLatencyMs);
    return { status: 200, body: resultXml(service, action, perform(account, service, action, form), requestId) };
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal('InternalFailure', String(error), 500);
    return { status: refusal.status, body: errorXml(service, refusal, requestId) };
  }
}

function perform(account: Account, service: Service, action: string, form: URLSearchParams) {
  const operation = Object.hasOwn(service.operations, action) ? service.operations[action] : undefined;
  if (operation === undefined)
    throw new Refusal('InvalidAction', `The action ${action} is not valid for this web service`);
  const params = Params.parse(
    service.dialect,
    [...form].filter(([key]) => key !== 'Action' && key !== 'Version'),
  );
  const apply = operation(params);
  params.refuseUnknown();
  return apply(account);
}

function throttled(service: Service): Refusal {
  return service.name === 'ec2'
    ? new Refusal('RequestLimitExceeded', 'Request limit exceeded.', 503)
    : new Refusal('Throttling', 'Rate exceeded');
}

export function isRead(action: string): boolean {
  return action.startsWith('Describe');
}

/** A describe that names what it wants, or a page of it, costs AWS less. */
function isFiltered(form: URLSearchParams): boolean {
  return [...form.keys()].some(key => key !== 'Action' && key !== 'Version');
}

function pass(account: Account, ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise(resolve => account.clock.after(ms, resolve));
}
