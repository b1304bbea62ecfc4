import { ProviderError } from '../../../src/provider/provider-error.ts';
import { pathOf, regional } from '../client/links.ts';
import type { BackendService, Firewall } from '../client/resources.ts';
import type { ProxiedPort } from '../desired/desired-balancer.ts';
import { firewallBase, networkOf } from '../desired/firewall-base.ts';
import { planProxiedService, proxiedBackends } from '../plan/plan-proxied-service.ts';
import { portName } from '../shared/zone-groups.ts';
import { together } from '../writing/together.ts';
import { bare } from './addresses.ts';
import { holdAddress, keepAddress, ownAddress } from './frontend-address.ts';
import { type Making, makeFirewall, sharesAddress } from './own-parts.ts';

/**
 * A balancer whose traffic comes from Google's proxies, at the node ports: for each port a backend service over the named port of the groups, a
 * proxy, and a rule; all rules on one address. Returns the address.
 */
export async function makeProxies(making: Making, ports: readonly ProxiedPort[]): Promise<string> {
  const { record, asked, published, warn } = making;
  const rule = record.known.forwardingRules.find(({ IPAddress }) => IPAddress !== undefined);
  const current = rule?.IPAddress ?? ownAddress(making, 'IPv4');
  const wanted = asked.find(({ family }) => family === 'IPv4')?.ip;
  if (current !== undefined && wanted !== undefined && bare(wanted) !== bare(current))
    warn({ reason: 'AddressNotChanged', message: `the address is ${current} and does not become ${wanted}` });
  const kept = making.desired.keepAddress ? await keepAddress(making, 'IPv4', current ?? wanted) : undefined;
  const known = current ?? kept ?? wanted;
  const isReserved = kept !== undefined || (wanted !== undefined && wanted === known);
  const isShared = sharesAddress(making.desired, Math.max(ports.length, record.known.forwardingRules.length + 1));
  const isNew = ports.some(
    ({ port }) => making.writer.find('forwardingRules', making.desired.names.proxy(port)) === undefined,
  );
  const held = isNew && isShared && !isReserved ? await holdAddress(making, 'IPv4', known) : undefined;
  await together([makeNodeFirewall(making, ports), ...ports.map(one => makeBehind(making, one))]);
  return makeRules(making, ports, known ?? held ?? published.get('IPv4'));
}

/** What stands behind the rule of one port. */
async function makeBehind(making: Making, { port, nodePort }: ProxiedPort): Promise<void> {
  const { writer, desired, config, groups } = making;
  const { backendService, description } = desired;
  const name = desired.names.proxy(port);
  const found = writer.find('backendServices', name);
  const wanted: BackendService = {
    name,
    description,
    loadBalancingScheme: 'EXTERNAL_MANAGED',
    protocol: 'TCP',
    portName: portName(nodePort),
    ...(backendService.healthChecks === undefined ? {} : { healthChecks: backendService.healthChecks }),
    ...(backendService.sessionAffinity === undefined ? {} : { sessionAffinity: backendService.sessionAffinity }),
  };
  if (found === undefined)
    await writer.insert('backendServices', {
      ...wanted,
      ...(groups.length > 0 ? { backends: proxiedBackends(groups) } : {}),
    });
  else {
    const changes = planProxiedService(wanted, groups, found);
    if (changes !== undefined) await writer.patch('backendServices', name, changes);
  }
  if (writer.find('targetTcpProxies', name) === undefined)
    await writer.insert('targetTcpProxies', {
      name,
      description,
      service: regional(config.project, config.region, 'backendServices', name),
      proxyHeader: 'NONE',
    });
}

/** The first rule brings the address, where there is none; the others are made side by side. */
async function makeRules(making: Making, ports: readonly ProxiedPort[], known: string | undefined): Promise<string> {
  const { writer, desired } = making;
  const missing = ports.filter(({ port }) => writer.find('forwardingRules', desired.names.proxy(port)) === undefined);
  if (known !== undefined) {
    await together(missing.map(one => insertRule(making, one, known)));
    return known;
  }
  const [first, ...others] = missing;
  if (first === undefined)
    throw new Error('a balancer has no address and no rule is to be made: it is looked at again');
  await insertRule(making, first, undefined);
  const found = await writer.read('forwardingRules', desired.names.proxy(first.port));
  const address = found?.IPAddress;
  if (address === undefined) throw new Error('the forwarding rule has no address yet');
  await together(others.map(one => insertRule(making, one, address)));
  return address;
}

function insertRule(making: Making, { port }: ProxiedPort, address: string | undefined): Promise<void> {
  const { writer, desired, config } = making;
  const name = desired.names.proxy(port);
  return writer.insert('forwardingRules', {
    name,
    description: desired.description,
    labels: desired.labels,
    loadBalancingScheme: 'EXTERNAL_MANAGED',
    IPProtocol: 'TCP',
    portRange: `${port}-${port}`,
    target: regional(config.project, config.region, 'targetTcpProxies', name),
    network: networkOf(config),
    networkTier: desired.tier,
    ...(address === undefined ? {} : { IPAddress: address }),
  });
}

/** Proxies send from a subnetwork of their own; the balancer's address is no destination here. */
async function makeNodeFirewall(making: Making, ports: readonly ProxiedPort[]): Promise<void> {
  const { config, desired } = making;
  if (config.firewall === 'none') return;
  const rule: Firewall = {
    name: desired.names.firewall('IPv4'),
    description: desired.description,
    ...firewallBase(config),
    sourceRanges: await proxyRanges(making),
    allowed: [{ IPProtocol: 'tcp', ports: ports.map(({ nodePort }) => String(nodePort)) }],
  };
  await makeFirewall(rule, making);
}

/** Those of a rule that is there already need no request. */
async function proxyRanges({ api, config, call, writer, desired }: Making): Promise<readonly string[]> {
  const known = writer.find('firewalls', desired.names.firewall('IPv4'))?.sourceRanges ?? [];
  if (known.length > 0) return known;
  const network = networkOf(config);
  const found = (await api.list('subnetworks', { filter: 'purpose = "REGIONAL_MANAGED_PROXY"' }, call)).filter(
    one => one.role !== 'BACKUP' && pathOf(one.network ?? '') === network,
  );
  const ranges = found.flatMap(({ ipCidrRange }) => (ipCidrRange === undefined ? [] : [ipCidrRange]));
  if (ranges.length > 0) return ranges;
  throw new ProviderError(
    'rejected',
    `the network ${config.network} has no subnetwork for proxies in ${config.region}: create one of purpose REGIONAL_MANAGED_PROXY`,
  );
}
