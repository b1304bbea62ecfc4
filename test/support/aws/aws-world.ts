import type { Served, TestWorld } from '../../../src/provider/conformance.ts';
import type { Backend, LoadBalancer, Provider, ProviderContext } from '../../../src/provider/provider.ts';
import { type FakeAws, startFakeAws } from './fake-aws.ts';
import { type Fixture, type FixtureOptions, seedFixture } from './fixture.ts';
import { addForeign } from './foreign.ts';
import { inventoryOf } from './observed/inventory.ts';
import { observeWorld } from './observed/observed-world.ts';
import { servedBy } from './observed/served.ts';
import { type AwsProxy, startAwsProxy } from './proxy/aws-proxy.ts';
import { type RawClients, rawClients } from './raw-clients.ts';
import { type AwsSettings, defaultQuotas } from './world/settings.ts';

/** A server with a fixture in it and a proxy before it: what a test of the provider needs. */
export interface AwsWorld {
  /** Of the proxy: for the provider, whose requests are counted and spoiled. */
  readonly url: string;
  readonly proxy: AwsProxy;
  /** Of the server itself: what the test does itself is neither counted nor spoiled. */
  readonly clients: RawClients;
  readonly fixture: Fixture;
  /** The n-th node, as the core names it to a provider: `node-a` is the fixture's first instance. */
  backend(index: number): Backend;
  /** An ARN that a TLS listener may name. */
  addCertificate(domain: string): Promise<string>;
  close(): Promise<void>;
}

export interface FakeWorld extends AwsWorld {
  readonly fake: FakeAws;
}

export type CreateAwsProvider = (context: ProviderContext, world: AwsWorld) => Provider | Promise<Provider>;

/** The conformance kit makes up to 120 balancers. */
const roomyQuotas = { ...defaultQuotas, loadBalancers: 1_000 };

/** A fake of its own. */
export async function fakeWorld(
  settings: Partial<AwsSettings> = {},
  options: FixtureOptions = { prefix: 20 },
): Promise<FakeWorld> {
  const fake = await startFakeAws({ quotas: roomyQuotas, ...settings });
  const world = await worldOn(fake.url, options, async domain => {
    const arn = `arn:aws:acm:${fake.account.region}:${fake.account.id}:certificate/${domain}`;
    fake.account.certificates.add(arn);
    return arn;
  });
  return {
    ...world,
    fake,
    async close() {
      await world.close();
      await fake.close();
    },
  };
}

/** On a server of moto's, which is emptied first: one world at a time. */
export async function motoWorld(
  moto: { readonly url: string; reset(): Promise<void> },
  options: FixtureOptions = { prefix: 20 },
): Promise<AwsWorld> {
  await moto.reset();
  return worldOn(moto.url, options, domain => requestCertificate(moto.url, domain));
}

async function worldOn(
  url: string,
  options: FixtureOptions,
  addCertificate: AwsWorld['addCertificate'],
): Promise<AwsWorld> {
  const clients = rawClients(url);
  const fixture = await seedFixture(clients.ec2, options);
  const proxy = await startAwsProxy(url);
  return {
    url: proxy.url,
    proxy,
    clients,
    fixture,
    backend: index => backendAt(fixture, index),
    addCertificate,
    async close() {
      clients.close();
      await proxy.close();
    },
  };
}

/** The kit's view of it, with every hook. The kit's nodes become the fixture's by `adjustTo`. */
export function testWorldOf(world: AwsWorld, createProvider: CreateAwsProvider): Required<TestWorld> {
  const { clients, fixture, proxy } = world;
  return {
    createProvider: context => createProvider(context, world),
    inventory: async () => inventoryOf(await observeWorld(clients)),
    async served(id): Promise<readonly Served[]> {
      return servedBy(await observeWorld(clients), id, target => nodeOf(fixture, target));
    },
    mutations: async () => proxy.log.mutations.length,
    failMutation: async (n, when) => proxy.faults.failMutation(n, when),
    async hang() {
      const release = proxy.faults.hang();
      return async () => release();
    },
    async holdBack() {
      const release = proxy.holdBack();
      return async () => release();
    },
    addForeign: () => addForeign(clients, fixture),
    close: () => world.close(),
  };
}

/** The kit's nodes `node-a`, `node-b`, … are the fixture's instances, in this order. */
export function adjustTo({ fixture }: AwsWorld, loadBalancer: LoadBalancer): LoadBalancer {
  const backends = loadBalancer.backends.map(({ node }) => backendAt(fixture, node.charCodeAt('node-'.length) - 97));
  return { ...loadBalancer, backends };
}

function backendAt({ instances }: Fixture, index: number): Backend {
  const instance = instances[index];
  if (instance === undefined) throw new RangeError(`The fixture has ${instances.length} instances, and no ${index}`);
  return {
    node: nodeName(index),
    providerId: `aws:///${instance.zone}/${instance.id}`,
    addresses: [{ type: 'InternalIP', address: instance.privateIp }],
    zone: instance.zone,
  };
}

function nodeOf({ instances }: Fixture, target: string): string {
  const index = instances.findIndex(({ id, privateIp }) => id === target || privateIp === target);
  return index < 0 ? target : nodeName(index);
}

function nodeName(index: number): string {
  return `node-${index < 26 ? String.fromCharCode(97 + index) : index}`;
}

/** Of moto's ACM, for which the project has no SDK client. */
async function requestCertificate(url: string, domain: string): Promise<string> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'CertificateManager.RequestCertificate',
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-west-2/acm/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify({ DomainName: domain }),
  });
  const { CertificateArn } = (await answer.json()) as { CertificateArn: string };
  return CertificateArn;
}
