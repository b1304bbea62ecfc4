import type { Call, IpFamily, Warning } from '../../../src/provider/provider.ts';
import type { GceApi } from '../client/gce-api.ts';
import { regional } from '../client/links.ts';
import type { Firewall, HealthCheck } from '../client/resources.ts';
import type { GcpConfig } from '../config.ts';
import type { DesiredBalancer } from '../desired/desired-balancer.ts';
import { repairedCheck } from '../desired/health-checks.ts';
import type { PartsRecord } from '../inventory/parts-record.ts';
import { type Known, type KnownBalancer, nothingKnown, type OwnKind } from '../model/kinds.ts';
import { backendsOf, planBackendService } from '../plan/plan-backend-service.ts';
import { byHand, ensureFirewall } from '../writing/ensure-firewall.ts';
import { together } from '../writing/together.ts';
import type { Writer } from '../writing/writer.ts';
import type { AskedAddress } from './addresses.ts';

/** What making one balancer works with. */
export interface Making {
  readonly api: GceApi;
  readonly config: GcpConfig;
  readonly call: Call;
  readonly record: PartsRecord;
  readonly writer: Writer;
  readonly desired: DesiredBalancer;
  /** Paths of the instance groups in which its nodes are. */
  readonly groups: readonly string[];
  readonly asked: readonly AskedAddress[];
  /** What users know already. */
  readonly published: ReadonlyMap<IpFamily, string>;
  /** Told as it goes. */
  readonly warn: (warning: Warning) => void;
}

export async function makeHealthCheck({ writer, desired, config, warn }: Making): Promise<void> {
  if (desired.healthCheck === undefined) return;
  const { check, asked, firewalls } = desired.healthCheck;
  const name = desired.names.healthCheck;
  const found = writer.find('healthChecks', name);
  const repaired = found === undefined ? undefined : repairedCheck(check, found, asked);
  await together([
    ...firewalls.map(rule => makeFirewall(rule, { writer, config, warn })),
    ...(found === undefined
      ? [writer.insert('healthChecks', { name, description: desired.description, ...check })]
      : repaired === undefined
        ? []
        : [changeHealthCheck(writer, { name, description: desired.description, ...repaired }, found?.type)]),
  ]);
}

/** The fields of the former type would stay in a patch. */
async function changeHealthCheck(writer: Writer, wanted: HealthCheck, type: HealthCheck['type']): Promise<void> {
  if (type === wanted.type) await writer.patch('healthChecks', wanted.name, wanted);
  else await writer.replace('healthChecks', wanted);
}

export async function makeBackendService({ writer, desired, groups, record }: Making): Promise<void> {
  const { backendService: wanted, drainSeconds } = desired;
  const found = writer.find('backendServices', wanted.name);
  if (found === undefined) {
    await writer.insert('backendServices', {
      ...wanted,
      ...(groups.length > 0 ? { backends: backendsOf(groups) } : {}),
    });
    return;
  }
  const ruleProtocols = record.known.forwardingRules.map(({ IPProtocol }) => IPProtocol ?? '');
  const changes = planBackendService({ wanted, groups, found, drainSeconds, ruleProtocols });
  if (changes !== undefined) await writer.patch('backendServices', wanted.name, changes);
}

export async function makeFirewall(
  rule: Firewall,
  { writer, config, warn }: Pick<Making, 'writer' | 'config' | 'warn'>,
): Promise<void> {
  if ((await ensureFirewall(writer, rule)) === 'forbidden') warn(byHand(rule, config.networkProject ?? config.project));
}

/** Path of the balancer's backend service. */
export function backendServicePath({ desired, config }: Pick<Making, 'desired' | 'config'>): string {
  return regional(config.project, config.region, 'backendServices', desired.backendService.name);
}

/** What is known of a balancer, and is not wanted any more. Pure. */
export function leftoversOf(known: KnownBalancer, desired: DesiredBalancer): KnownBalancer {
  const { names, frontends, healthCheck, proxied } = desired;
  const proxies = (proxied ?? []).map(({ port }) => names.proxy(port));
  const families: readonly IpFamily[] = proxied === undefined ? frontends.map(({ family }) => family) : ['IPv4'];
  const services = proxied === undefined ? [names.backendService] : proxies;
  const firewalls = [
    ...frontends.map(({ firewall }) => firewall?.name),
    ...(healthCheck?.firewalls ?? []).map(({ name }) => name),
    ...(proxied === undefined ? [] : [names.firewall('IPv4')]),
  ];
  const addresses = families.flatMap(family => wantedAddresses(known, desired, family));
  const isOther = (wanted: readonly (string | undefined)[]) => (one: { readonly name: string }) =>
    !wanted.includes(one.name);
  return {
    ...nothingKnown,
    forwardingRules: known.forwardingRules.filter(rule =>
      proxied === undefined ? !families.includes(familyOf(rule)) : !proxies.includes(rule.name),
    ),
    targetTcpProxies: known.targetTcpProxies.filter(isOther(proxies)),
    backendServices: known.backendServices.filter(isOther(services)),
    healthChecks: known.healthChecks.filter(isOther(healthCheck === undefined ? [] : [names.healthCheck])),
    firewalls: known.firewalls.filter(isOther(firewalls)),
    addresses: known.addresses.filter(isOther(addresses)),
  };
}

/** Names of the addresses that stay reserved. What is kept is reserved anyway. */
function wantedAddresses(known: KnownBalancer, desired: DesiredBalancer, family: IpFamily): readonly string[] {
  const { names, keepAddress, proxied } = desired;
  if (keepAddress) return [names.keptAddress(family)];
  const rules = proxied ?? known.forwardingRules.filter(rule => familyOf(rule) === family);
  return sharesAddress(desired, rules.length) ? [names.heldAddress(family)] : [];
}

/** External rules share an address only while it is reserved; internal ones share none. */
export function sharesAddress({ scheme }: Pick<DesiredBalancer, 'scheme'>, rules: number): boolean {
  return scheme === 'EXTERNAL' && rules > 1;
}

export function familyOf({ ipVersion, IPAddress = '' }: Known<'forwardingRules'>): IpFamily {
  return ipVersion === 'IPV6' || IPAddress.includes(':') ? 'IPv6' : 'IPv4';
}

/** In the order in which the API lets them go; the firewall, which holds on to nothing, beside them. */
export async function removeParts(writer: Writer, parts: KnownBalancer): Promise<void> {
  const all = async (kind: OwnKind): Promise<void> => {
    await together(parts[kind].map(({ name }) => writer.delete(kind, name)));
  };
  const chain = async (): Promise<void> => {
    await all('forwardingRules');
    await all('targetTcpProxies');
    await all('backendServices');
    await together([all('healthChecks'), all('addresses')]);
  };
  await together([chain(), all('firewalls')]);
}
