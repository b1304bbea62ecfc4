import type { Served } from '../../../../src/provider/conformance.ts';
import { listOf, partsOf, textOf } from '../rules/fields.ts';
import { contains } from '../rules/ip.ts';
import { overlap, type PortRange, parseRange, parseRulePorts } from '../rules/rule-ports.ts';
import { nameOf } from '../schema/paths.ts';
import type { StoredObject } from './store.ts';
import type { GceWorld } from './world.ts';

/** What these forwarding rules serve: to be reached, a port needs a firewall rule for the rule's address as well. */
export function servedBy(world: GceWorld, rules: readonly StoredObject[]): readonly Served[] {
  return rules.flatMap(rule =>
    textOf(rule.fields, 'target') === undefined ? passedThrough(world, rule) : proxied(world, rule),
  );
}

function passedThrough(world: GceWorld, { fields }: StoredObject): readonly Served[] {
  const backends = backendsOf(world, world.store.find(pathOf(fields['backendService'])));
  const { ranges } = parseRulePorts(fields);
  const address = textOf(fields, 'IPAddress') ?? '';
  const protocols =
    fields['IPProtocol'] === 'L3_DEFAULT' ? (['TCP', 'UDP'] as const) : [fields['IPProtocol'] as 'TCP' | 'UDP'];
  return protocols.flatMap(protocol => {
    const openings = openingsTo(world, address, protocol).filter(({ range }) => overlap([range], ranges));
    const ports = [...new Set(openings.flatMap(({ range }) => portsIn(range, ranges)))];
    return ports.map(port => ({ protocol, port, backends, sourceRanges: sourcesOf(openings, port) }));
  });
}

interface Opening {
  readonly range: PortRange;
  readonly sources: readonly string[];
}

function openingsTo(world: GceWorld, address: string, protocol: string): readonly Opening[] {
  const rules = world.store
    .all('firewalls')
    .filter(
      ({ fields }) =>
        fields['disabled'] !== true &&
        listOf(fields, 'destinationRanges').some(range => contains(range, address.split('/')[0] ?? '')),
    );
  return rules.flatMap(({ fields }) =>
    partsOf(fields, 'allowed')
      .filter(one => one['IPProtocol'] === protocol.toLowerCase())
      .flatMap(one =>
        listOf(one, 'ports').map(port => ({
          range: parseRange(port, 'ports'),
          sources: listOf(fields, 'sourceRanges'),
        })),
      ),
  );
}

function portsIn({ from, to }: PortRange, ranges: readonly PortRange[]): readonly number[] {
  const all = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return all.filter(port => overlap([{ from: port, to: port }], ranges));
}

/** Empty: everyone. */
function sourcesOf(openings: readonly Opening[], port: number): readonly string[] {
  const sources = openings
    .filter(({ range }) => range.from <= port && port <= range.to)
    .flatMap(opening => opening.sources);
  return sources.some(range => range.endsWith('/0')) ? [] : [...new Set(sources)];
}

function proxied(world: GceWorld, { fields }: StoredObject): readonly Served[] {
  const proxy = world.store.find(pathOf(fields['target']));
  const service = world.store.find(pathOf(proxy?.fields['service']));
  const [range] = parseRulePorts(fields).ranges;
  const nodePort = namedPortOf(world, service);
  if (range === undefined || nodePort === undefined) return [];
  return [{ protocol: 'TCP', port: range.from, nodePort, backends: backendsOf(world, service), sourceRanges: [] }];
}

/** The one port that all of its groups know under its name. */
function namedPortOf(world: GceWorld, service: StoredObject | undefined): number | undefined {
  const groups = groupsOf(world, service);
  const ports = groups.map(
    group => partsOf(group.fields, 'namedPorts').find(({ name }) => name === service?.fields['portName'])?.['port'],
  );
  const [first] = ports;
  return typeof first === 'number' && ports.every(port => port === first) ? first : undefined;
}

/** Node and instance have one name. */
const backendsOf = (world: GceWorld, service: StoredObject | undefined): readonly string[] =>
  groupsOf(world, service).flatMap(({ members }) => [...members].map(nameOf));

function groupsOf(world: GceWorld, service: StoredObject | undefined): readonly StoredObject[] {
  return partsOf(service?.fields ?? {}, 'backends').flatMap(({ group }) => world.store.find(pathOf(group)) ?? []);
}

const pathOf = (link: unknown): string => String(link).replace(/^.*\/compute\/v1\//, '');
