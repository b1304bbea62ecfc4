import { checkUnchanged, listOf, numberOf, oneOf, partOf, partsOf, textOf } from '../rules/fields.ts';
import { protocolsMatch } from '../rules/rule-target.ts';
import { networkFor } from '../rules/subnetwork.ts';
import { isUrl, nameOf, parseReference, projectOf, urlOf } from '../schema/paths.ts';
import { conditionNotMet, inUse, invalid, required, twoBalancedGroups } from '../world/api-error.ts';
import type { Fields, StoredObject } from '../world/store.ts';
import type { GceWorld } from '../world/world.ts';
import type { KindRules } from './kind-rules.ts';

const schemes = ['EXTERNAL', 'INTERNAL', 'EXTERNAL_MANAGED', 'INTERNAL_MANAGED'];
const affinities = ['NONE', 'CLIENT_IP', 'CLIENT_IP_PROTO', 'CLIENT_IP_PORT_PROTO', 'CLIENT_IP_NO_DESTINATION'];

export const backendServices: KindRules = {
  insert: (world, fields, path) => checked(world, fields, path),

  change(world, object, fields) {
    if (fields['fingerprint'] !== object.fields['fingerprint']) throw conditionNotMet('fingerprint');
    const after = checked(world, fields, object.path);
    checkUnchanged(object.fields, after, ['loadBalancingScheme', 'network']);
    for (const rule of world.store.all('forwardingRules')) {
      if (
        rule.fields['backendService'] !== urlOf(object.path) ||
        protocolsMatch(String(rule.fields['IPProtocol']), String(after['protocol']))
      )
        continue;
      throw invalid(
        `Invalid value for field 'resource.protocol': '${String(after['protocol'])}'. Forwarding rule '${rule.path}' is ${String(rule.fields['IPProtocol'])}.`,
      );
    }
    return after;
  },

  remove(world, { path }) {
    const user = world.store.userOf(path, ['forwardingRules', 'targetTcpProxies']);
    if (user !== undefined) throw inUse(path, user);
  },
};

function checked(world: GceWorld, fields: Fields, path: string): Fields {
  const scheme = oneOf(fields, 'loadBalancingScheme', schemes, 'EXTERNAL');
  const managed = scheme.endsWith('_MANAGED');
  const protocol = oneOf(fields, 'protocol', managed ? ['TCP'] : ['TCP', 'UDP', 'UNSPECIFIED'], 'TCP');
  if (!managed && (fields['port'] !== undefined || textOf(fields, 'portName') !== undefined))
    throw invalid(
      "Invalid value for field 'resource.portName'. A passthrough load balancer has neither port nor portName.",
    );
  const network = scheme === 'INTERNAL' ? { network: urlOf(networkFor(world, fields, path)) } : undefined;
  if (network === undefined && textOf(fields, 'network') !== undefined)
    throw invalid("Invalid value for field 'resource.network'. Only for internal passthrough load balancers.");
  const sessionAffinity = oneOf(fields, 'sessionAffinity', managed ? ['NONE', 'CLIENT_IP'] : affinities, 'NONE');
  const draining = partOf(fields, 'connectionDraining') ?? {};
  numberOf(draining, 'drainingTimeoutSec', 0, 3_600, 0);
  return {
    ...fields,
    ...network,
    loadBalancingScheme: scheme,
    protocol,
    sessionAffinity,
    connectionDraining: { drainingTimeoutSec: 0, ...draining },
    timeoutSec: numberOf(fields, 'timeoutSec', 1, 2_147_483_647, 30),
    ...(managed ? { portName: textOf(fields, 'portName') ?? 'http', port: fields['port'] ?? 80 } : {}),
    healthChecks: [healthCheckOf(world, fields, path)],
    backends: backendsOf(world, fields, managed, path),
  };
}

