import type { Service, ServicePort } from '../kube/objects.ts';
import { annotations } from './words.ts';

/** Inclusive. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export const defaultNodePortRange: PortRange = { first: 30_000, last: 32_767 };

/** Position in `spec.ports` → the number to put there. */
export type NodePortProposal = ReadonlyMap<number, number>;

export function hasMissingNodePorts(service: Service): boolean {
  return (service.spec.ports ?? []).some(isMissing);
}

function isMissing(port: ServicePort): boolean {
  return (port.nodePort ?? 0) === 0;
}

/**
 * The band in which the API server itself draws ports at random; below it lie those that people ask for by number (KEP-3668).
 *
 * | size of the range | static part              |
 * |-------------------|--------------------------|
 * | ≤ 16              | 0                        |
 * | else              | size/32, at least 16, at most 128 |
 */
export function dynamicBand(range: PortRange): PortRange {
  const size = range.last - range.first + 1;
  const reserved = size <= 16 ? 0 : Math.min(Math.max(Math.floor(size / 32), 16), 128);
  return { first: range.first + reserved, last: range.last };
}

/**
 * Numbers for the ports that have none. Pure, given chance. Never changes a number that is there. Ports that differ in protocol only
 * share one, as the API server does on create. A number that the Service had before is proposed again first.
 */
export function proposeNodePorts(
  service: Service,
  range: PortRange,
  random: () => number,
  refused: ReadonlySet<number>,
): NodePortProposal {
  const ports = service.spec.ports ?? [];
  const remembered = rememberedNodePorts(service);
  const taken = new Set([...refused, ...ports.map(port => port.nodePort ?? 0)]);
  const used = new Set(ports.map(port => protocolAndNumber(port, port.nodePort ?? 0)));
  const byPort = new Map<number, number>();
  for (const port of ports) if (!isMissing(port)) byPort.set(port.port, port.nodePort ?? 0);
  const proposal = new Map<number, number>();
  for (const [index, port] of ports.entries()) {
    if (!isMissing(port)) continue;
    const shared = byPort.get(port.port);
    const mayShare = shared !== undefined && !refused.has(shared) && !used.has(protocolAndNumber(port, shared));
    const number = mayShare ? shared : freeNumber(remembered.get(port.port), dynamicBand(range), random, taken);
    if (number === undefined) return new Map();
    byPort.set(port.port, number);
    taken.add(number);
    used.add(protocolAndNumber(port, number));
    proposal.set(index, number);
  }
  return proposal;
}

function protocolAndNumber({ protocol = 'TCP' }: ServicePort, number: number): string {
  return `${protocol}/${number}`;
}

function freeNumber(
  remembered: number | undefined,
  band: PortRange,
  random: () => number,
  taken: ReadonlySet<number>,
): number | undefined {
  if (remembered !== undefined && !taken.has(remembered)) return remembered;
  const size = band.last - band.first + 1;
  const start = Math.floor(random() * size);
  for (let step = 0; step < size; step++) {
    const number = band.first + ((start + step) % size);
    if (!taken.has(number)) return number;
  }
  return undefined;
}

/** `53=31234,80=31235` in the annotation: a hint that a tenant may have written, so read with bounds. */
function rememberedNodePorts(service: Service): ReadonlyMap<number, number> {
  const text = service.metadata.annotations?.[annotations.nodePorts.key] ?? '';
  const pairs = [...text.slice(0, 4_000).matchAll(/(?:^|,)(\d{1,5})=(\d{1,5})(?=,|$)/g)];
  return new Map(pairs.map(([, port, nodePort]) => [Number(port), Number(nodePort)]));
}

/** One JSON patch (RFC 6902) for `services`. */
export type JsonPatch = readonly { readonly op: 'test' | 'add'; readonly path: string; readonly value: unknown }[];

/** Writes the proposal and nothing else, and only onto the very object that was read. */
export function nodePortPatch(service: Service, proposal: NodePortProposal): JsonPatch {
  const ports = service.spec.ports ?? [];
  const filled = ports.map((port, index) => [port.port, proposal.get(index) ?? port.nodePort ?? 0] as const);
  const record = [...new Map(filled)].map(([port, nodePort]) => `${port}=${nodePort}`).join(',');
  return [
    { op: 'test', path: '/metadata/uid', value: service.metadata.uid },
    { op: 'test', path: '/metadata/resourceVersion', value: service.metadata.resourceVersion },
    ...[...proposal].flatMap(([index, number]) => [
      { op: 'test', path: `/spec/ports/${index}/port`, value: ports[index]?.port } as const,
      { op: 'test', path: `/spec/ports/${index}/protocol`, value: ports[index]?.protocol ?? 'TCP' } as const,
      { op: 'add', path: `/spec/ports/${index}/nodePort`, value: number } as const,
    ]),
    ...(service.metadata.annotations === undefined
      ? [{ op: 'add', path: '/metadata/annotations', value: {} } as const]
      : []),
    { op: 'add', path: `/metadata/annotations/${annotations.nodePorts.key.replace('/', '~1')}`, value: record },
  ];
}
