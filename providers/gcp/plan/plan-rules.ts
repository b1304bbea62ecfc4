import { mostPortsInRule, type PortLayout, type ProtocolPorts, type RuleProtocol } from '../desired/port-layout.ts';
import type { Known } from '../model/kinds.ts';

type Rule = Known<'forwardingRules'>;

export interface RulesInput {
  readonly layout: PortLayout;
  /** All of the Service's, of one family. */
  readonly found: readonly Rule[];
  /** Path of the backend service that they must lead to. */
  readonly backendService: string;
  /** Firewall rules of ours have the exact ports: a forwarding rule may have more. */
  readonly isFiltered: boolean;
  /** Two rules cannot share the address. */
  readonly isExclusive: boolean;
}

export interface NewRule {
  readonly protocol: RuleProtocol;
  readonly ports: readonly number[] | 'all';
}

export interface RulesPlan {
  readonly keep: readonly Rule[];
  /** What would be in the way of new rules: it goes before them. */
  readonly replace: readonly Rule[];
  /** Nothing keeps the address meanwhile: it has to be reserved. */
  readonly hold: boolean;
  readonly insert: readonly NewRule[];
  /** What is not wanted any more: it goes after the new rules are there. */
  readonly remove: readonly Rule[];
}

/**
 * Rules cannot be changed, and an address lives as long as one of them has it: so what can stay stays, ports that are new get a rule more, and
 * only what is in the way is replaced. Pure.
 *
 * | layout     | found           | filtered | →                                                    |
 * |------------|-----------------|----------|------------------------------------------------------|
 * | 80         | none            |          | insert 80                                            |
 * | 80         | 80              |          | keep                                                 |
 * | 80 443     | 80              |          | keep, insert 443                                     |
 * | 80         | 80 443          | yes      | keep: the firewall shuts 443                         |
 * | 80         | 80 443          | no       | hold, replace by 80                                  |
 * | 443        | 80              |          | insert 443, then remove 80                           |
 * | 80 443     | 80 (internal)   |          | hold, replace by 80 443: rules share no address there |
 * | all of TCP | TCP 80          |          | hold, replace                                        |
 * | 80         | all             |          | hold, replace                                        |
 */
export function planRules(input: RulesInput): RulesPlan {
  const { layout, found, isExclusive } = input;
  const keep = layout.kind === 'all' ? keptOfAll(input) : keptOfList(input);
  const missing = missingFrom(layout, keep);
  // Where rules share no address, it is all or nothing.
  const isWhole = missing.length === 0 || !isExclusive;
  const kept = isWhole ? keep : [];
  const insert = isWhole ? missing : missingFrom(layout, []);
  const gone = found.filter(rule => !kept.includes(rule));
  const replace = gone.filter(rule => insert.some(one => isExclusive || overlaps(rule, one)));
  const remove = gone.filter(rule => !replace.includes(rule));
  return { keep: kept, replace, hold: replace.length > 0 && kept.length === 0 && remove.length === 0, insert, remove };
}

function keptOfAll({ layout, found, backendService }: RulesInput): readonly Rule[] {
  if (layout.kind !== 'all') return [];
  return found
    .filter(
      rule => rule.allPorts === true && rule.IPProtocol === layout.protocol && rule.backendService === backendService,
    )
    .slice(0, 1);
}

function keptOfList({ layout, found, backendService, isFiltered, isExclusive }: RulesInput): readonly Rule[] {
  if (layout.kind !== 'list') return [];
  const open = new Map(layout.ports.map(({ protocol, ports }) => [protocol as string, new Set(ports)]));
  const kept: Rule[] = [];
  for (const rule of found.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const wanted = open.get(rule.IPProtocol ?? '');
    const ports = portsOf(rule);
    if (wanted === undefined || ports === 'all' || rule.backendService !== backendService) continue;
    const all = layout.ports.find(one => one.protocol === rule.IPProtocol)?.ports ?? [];
    const isUseful = ports.some(port => wanted.has(port));
    const isExact = ports.every(port => all.includes(port));
    if (!isUseful || !(isExact || isFiltered) || (isExclusive && kept.length > 0)) continue;
    for (const port of ports) wanted.delete(port);
    kept.push(rule);
  }
  return kept;
}

function missingFrom(layout: PortLayout, kept: readonly Rule[]): readonly NewRule[] {
  if (layout.kind === 'all') return kept.length > 0 ? [] : [{ protocol: layout.protocol, ports: 'all' }];
  return layout.ports.flatMap(one => chunks(one, kept));
}

function chunks({ protocol, ports }: ProtocolPorts, kept: readonly Rule[]): readonly NewRule[] {
  const served = new Set(
    kept
      .filter(rule => rule.IPProtocol === protocol)
      .flatMap(rule => {
        const own = portsOf(rule);
        return own === 'all' ? [] : own;
      }),
  );
  const missing = ports.filter(port => !served.has(port));
  const rules: NewRule[] = [];
  for (let at = 0; at < missing.length; at += mostPortsInRule)
    rules.push({ protocol, ports: missing.slice(at, at + mostPortsInRule) });
  return rules;
}

function overlaps(rule: Rule, { protocol, ports }: NewRule): boolean {
  const own = portsOf(rule);
  const isSameProtocol = rule.IPProtocol === protocol || [rule.IPProtocol, protocol].includes('L3_DEFAULT');
  return isSameProtocol && (own === 'all' || ports === 'all' || own.some(port => ports.includes(port)));
}

/** A range is never ours: it counts as everything, and so is in the way of whatever comes. */
function portsOf({ ports, portRange }: Rule): readonly number[] | 'all' {
  return ports === undefined || ports.length === 0 || portRange !== undefined ? 'all' : ports.map(Number);
}
