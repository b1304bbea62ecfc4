import { GceFault } from './gce-fault.ts';

/** A change may have been applied or not: whoever asked for it must look before the next one. */
export class UnknownOutcome extends Error {
  override readonly name = 'UnknownOutcome';
}

/** What the API has said behind an error that `GceApi` has thrown; undefined where it has said nothing. */
export function gceFaultOf(error: unknown): GceFault | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof GceFault) return at;
  return undefined;
}

/** It, or something that it names, is not there. */
export const isNotFound = (error: unknown): boolean => {
  const fault = gceFaultOf(error);
  return fault?.http === 404 || /^(?:notFound|resourceNotFound)$/.test(fault?.reason ?? '');
};

/** The name is taken: by us, by an earlier request whose answer was lost, or by somebody else. Not so an address that is taken. */
export const isAlreadyExists = (error: unknown): boolean =>
  /^(?:alreadyExists|resourceAlreadyExists|memberAlreadyExists)$/.test(gceFaultOf(error)?.reason ?? '');

/** Something else holds on to it, or is not made yet: often for seconds only. */
export const isInUse = (error: unknown): boolean =>
  /^(?:resourceInUseByAnotherResource|resourceInUse|resourceNotReady)$/.test(gceFaultOf(error)?.reason ?? '');

/** Somebody has changed it since it was read. An organisation's policy that forbids something is 412 too, but no matter of reading again. */
export const isFingerprintStale = (error: unknown): boolean => gceFaultOf(error)?.reason === 'conditionNotMet';

export const isUnknownOutcome = (error: unknown): boolean => error instanceof UnknownOutcome;
