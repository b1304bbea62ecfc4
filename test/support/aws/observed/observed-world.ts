import { paginateDescribeSecurityGroups, type SecurityGroup } from '@aws-sdk/client-ec2';
import {
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetHealthCommand,
  type Listener,
  type LoadBalancer,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
  type TargetGroup,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { RawClients } from '../raw-clients.ts';

interface Pair {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

interface Part<Shape> {
  readonly shape: Shape;
  readonly tags: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Everything there is, whosever it is, as the SDK shows it. */
export interface ObservedWorld {
  readonly balancers: readonly (Part<LoadBalancer> & { readonly listeners: readonly ObservedListener[] })[];
  readonly groups: readonly (Part<TargetGroup> & { readonly targets: readonly TargetHealthDescription[] })[];
  readonly securityGroups: readonly SecurityGroup[];
}

export interface ObservedListener {
  readonly shape: Listener;
  readonly tags: Readonly<Record<string, string>>;
  readonly certificates: readonly string[];
}

/** With clients of its own: what it asks for is in no test's log. */
export async function observeWorld(clients: RawClients): Promise<ObservedWorld> {
  const [balancers, groups, securityGroups] = await Promise.all([
    listBalancers(clients).then(all => Promise.all(all.map(one => observeBalancer(clients, one)))),
    listGroups(clients).then(all => Promise.all(all.map(one => observeGroup(clients, one)))),
    listSecurityGroups(clients),
  ]);
  return { balancers, groups, securityGroups };
}

async function listBalancers({ elb: client }: RawClients): Promise<readonly LoadBalancer[]> {
  const all: LoadBalancer[] = [];
  for await (const page of paginateDescribeLoadBalancers({ client }, {})) all.push(...(page.LoadBalancers ?? []));
  return all;
}

async function listGroups({ elb: client }: RawClients): Promise<readonly TargetGroup[]> {
  const all: TargetGroup[] = [];
  for await (const page of paginateDescribeTargetGroups({ client }, {})) all.push(...(page.TargetGroups ?? []));
  return all;
}

async function listSecurityGroups({ ec2: client }: RawClients): Promise<readonly SecurityGroup[]> {
  const all: SecurityGroup[] = [];
  for await (const page of paginateDescribeSecurityGroups({ client }, {})) all.push(...(page.SecurityGroups ?? []));
  return all;
}

async function observeBalancer(clients: RawClients, shape: LoadBalancer) {
  const { elb } = clients;
  const LoadBalancerArn = shape.LoadBalancerArn;
  const { Attributes } = await elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }));
  const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
  const listeners = await Promise.all(Listeners.map(one => observeListener(clients, one)));
  return { shape, tags: await tagsOf(clients, LoadBalancerArn), attributes: recordOf(Attributes), listeners };
}

async function observeListener(clients: RawClients, shape: Listener): Promise<ObservedListener> {
  const { ListenerArn } = shape;
  const tags = await tagsOf(clients, ListenerArn);
  if (shape.Protocol !== 'TLS') return { shape, tags, certificates: [] };
  const { Certificates = [] } = await clients.elb.send(new DescribeListenerCertificatesCommand({ ListenerArn }));
  return { shape, tags, certificates: Certificates.map(({ CertificateArn = '' }) => CertificateArn) };
}

async function observeGroup(clients: RawClients, shape: TargetGroup) {
  const { TargetGroupArn } = shape;
  const { Attributes } = await clients.elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
  const { TargetHealthDescriptions } = await clients.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  const targets = (TargetHealthDescriptions ?? []).filter(({ TargetHealth }) => TargetHealth?.State !== 'draining');
  return { shape, tags: await tagsOf(clients, TargetGroupArn), attributes: recordOf(Attributes), targets };
}

async function tagsOf({ elb }: RawClients, arn: string | undefined): Promise<Readonly<Record<string, string>>> {
  const { TagDescriptions } = await elb.send(new DescribeTagsCommand({ ResourceArns: [arn ?? ''] }));
  return recordOf(TagDescriptions?.[0]?.Tags);
}

export function recordOf(pairs: readonly Pair[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(pairs.map(({ Key = '', Value = '' }) => [Key, Value]));
}
