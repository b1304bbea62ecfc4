import type { AnnouncerReport } from '../../provider/announcer.ts';

/** `status` of a Speaker object (deploy/crds/speakers.yaml): what its node's speaker tells. */
export interface SpeakerStatus {
  readonly bootId: string;
  /** RFC 3339. */
  readonly since: string;
  /** More than `claims` has where not all fit. */
  readonly claimCount: number;
  readonly claims: AnnouncerReport['claims'];
  readonly refusals: AnnouncerReport['refusals'];
  readonly conflicts: AnnouncerReport['conflicts'];
  readonly occupied: AnnouncerReport['occupied'];
  readonly warnings: AnnouncerReport['warnings'];
}

/** About 70 bytes each: 5,000 make 350 KB, and etcd takes objects of 1.5 MiB. The schema has the same bound. */
const mostClaims = 10_000;
const mostOthers = 1_000;
const mostWarnings = 100;
/** Of one reason: who has thousands for one reason wants to know it, and not each. */
const mostOfOneReason = 20;
const longestReason = 128;
const longestMessage = 1_000;

/** The status for a report; `more`: the addresses of which this node is no candidate. In one order, so that equal ones are equal texts. Pure. */
export function speakerStatus(
  process: { readonly bootId: string; readonly since: number },
  report: AnnouncerReport,
  more: AnnouncerReport['refusals'],
): SpeakerStatus {
  return {
    bootId: process.bootId,
    since: new Date(process.since).toISOString(),
    claimCount: report.claims.length,
    claims: report.claims.toSorted(byAddress).slice(0, mostClaims).map(claimOf),
    refusals: shortened([...report.refusals, ...more]),
    conflicts: report.conflicts.toSorted(byAddress).slice(0, mostOthers),
    occupied: report.occupied.toSorted(byAddress).slice(0, mostOthers),
    warnings: report.warnings.slice(0, mostWarnings).map(({ reason, message }) => ({
      reason: reason.slice(0, longestReason),
      message: message.slice(0, longestMessage),
    })),
  };
}

function claimOf({ address, interface: name, since }: AnnouncerReport['claims'][number]) {
  return { address, interface: name, since: Math.floor(since) };
}

function shortened(refusals: AnnouncerReport['refusals']): AnnouncerReport['refusals'] {
  const byReason = Map.groupBy(refusals.toSorted(byAddress), one => one.reason);
  const reasons = [...byReason].sort(([a], [b]) => (a < b ? -1 : 1));
  return reasons.flatMap(([reason, all]) => {
    const others = all.length - mostOfOneReason;
    return all.slice(0, mostOfOneReason).map(({ address, message }, index) => {
      const tail = index === 0 && others > 0 ? ` (and so for ${others} more addresses than are listed)` : '';
      return {
        address,
        reason: reason.slice(0, longestReason),
        message: `${message.slice(0, longestMessage - tail.length)}${tail}`,
      };
    });
  });
}

function byAddress(a: { readonly address: string }, b: { readonly address: string }): number {
  return a.address < b.address ? -1 : Number(a.address > b.address);
}
