/** What the speakers' durable records say of an address. */
export interface AnnouncementRecord {
  /** Of each candidate: Unix milliseconds since which its record has been kept; undefined: it keeps none. */
  readonly recordsSince: readonly (number | undefined)[];
  /** Unix milliseconds of the address's publication; undefined: nobody knows. */
  readonly publishedAt: number | undefined;
  /** Whether some record lists the address, or has listed it. */
  readonly isListed: boolean;
}

/** Speakers and controller have clocks of their own, and a condition's time is in whole seconds. */
const clockSkewMs = 5_000;

/**
 * Whether an address counts as announced before. Only a gapless record makes it "never": then, and only then, another host's claim to the
 * address is taken for older than ours, and the Service is moved (DESIGN §3). Pure.
 *
 * | a record lists it | publication | every candidate's record              | →     |
 * |-------------------|-------------|---------------------------------------|-------|
 * | yes               |             |                                       | yes   |
 * | no                | unknown     |                                       | yes   |
 * | no                | known       | some candidate has none               | yes   |
 * | no                | known       | some began after it, or just before   | yes   |
 * | no                | known       | all began well before it              | never |
 */
export function announcedBefore({ recordsSince, publishedAt, isListed }: AnnouncementRecord): boolean {
  if (isListed || publishedAt === undefined) return true;
  return recordsSince.some(since => since === undefined || since > publishedAt - clockSkewMs);
}
