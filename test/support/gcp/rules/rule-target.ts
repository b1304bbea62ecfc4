import { parseReference, projectOf, urlOf } from '../schema/paths.ts';
import { invalid, required } from '../world/api-error.ts';
import type { Fields } from '../world/store.ts';
import type { GceWorld } from '../world/world.ts';
import { textOf } from './fields.ts';
import type { RulePorts } from './rule-ports.ts';

/** The link of a rule to what it leads to, checked against scheme, protocol and ports of the rule. Returns the fields of the link. */
export function checkTarget(world: GceWorld, fields: Fields, scheme: string, ports: RulePorts, path: string): Fields {
  const service = textOf(fields, 'backendService');
  const target = textOf(fields, 'target');
  if (service !== undefined && target !== undefined)
    throw invalid("Invalid value for field 'resource.target': target and backendService are mutually exclusive.");
  if (scheme.endsWith('_MANAGED')) return proxyTarget(world, fields, scheme, ports, path);
  if (service !== undefined) return backendServiceTarget(world, service, fields, scheme, path);
  if (target === undefined || scheme === 'INTERNAL') throw required('resource.backendService');
  if (ports.form === 'ports' || ports.form === 'allPorts')
    throw invalid("Invalid value for field 'resource.ports': a target pool takes a portRange only.");
  const pool = parseReference(target, 'resource.target', ['targetPools'], projectOf(path));
  return { target: urlOf(world.store.usable(pool).path) };
}

function backendServiceTarget(world: GceWorld, text: string, fields: Fields, scheme: string, path: string): Fields {
  const service = world.store.usable(
    parseReference(text, 'resource.backendService', ['backendServices'], projectOf(path)),
  );
  checkSameRegion(service.path, path, 'backendService');
  if (service.fields['loadBalancingScheme'] !== scheme)
    throw invalid(
      `Invalid value for field 'resource.backendService': '${text}'. Its load balancing scheme ${String(service.fields['loadBalancingScheme'])} does not match ${scheme} of the forwarding rule.`,
    );
  if (!protocolsMatch(textOf(fields, 'IPProtocol') ?? 'TCP', String(service.fields['protocol'])))
    throw invalid(
      `Invalid value for field 'resource.backendService': '${text}'. Protocol ${String(service.fields['protocol'])} of the backend service does not match ${textOf(fields, 'IPProtocol') ?? 'TCP'} of the forwarding rule.`,
    );
  return { backendService: urlOf(service.path) };
}

/**
 * Rule → backend service.
 *
 * |            | TCP | UDP | UNSPECIFIED |
 * |------------|-----|-----|-------------|
 * | TCP        | yes | no  | yes         |
 * | UDP        | no  | yes | yes         |
 * | L3_DEFAULT | no  | no  | yes         |
 */
export const protocolsMatch = (rule: string, service: string): boolean => service === 'UNSPECIFIED' || rule === service;

function proxyTarget(world: GceWorld, fields: Fields, scheme: string, ports: RulePorts, path: string): Fields {
  const target = textOf(fields, 'target');
  if (target === undefined) throw required('resource.target');
  const proxy = world.store.usable(parseReference(target, 'resource.target', ['targetTcpProxies'], projectOf(path)));
  checkSameRegion(proxy.path, path, 'target');
  if (proxy.fields['loadBalancingScheme'] !== scheme)
    throw invalid(
      `Invalid value for field 'resource.target': '${target}'. Its load balancing scheme does not match ${scheme} of the forwarding rule.`,
    );
  const [range] = ports.ranges;
  if (ports.form === 'allPorts' || range === undefined || ports.ranges.length > 1 || range.from !== range.to)
    throw invalid("Invalid value for field 'resource.portRange': a proxy takes exactly one port.");
  return { target: urlOf(proxy.path) };
}

function checkSameRegion(one: string, other: string, field: string): void {
  if (one.split('/').slice(0, 4).join('/') === other.split('/').slice(0, 4).join('/')) return;
  throw invalid(
    `Invalid value for field 'resource.${field}': '${one}'. It is in another region or project than the forwarding rule.`,
  );
}
