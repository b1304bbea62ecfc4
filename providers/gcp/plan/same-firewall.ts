import type { Firewall, PortRule } from '../client/resources.ts';

/** Whether a firewall rule does what is wanted. Pure. Lists are sets, protocols are small, and a single address may have its length. */
export function sameFirewall(wanted: Firewall, found: Firewall): boolean {
  return (
    found.description === wanted.description &&
    (found.priority ?? 1_000) === (wanted.priority ?? 1_000) &&
    found.disabled !== true &&
    sameSet(wanted.sourceRanges, found.sourceRanges) &&
    sameSet(wanted.destinationRanges, found.destinationRanges) &&
    sameSet(wanted.targetTags, found.targetTags) &&
    sameSet(entriesOf(wanted.allowed), entriesOf(found.allowed))
  );
}

function sameSet(one: readonly string[] = [], other: readonly string[] = []): boolean {
  const set = new Set(one.map(plain));
  return set.size === new Set(other.map(plain)).size && other.every(entry => set.has(plain(entry)));
}

function plain(entry: string): string {
  return entry.replace(/\/(?:32|128)$/, '');
}

function entriesOf(rules: readonly PortRule[] = []): readonly string[] {
  return rules.flatMap(({ IPProtocol, ports = ['every'] }) => ports.map(port => `${IPProtocol.toLowerCase()} ${port}`));
}
