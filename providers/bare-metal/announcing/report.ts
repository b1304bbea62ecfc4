import type { AnnouncerReport } from '../../../src/provider/announcer.ts';
import type { Segment } from './segment.ts';
import type { PlacedAddress } from './segment-address.ts';

export interface ReportParts {
  readonly node: string;
  readonly addresses: Iterable<PlacedAddress>;
  readonly segments: readonly Segment[];
  segmentOf(address: string): Segment | undefined;
  readonly twins: ReadonlyMap<string, string>;
}

/** What the node has to say to people and to the controller. */
export function composeReport(parts: ReportParts): AnnouncerReport {
  const addresses = [...parts.addresses];
  return {
    claims: parts.segments.flatMap(segment => segment.claims()),
    conflicts: parts.segments.flatMap(segment =>
      [...segment.conflicts.entries()].map(([address, { mac, isFirst }]) => ({ address, mac, isFirst })),
    ),
    refusals: addresses.flatMap(address => refusalOf(address, parts)),
    occupied: parts.segments.filter(({ isDown }) => !isDown).flatMap(({ prober }) => prober.occupied()),
    warnings: [...twinWarnings(parts), ...muteWarnings(parts, addresses)],
  };
}

/** Only where something is wrong: that another node has an address is as it should be. */
function refusalOf(
  { address, candidates, interfaces }: PlacedAddress,
  parts: ReportParts,
): AnnouncerReport['refusals'] {
  if (!candidates.includes(parts.node)) return [];
  const segment = parts.segmentOf(address);
  if (segment === undefined) {
    const where =
      interfaces === undefined
        ? `no interface of this node that is up has a subnet with ${address}: give the node an address of that subnet, or name interfaces in the pool's announce.interfaces`
        : `none of the pool's interfaces (${interfaces.join(', ')}) is up on this node`;
    return [{ address, reason: 'NoInterface', message: where }];
  }
  const conflict = segment.conflicts.get(address);
  if (conflict?.isFirst === true) {
    const message = `${conflict.mac} on ${segment.name} answers for ${address} already: take the address off that host, or out of the pool`;
    return [{ address, reason: 'AddressInUse', message }];
  }
  const awaited =
    segment.isActive && segment.holderOf(address) === undefined ? segment.waitsFor(candidates) : undefined;
  if (awaited === undefined) return [];
  const message = `node ${awaited} may announce ${address}, its Lease is fresh and it is not heard on ${segment.name} yet: waiting for up to 10 s`;
  return [{ address, reason: 'WaitingForNode', message }];
}

function twinWarnings({ twins }: ReportParts): AnnouncerReport['warnings'] {
  return [...twins].map(([name, other]) => ({
    reason: 'SameSegment',
    message: `${name} is on the same segment as ${other} and is not used for announcing: take one of the two off the segment`,
  }));
}

/** A node that was heard before, or that says it announces here. One that is on other segments only is nothing to warn of. */
function muteWarnings({ segments }: ReportParts, addresses: readonly PlacedAddress[]): AnnouncerReport['warnings'] {
  return segments.flatMap(segment => {
    const recorded = new Set(
      segment.mute.size === 0
        ? []
        : addresses.flatMap(({ address, recordedClaims }) =>
            segment.claiming.address(address) === undefined ? [] : recordedClaims.map(({ node }) => node),
          ),
    );
    return [...segment.mute]
      .filter(node => !segment.isDown && (segment.hasBeenHeard(node) || recorded.has(node)))
      .map(node => ({
        reason: 'HeartbeatsUnheard',
        message: `node ${node} has a fresh Lease but is not heard on ${segment.name}; its Lease and its claims' records are used instead: let broadcasts of EtherType 0x88B5 pass between the nodes`,
      }));
  });
}
