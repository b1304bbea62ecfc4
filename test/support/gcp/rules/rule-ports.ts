import { badRequest, invalid } from '../world/api-error.ts';
import type { Fields } from '../world/store.ts';
import { listOf, textOf } from './fields.ts';

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** How a forwarding rule names its ports. */
export interface RulePorts {
  readonly form: 'ports' | 'portRange' | 'allPorts' | 'none';
  readonly ranges: readonly PortRange[];
}

const everything = { from: 0, to: 65_535 };

/** `ports`, `portRange` and `allPorts` exclude each other; five ports at most. */
export function parseRulePorts(fields: Fields): RulePorts {
  const ports = listOf(fields, 'ports');
  const range = textOf(fields, 'portRange');
  const all = fields['allPorts'] === true;
  if ([ports.length > 0, range !== undefined, all].filter(Boolean).length > 1)
    throw invalid("Invalid value for field 'resource.ports': ports, portRange and allPorts are mutually exclusive.");
  if (ports.length > 5) throw badRequest('invalid', 'Too many ports specified. Maximum is 5.');
  if (all) return { form: 'allPorts', ranges: [everything] };
  if (range !== undefined) return { form: 'portRange', ranges: [parseRange(range, 'portRange')] };
  if (ports.length === 0) return { form: 'none', ranges: [] };
  const ranges = ports.map(port => parseRange(port, 'ports'));
  if (new Set(ranges.map(({ from }) => from)).size < ports.length)
    throw invalid("Invalid value for field 'resource.ports': a port is there twice.");
  return { form: 'ports', ranges };
}

export function parseRange(text: string, field: string): PortRange {
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  if (from !== undefined && range.from >= 1 && range.from <= range.to && range.to <= 65_535) return range;
  throw invalid(
    `Invalid value for field 'resource.${field}': '${text}'. Must be a port or a range of ports from 1 to 65535.`,
  );
}

export const overlap = (one: readonly PortRange[], other: readonly PortRange[]): boolean =>
  one.some(a => other.some(b => a.from <= b.to && b.from <= a.to));
