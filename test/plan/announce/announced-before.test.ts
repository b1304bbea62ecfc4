import { describe, expect, test } from 'vitest';
import { type AnnouncementRecord, announcedBefore } from '../../../src/plan/announce/announced-before.ts';

const publishedAt = 1_000_000;
const never: AnnouncementRecord = { publishedAt, isListed: false, recordsSince: [1, 900_000] };

describe('an address counts as announced before', () => {
  test.each<readonly [string, Partial<AnnouncementRecord>, boolean]>([
    ['not when all records are older, and none lists it', {}, false],
    ['when one lists it', { isListed: true }, true],
    ['when nobody knows since when it is published', { publishedAt: undefined }, true],
    ['when a candidate keeps no record', { recordsSince: [1, undefined] }, true],
    ['when a record is younger than the publication', { recordsSince: [1, publishedAt + 1] }, true],
    ['when a record is hardly older: clocks differ', { recordsSince: [1, publishedAt - 4_000] }, true],
    ['not when nobody may announce it', { recordsSince: [] }, false],
  ])('%s', (_, more, expected) => {
    expect(announcedBefore({ ...never, ...more })).toBe(expected);
  });
});