/** Exactly one, of the same region. */
function healthCheckOf(world: GceWorld, fields: Fields, path: string): string {
  const [text, ...more] = listOf(fields, 'healthChecks');
  if (text === undefined) throw required('resource.healthChecks');
  if (more.length > 0) throw invalid("Invalid value for field 'resource.healthChecks'. Exactly one is allowed.");
  const check = world.store.usable(parseReference(text, 'resource.healthChecks[0]', ['healthChecks'], projectOf(path)));
  if (check.path.split('/').slice(0, 4).join('/') !== path.split('/').slice(0, 4).join('/'))
    throw invalid(`Invalid value for field 'resource.healthChecks[0]': '${text}'. It is in another region or project.`);
  return urlOf(check.path);
}

function backendsOf(world: GceWorld, fields: Fields, managed: boolean, path: string): readonly Fields[] {
  const backends = partsOf(fields, 'backends');
  if (backends.length > 50) throw invalid("Invalid value for field 'resource.backends'. At most 50 are allowed.");
  const seen = new Set<string>();
  const checkedOnes = backends.map((backend, index) => {
    const group = groupOf(world, backend, index, path);
    if (seen.has(group.path))
      throw invalid(`Invalid value for field 'resource.backends[${index}].group': '${group.path}'. It is there twice.`);
    seen.add(group.path);
    return { ...backend, group: urlOf(group.path), balancingMode: modeOf(backend, index, managed) };
  });
  for (const group of seen) checkOneBalancedGroup(world, group, seen);
  return checkedOnes;
}

function groupOf(world: GceWorld, backend: Fields, index: number, path: string): StoredObject {
  const field = `resource.backends[${index}].group`;
  if (!isUrl(backend['group']))
    throw invalid(
      `Invalid value for field '${field}': '${String(backend['group'])}'. A fully-qualified URL is required.`,
    );
  const group = world.store.usable(parseReference(backend['group'], field, ['instanceGroups'], projectOf(path)));
  const region = path.split('/')[3] ?? '';
  if (!world.zonesOf(region).includes(group.path.split('/')[3] ?? ''))
    throw invalid(`Invalid value for field '${field}': '${group.path}'. Its zone is not in region ${region}.`);
  return group;
}

/** What passes packets through counts connections. */
function modeOf(backend: Fields, index: number, managed: boolean): string {
  const mode = textOf(backend, 'balancingMode') ?? (managed ? 'UTILIZATION' : 'CONNECTION');
  const field = `resource.backends[${index}].balancingMode`;
  if (!managed && mode !== 'CONNECTION')
    throw invalid(`Invalid value for field '${field}': '${mode}'. Must be CONNECTION.`);
  if (managed && !['CONNECTION', 'UTILIZATION'].includes(mode))
    throw invalid(`Invalid value for field '${field}': '${mode}'. Must be CONNECTION or UTILIZATION.`);
  const most = ['maxConnections', 'maxConnectionsPerInstance'].filter(name => backend[name] !== undefined);
  if (managed && mode === 'CONNECTION' && most.length === 0)
    throw invalid(
      `Invalid value for field '${field}': 'CONNECTION'. maxConnections or maxConnectionsPerInstance is required.`,
    );
  if (!managed && most.length > 0)
    throw invalid(
      `Invalid value for field 'resource.backends[${index}].${most[0]}'. Not for passthrough load balancers.`,
    );
  return mode;
}

/** An instance is in at most one group that anything is balanced over. */
export function checkOneBalancedGroup(world: GceWorld, group: string, soon: ReadonlySet<string> = new Set()): void {
  const members = world.store.find(group)?.members ?? new Set();
  for (const other of world.store.all('instanceGroups')) {
    if (other.path === group || !(soon.has(other.path) || isBalanced(world, other.path))) continue;
    const both = [...other.members].find(instance => members.has(instance));
    if (both !== undefined) throw twoBalancedGroups(nameOf(both));
  }
}

export const isBalanced = (world: GceWorld, group: string): boolean =>
  world.store.userOf(group, ['backendServices']) !== undefined;
