import type { AnnouncedAddress } from '../../../src/provider/announcer.ts';
import { hashOf } from './claims/hash.ts';

/** One published address, as one segment knows it. */
export interface SegmentAddress {
  readonly address: string;
  readonly hash: number;
  readonly candidates: readonly string[];
  /** How much each is preferred; undefined: all alike. */
  readonly preferences: ReadonlyMap<string, number> | undefined;
  readonly recordedClaims: AnnouncedAddress['recordedClaims'];
  readonly announcedBefore: boolean;
  /** This process has seen somebody hold it. */
  wasHeld: boolean;
  /** After a conflict at the first probe: not tried again before this time. */
  blockedUntil: number;
}

/** The view's, with preferences to be looked up. */
export type PlacedAddress = Omit<AnnouncedAddress, 'preferences'> & Pick<SegmentAddress, 'preferences'>;

export function segmentAddress(view: PlacedAddress, before: SegmentAddress | undefined): SegmentAddress {
  return {
    address: view.address,
    hash: hashOf(view.address),
    candidates: view.candidates,
    preferences: view.preferences,
    recordedClaims: view.recordedClaims,
    announcedBefore: view.announcedBefore,
    wasHeld: before?.wasHeld === true,
    blockedUntil: before?.blockedUntil ?? 0,
  };
}
