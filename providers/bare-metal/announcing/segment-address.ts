import type { AnnouncedAddress } from '../../../src/provider/announcer.ts';
import { hashOf } from './claims/hash.ts';

/** One published address, as one segment knows it. */
export interface SegmentAddress {
  readonly address: string;
  readonly hash: number;
  readonly candidates: readonly string[];
  readonly recordedClaims: AnnouncedAddress['recordedClaims'];
  /** Somebody has held it: there is no need to probe. */
  wasHeld: boolean;
  /** After a conflict at the first probe: not tried again before this time. */
  blockedUntil: number;
}

export function segmentAddress(view: AnnouncedAddress, before: SegmentAddress | undefined): SegmentAddress {
  return {
    address: view.address,
    hash: hashOf(view.address),
    candidates: view.candidates,
    recordedClaims: view.recordedClaims,
    wasHeld: view.announcedBefore || before?.wasHeld === true,
    blockedUntil: before?.blockedUntil ?? 0,
  };
}
