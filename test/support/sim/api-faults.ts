/** What can happen to one request on its way to the API server and back. */
export const apiFaults = [
  'none',
  'slow',
  'conflict',
  'throttled',
  'failed',
  'reset-before',
  'reset-after',
  'hang',
  'kill-before',
  'kill-after',
  'pause-before',
  'pause-after',
] as const;
export type ApiFault = (typeof apiFaults)[number];

/** What can happen to one watch, besides the request that opens it: `late` streams lag behind, `silent` ones stop without an end. */
export const watchFaults = ['none', 'late', 'silent', 'reset', 'expired'] as const;
export type WatchFault = (typeof watchFaults)[number];
